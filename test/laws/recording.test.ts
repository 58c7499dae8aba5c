/** A recording of real nodes can be written down, read back and checked; traffic and trees keep the laws. */
import { memoryHub, Node, type Process } from "@otp/core";
import { call, type Call, GenServer, ok, reply, start, Supervisor } from "@otp/genserver";
import {
  checkRecording,
  readRecording,
  record,
  type Recording,
  runTraffic,
  Schedule,
  simulate,
  startTree,
  supervisionTrees,
  trafficBetween,
} from "@otp/testing";
import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it, onTestFinished, vi } from "vitest";

interface Protocol {
  call: Call<"next", number>;
}

class Counter extends GenServer<number, Protocol> {
  override init() {
    return ok(0);
  }
  override handleCall(_next: Protocol["call"], _from: unknown, count: number) {
    return reply(count + 1, count + 1);
  }
}

const logger = pino({ level: "silent" });
const patience = { timeout: 60_000, interval: 10 };

async function startPair(): Promise<readonly [Node, Node]> {
  const hub = memoryHub();
  const begin = async (name: string): Promise<Node> => {
    const node = await Node.start({ name, cookie: "law", transport: hub.transport(), logger });
    onTestFinished(() => node.stop());
    return node;
  };
  return [await begin("a@law"), await begin("b@law")];
}

/** Some of everything between two nodes, on the real clock, recorded on both. */
async function work(): Promise<readonly Recording[]> {
  const [a, b] = await startPair();
  const recordings = [record(a), record(b)];
  await a.connect(b.name);
  const counter = await start(b, Counter);
  const got: unknown[] = [];
  a.spawn(async (self: Process) => {
    self.trapExit = true;
    const ref = self.monitor(counter);
    for (let n = 1; n <= 5; n += 1) got.push(await call(self, counter, { type: "next" }));
    self.send<unknown>(counter, { stray: [1, "two", null] });
    self.sendExit(counter, "kill");
    await self.receive({ type: "DOWN", ref });
    got.push(await self.receive({ never: true }, { after: 5 }));
    self.link(counter);
    await self.receive({ type: "EXIT" });
    got.push("over");
  });
  await vi.waitFor(() => expect(got.at(-1)).toBe("over"), patience);
  const supervisor = await Supervisor.start(a, [Counter], { strategy: "one_for_one" });
  const [child] = await Supervisor.whichChildren(a, supervisor);
  if (typeof child?.pid === "object") a.sendExit(child.pid, "kill");
  await vi.waitFor(async () => {
    const [next] = await Supervisor.whichChildren(a, supervisor);
    expect(next?.pid).not.toBe(child?.pid);
  }, patience);
  await Supervisor.stop(a, supervisor);
  return recordings;
}

describe("a recording", () => {
  it("of nodes that do their work says nothing against the laws, before and after it was written down", async () => {
    const recordings = await work();
    const lines = recordings.flatMap((recording) => recording.lines);
    expect(lines.length).toBeGreaterThan(50);
    expect(readRecording(lines)).toEqual(recordings.flatMap(({ events }) => events));
    expect(checkRecording(lines)).toEqual([]);
    for (const kind of [
      "send",
      "deliver",
      "handle",
      "call",
      "answer",
      "in",
      "out",
      "up",
      "down",
      "supervisor",
      "timeout",
    ]) {
      expect(
        lines.some((line) => line.includes(`"kind":"${kind}"`)),
        kind,
      ).toBe(true);
    }
  });

  it("that was tampered with breaks them", async () => {
    const lines = (await work()).flatMap((recording) => recording.lines);
    const twice = (...parts: readonly string[]): readonly string[] => {
      const line = lines.find((one) => parts.every((part) => one.includes(part)));
      return checkRecording(lines.flatMap((one) => (one === line ? [one, one] : [one])));
    };
    for (const kind of ["exit", "down", "answer", "expire"]) expect(twice(`"kind":"${kind}"`), kind).not.toEqual([]);
    expect(twice('"kind":"in"', '"op":"linkExit"')).not.toEqual([]);
  });

  it("costs nothing once it is stopped, and can be written line by line", async () => {
    const node = await Node.start({ logger });
    onTestFinished(() => node.stop());
    const lines: string[] = [];
    const recording = record(node, { write: (line) => lines.push(line) });
    const pid = node.spawn(async (self) => {
      for (;;) await self.receive();
    });
    node.send<unknown>(pid, "kept");
    await vi.waitFor(() => expect(lines.join("\n")).toContain("'kept'"), patience);
    recording.stop();
    const count = lines.length;
    node.send<unknown>(pid, "not kept");
    await vi.waitFor(() => expect(node.info(pid, "messageQueueLen")).toBe(0), patience);
    expect(lines).toHaveLength(count);
    expect(recording.events).toEqual([]);
    expect(checkRecording(lines)).toEqual([]);
  });

  it("that is no recording is refused, with the line", () => {
    expect(() => readRecording(["", "nonsense"])).toThrow(/line 2.*nonsense/u);
  });
});

describe("in simulations", () => {
  it("random traffic keeps the laws, whatever the seed", async () => {
    await fc.assert(
      fc.asyncProperty(trafficBetween(), fc.nat(), async (traffic, seed) => {
        await simulate(Schedule.drawn(seed), async (sim) => {
          const nodes = [await sim.node("a"), await sim.node("b")];
          await sim.mesh();
          await runTraffic(nodes, traffic);
          await sim.settle();
        });
      }),
      { numRuns: 10 },
    );
  });

  it("random trees start, and stop without orphans", async () => {
    await fc.assert(
      fc.asyncProperty(supervisionTrees(), fc.nat(), async (tree, seed) => {
        await simulate(Schedule.drawn(seed), async (sim) => {
          const node = await sim.node("a");
          const before = node.processes().length;
          const root = await startTree(node, tree);
          expect((await Supervisor.countChildren(node, root)).specs).toBe(tree.children.length);
          await Supervisor.stop(node, root);
          await sim.run("toQuiescence");
          expect(node.processes().length).toBe(before);
        });
      }),
      { numRuns: 15 },
    );
  });
});
