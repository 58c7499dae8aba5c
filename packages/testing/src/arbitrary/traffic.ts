/** Arbitrary traffic between processes: who sends, calls, watches, links and ends whom, as plain data. */
import type { Node, Pid, Process } from "@otp/core";
import { call, cast, GenServer, noreply, ok, reply, start } from "@otp/genserver";
import fc from "fast-check";

/**
 * What a process does to another, both by their numbers.
 *
 * @see runTraffic
 */
export interface TrafficStep {
  readonly from: number;
  readonly to: number;
  readonly op: "send" | "cast" | "call" | "monitor" | "demonitor" | "link" | "unlink" | "exit" | "trap";
}

/**
 * Some processes and what they do, in order.
 *
 * @see runTraffic
 */
export interface Traffic {
  readonly processes: number;
  readonly steps: readonly TrafficStep[];
}

/**
 * How much traffic.
 *
 * @see trafficBetween
 */
export interface TrafficOptions {
  /** Default 4. */
  readonly processes?: number;
  /** How many steps at most. Default 30. */
  readonly steps?: number;
}

/**
 * Traffic; it shrinks to fewer steps.
 *
 * @example
 * import fc from "fast-check";
 *
 * const [traffic] = fc.sample(trafficBetween({ processes: 3 }), 1);
 * traffic?.processes; // => 3
 */
export function trafficBetween({ processes = 4, steps = 30 }: TrafficOptions = {}): fc.Arbitrary<Traffic> {
  const who = fc.nat(processes - 1);
  const step = fc.record({
    from: who,
    to: who,
    op: fc.constantFrom<TrafficStep["op"]>(
      "send",
      "send",
      "cast",
      "call",
      "monitor",
      "demonitor",
      "link",
      "unlink",
      "exit",
      "trap",
    ),
  });
  return fc.record({ processes: fc.constant(processes), steps: fc.array(step, { maxLength: steps }) });
}

interface Memory {
  /** The refs of what it monitors, latest last. */
  readonly refs: readonly unknown[];
}

/** What an actor is told: to do something to another. */
interface Deed {
  readonly op: TrafficStep["op"];
  readonly other: Pid<never>;
  readonly n: number;
}

/** A server that does to others what it is told, and answers calls. */
class Actor extends GenServer<Memory> {
  override init() {
    return ok({ refs: [] });
  }

  override handleCall(_request: unknown, _from: unknown, memory: Memory) {
    return reply("here", memory);
  }

  override handleCast(_message: unknown, memory: Memory) {
    return noreply(memory);
  }

  override handleInfo(message: unknown, memory: Memory) {
    return noreply(isDeed(message) ? act(this.self, message, memory) : memory);
  }
}

function act(self: Process, { op, other, n }: Deed, memory: Memory): Memory {
  switch (op) {
    case "send":
      self.send<unknown>(other, { n });
      return memory;
    case "cast":
      cast(self, other, { n });
      return memory;
    case "call":
      // In a process of its own: an actor that waits for another could wait for itself.
      self.spawn(async (client: Process) => {
        await call(client, other, { n }, 1_000).catch(() => undefined);
      });
      return memory;
    case "monitor":
      return { refs: [...memory.refs, self.monitor(other)] };
    case "demonitor": {
      const ref = memory.refs.at(-1);
      if (isRef(ref)) self.demonitor(ref, { flush: n % 2 === 0 });
      return { refs: memory.refs.slice(0, -1) };
    }
    case "link":
      self.link(other);
      return memory;
    case "unlink":
      self.unlink(other);
      return memory;
    case "exit":
      self.sendExit(other, (["normal", "oops", "kill"] as const)[n % 3] ?? "oops");
      return memory;
    case "trap":
      self.trapExit = n % 2 === 0;
      return memory;
  }
}

/**
 * Carries out traffic on some nodes: the processes live on them in turn. Resolves when everything has been set going; what it
 * leads to takes its course.
 *
 * @example
 * await simulate(Schedule.drawn(1), async (sim) => {
 *   const node = await sim.node("a");
 *   const actors = await runTraffic([node], { processes: 2, steps: [{ from: 0, to: 1, op: "link" }, { from: 1, to: 0, op: "exit" }] });
 *   await sim.run("toQuiescence");
 *   actors.length; // => 2
 * });
 */
export async function runTraffic(
  nodes: readonly Node[],
  { processes, steps }: Traffic,
): Promise<readonly Pid<never>[]> {
  const actors: { readonly node: Node; readonly pid: Pid<never> }[] = [];
  for (let place = 0; place < processes; place += 1) {
    const node = nodes[place % nodes.length];
    if (node === undefined) throw new Error("expected at least one node");
    actors.push({ node, pid: await start(node, Actor) });
  }
  for (const [n, { from, to, op }] of steps.entries()) {
    const [one, other] = [actors[from], actors[to]];
    if (one !== undefined && other !== undefined) one.node.send<unknown>(one.pid, { op, other: other.pid, n });
  }
  return actors.map(({ pid }) => pid);
}

function isDeed(message: unknown): message is Deed {
  return typeof message === "object" && message !== null && "op" in message && "other" in message && "n" in message;
}

function isRef(value: unknown): value is Parameters<Process["demonitor"]>[0] {
  return typeof value === "object" && value !== null;
}
