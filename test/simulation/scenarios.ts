/** Ten programs of different kinds, each a cluster that is busy with something. */
import type { Node, Pid, Process } from "@otp/core";
import { call, type Call, GenServer, noreply, ok, reply, start, Supervisor } from "@otp/genserver";
import type { Scenario, Simulation, SimulateOptions } from "@otp/testing";

/** A program and how it is run. */
export interface Program {
  readonly scenario: Scenario;
  readonly options?: SimulateOptions;
}

const sleeper = async (self: Process): Promise<void> => self.sleep("infinity");

async function nodesOf(sim: Simulation, names: string): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (const name of names) nodes.push(await sim.node(name));
  await sim.mesh();
  return nodes;
}

interface Counting {
  call: Call<"next", number>;
  cast: { readonly crash: true };
}

class Counter extends GenServer<number, Counting> {
  override init() {
    return ok(0);
  }
  override handleCall(_request: Counting["call"], _from: unknown, count: number) {
    return reply(count, count + 1);
  }
  override handleCast(_crash: Counting["cast"], count: number) {
    if (count > 3) throw new Error("enough");
    return noreply(count + 1);
  }
}

class SecondCounter extends Counter {}

async function ring(sim: Simulation): Promise<void> {
  const node = await sim.node("a");
  const link = async (self: Process, left: number): Promise<void> => {
    self.trapExit = left % 3 === 0;
    if (left > 0) self.spawnLink(link, left - 1);
    await self.receive({ after: left * 3 });
    if (left === 4) self.exit("boom");
  };
  for (let n = 0; n < 3; n += 1) node.spawn(link, 6);
  await sim.run("toQuiescence");
}

async function gossip(sim: Simulation): Promise<void> {
  const nodes = await nodesOf(sim, "abc");
  const known = new Map<number, Pid>();
  for (let n = 0; n < 9; n += 1) {
    const chat = async (self: Process): Promise<void> => {
      for (let hops = 0; hops < 6; hops += 1) {
        await self.receive({ after: 20 + n });
        const next = known.get((n * 2 + hops) % 9);
        if (next !== undefined) self.send<unknown>(next, { n, hops });
      }
    };
    const node = nodes[n % 3];
    if (node !== undefined) known.set(n, node.spawn(chat));
  }
  await sim.run({ for: 500 });
}

const calls = (names: string) => async (sim: Simulation) => {
  const nodes = await nodesOf(sim, names);
  const [first] = nodes;
  const server = first && (await start(first, Counter));
  for (const node of nodes)
    for (let client = 0; client < 3; client += 1)
      node.spawn(async (self: Process) => {
        for (let n = 0; n < 4; n += 1) await call(self, server, { type: "next" }, 500);
      });
  await sim.run({ for: 4_000 });
};

async function supervision(sim: Simulation): Promise<void> {
  const node = await sim.node("a");
  const supervisor = await Supervisor.start(node, [Counter, SecondCounter], {
    strategy: "one_for_all",
    maxRestarts: 50,
  });
  for (let n = 0; n < 12; n += 1) {
    const children = await Supervisor.whichChildren(node, supervisor);
    const pid: unknown = Reflect.get(children[n % children.length] ?? {}, "pid");
    if (n % 3 === 0 && typeof pid === "object") node.sendExit(pid as Pid, "kill");
    await sim.run({ for: 10 });
  }
}

async function names(sim: Simulation): Promise<void> {
  const nodes = await nodesOf(sim, "abc");
  sim.nemesis({ partition: true, rounds: 6, durations: [500, 3_000] });
  for (const node of nodes)
    for (const name of ["x", "y"]) {
      const pid = node.spawn(sleeper);
      void node.global.registerName(name, pid);
    }
  await sim.run({ for: 3_000 });
  await sim.settle();
}

async function groups(sim: Simulation): Promise<void> {
  const nodes = await nodesOf(sim, "abc");
  for (const node of nodes) node.spawn(async (self: Process) => (node.pg.join("all", self.pid), self.sleep(400)));
  sim.nemesis({ pause: true, crash: true, rounds: 5, durations: [300, 2_500] });
  await sim.run({ for: 4_000 });
  await sim.settle();
}

async function timers(sim: Simulation): Promise<void> {
  const node = await sim.node("a");
  for (let n = 1; n < 6; n += 1)
    node.spawn(async (self: Process) => {
      const timer = self.startTimer(self.pid, n, n * 7);
      await self.receive({ after: n * 5 });
      self.cancelTimer(timer);
      await self.sleep(n);
    });
  await sim.run("toQuiescence");
}

async function watching(sim: Simulation): Promise<void> {
  const [a, b] = await nodesOf(sim, "ab");
  const watched = b?.spawn(async (self: Process) => self.sleep(2_000));
  a?.spawn(async (self: Process) => {
    self.monitorNodes(true);
    for (let n = 0; n < 5; n += 1) {
      if (watched !== undefined) self.monitor(watched);
      await self.receive({ after: 700 });
    }
  });
  sim.nemesis({ partition: true, oneWay: true, clog: true, rounds: 6, durations: [400, 3_000] });
  await sim.run({ for: 6_000 });
}

async function restarts(sim: Simulation): Promise<void> {
  const [a, b] = await nodesOf(sim, "ab");
  const probe = a && sim.probe(a);
  const pid = b?.spawn(sleeper);
  sim.crash("b");
  const again = await sim.restart("b");
  again.spawn(sleeper);
  if (pid !== undefined) await probe?.expectDown(pid);
  await sim.settle();
}

/** All of them, by what they do. */
export const programs: Readonly<Record<string, Program>> = {
  "links that break": { scenario: ring },
  gossip: { scenario: gossip, options: { weather: { loss: 0.05, duplication: 0.05 } } },
  "calls on one node": { scenario: calls("a") },
  "calls over slow links": { scenario: calls("abc"), options: { time: "bounded" } },
  supervision: { scenario: supervision },
  "global names in partitions": { scenario: names },
  "groups, pauses and crashes": { scenario: groups },
  "timers on a slow machine": { scenario: timers, options: { time: "adversarial" } },
  "monitors over bad connections": { scenario: watching },
  "a node that comes back": { scenario: restarts },
};
