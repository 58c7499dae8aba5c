/** Ours: the lives and ends of processes, their timers, memory and fairness. */
import type { Node, Pid, Process } from "@otp/core";
import { call, cast, start, stop } from "@otp/genserver";

import { Counter, inProcess } from "./otp-world.ts";
import { complete, decades, growing, type Outcome, percentile, perSecond, type Workload } from "./serve.ts";

/** The workloads, on a node. */
export function processRows(node: Node): Readonly<Record<string, Workload>> {
  return {
    spawn: (size) => inProcess(node, (self) => spawns(self, size)),
    genserver_start_stop: (size) => inProcess(node, (self) => startsAndStops(self, size)),
    monitor: (size) => inProcess(node, (self) => monitors(self, size)),
    link_storm: (size) => inProcess(node, (self) => linkStorm(self, size)),
    population: (size) => populations(node, size),
    skynet: (size) => inProcess(node, (self) => skynet(self, size)),
    timers: (size) => inProcess(node, (self) => timers(self, size)),
    idle_process: (size) => idleProcesses(node, size),
    idle_genserver: (size) => idleServers(node, size),
    fairness: (ms) => fairness(node, ms),
  };
}

async function spawns(self: Process, size: number): Promise<Outcome> {
  let ended = 0;
  const started = performance.now();
  const child = (): void => {
    ended += 1;
  };
  for (let i = 0; i < size; i += 1) self.spawn(child);
  // The last to be spawned is the last to run.
  const { ref } = self.spawnMonitor(child);
  await self.receive({ type: "DOWN", ref });
  complete(ended, size + 1, "processes run");
  return perSecond(size, started);
}

async function startsAndStops(self: Process, size: number): Promise<Outcome> {
  const started = performance.now();
  let stopped = 0;
  for (let i = 0; i < size; i += 1) {
    const server = await start(self, Counter);
    if ((await stop(self, server)) === "ok") stopped += 1;
  }
  complete(stopped, size, "servers stopped");
  return perSecond(size, started);
}

async function monitors(self: Process, size: number): Promise<Outcome> {
  const started = performance.now();
  let downs = 0;
  const child = (): void => undefined;
  for (let i = 0; i < size; i += 1) {
    const { ref } = self.spawnMonitor(child);
    const down = await self.receive({ type: "DOWN", ref });
    if (down["reason"] === "normal") downs += 1;
  }
  complete(downs, size, "DOWNs");
  return perSecond(size, started);
}

/** One process with `size` linked ones, which all end with it. */
async function linkStorm(self: Process, size: number): Promise<Outcome> {
  const idle = async (child: Process): Promise<void> => {
    await child.receive();
  };
  let living: Pid[] = [];
  const started = performance.now();
  const hub = self.spawn(async (hub: Process) => {
    living = Array.from({ length: size }, () => hub.spawnLink(idle));
    self.send(self.pid, "ready");
    await hub.receive();
  });
  await self.receive();
  const ref = self.monitor(hub);
  self.sendExit(hub, "storm");
  await self.receive({ type: "DOWN", ref });
  complete(living.filter((pid) => self.node.isProcessAlive(pid)).length, 0, "survivors");
  return perSecond(size, started);
}

/** Populations of processes that live at once, up to `size`; the value is processes per second at the largest. */
function populations(node: Node, size: number): Promise<Outcome> {
  return growing(decades(size), ({ amount }) => inProcess(node, (self) => populate(self, amount)));
}

/** Starts `size` processes, sends a message to each when all of them wait, and has each answer and end. */
async function populate(self: Process, size: number): Promise<Outcome> {
  const started = performance.now();
  const child = async (one: Process): Promise<void> => {
    self.send(self.pid, await one.receive());
  };
  const pids = Array.from({ length: size }, () => self.spawn(child));
  await self.sleep(0);
  for (const [i, pid] of pids.entries()) self.send(pid, i);
  let sum = 0;
  for (let i = 0; i < size; i += 1) sum += Number(await self.receive());
  complete(sum, (size * (size - 1)) / 2, "sum of the answers");
  return perSecond(size, started);
}

/** A tree of processes, ten children each; the leaves' numbers are added up on the way back. */
async function skynet(self: Process, size: number): Promise<Outcome> {
  const started = performance.now();
  self.spawn(skynetNode, self.pid, 0, size);
  const sum = Number(await self.receive());
  complete(sum, (size * (size - 1)) / 2, "sum of the leaves");
  return perSecond(size, started);
}

async function skynetNode(self: Process, parent: Pid, number: number, size: number): Promise<void> {
  if (size === 1) {
    self.send(parent, number);
    return;
  }
  const part = size / 10;
  for (let i = 0; i < 10; i += 1) self.spawn(skynetNode, self.pid, number + i * part, part);
  let sum = 0;
  for (let i = 0; i < 10; i += 1) sum += Number(await self.receive());
  self.send(parent, sum);
}

/** Starts `size` timers; every other one is cancelled, the rest arrives. */
async function timers(self: Process, size: number): Promise<Outcome> {
  const started = performance.now();
  let cancelled = 0;
  for (let i = 0; i < size; i += 2) {
    self.sendAfter(self.pid, { type: "tick" }, 10);
    const ref = self.sendAfter(self.pid, { type: "never" }, 60_000);
    if (self.cancelTimer(ref) !== false) cancelled += 1;
  }
  let ticks = 0;
  while (ticks < size / 2) {
    await self.receive({ type: "tick" });
    ticks += 1;
  }
  complete(cancelled, size / 2, "timers cancelled");
  return perSecond(size, started);
}

async function idleProcesses(node: Node, size: number): Promise<Outcome> {
  const before = heapUsed();
  const pids = Array.from({ length: size }, () =>
    node.spawn(async (self: Process) => {
      await self.receive();
    }),
  );
  await settled(node);
  const value = (heapUsed() - before) / size;
  complete(pids.filter((pid) => node.isProcessAlive(pid)).length, size, "idle processes");
  for (const pid of pids) node.sendExit(pid, "kill");
  return { value };
}

async function idleServers(node: Node, size: number): Promise<Outcome> {
  const before = heapUsed();
  const servers: Awaited<ReturnType<typeof start<typeof Counter>>>[] = [];
  for (let i = 0; i < size; i += 1) servers.push(await start(node, Counter));
  await settled(node);
  const value = (heapUsed() - before) / size;
  let answers = 0;
  for (const server of servers) if ((await call(node, server, { type: "get" })) === 0) answers += 1;
  complete(answers, size, "idle servers");
  for (const server of servers) node.sendExit(server, "kill");
  return { value };
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Waits until everyone who could run has run. */
async function settled(node: Node): Promise<void> {
  await inProcess(node, (self) => self.sleep(20));
}

/** How late a 10 ms timer is, at worst of a hundred, while processes keep the core busy for `ms`. */
async function fairness(node: Node, ms: number): Promise<Outcome> {
  const worst: Record<string, number> = {};
  for (const [name, load] of Object.entries(loads)) {
    worst[name] = await inProcess(node, async (self) => {
      let isOver = false;
      const busy = await load(self, () => isOver);
      const late: number[] = [];
      const until = performance.now() + ms;
      while (performance.now() < until) {
        const due = performance.now() + 10;
        self.sendAfter(self.pid, { type: "due" }, 10);
        await self.receive({ type: "due" });
        late.push(performance.now() - due);
      }
      isOver = true;
      for (const pid of busy) self.sendExit(pid, "kill");
      return percentile(late, 0.99);
    });
  }
  return { value: Math.max(...Object.values(worst)), extra: worst };
}

/** Keeps the core busy until it is over, or the processes that it returns are killed. */
type Load = (self: Process, isOver: () => boolean) => Promise<readonly Pid<never>[]>;

const loads: Readonly<Record<string, Load>> = {
  async call(self) {
    const server = await start(self, Counter);
    const caller = self.spawn(async (caller: Process) => {
      for (;;) await call(caller, server, { type: "add" });
    });
    return [caller, server];
  },
  async cast(self) {
    const server = await start(self, Counter);
    const caster = self.spawn(async (caster: Process) => {
      for (;;) {
        for (let i = 0; i < 100; i += 1) cast(caster, server, { type: "add" });
        await call(caster, server, { type: "get" });
      }
    });
    return [caster, server];
  },
  async pingpong(self) {
    const echo = async (one: Process): Promise<void> => {
      for (;;) one.send((await one.receive(isBall)).from, { from: one.pid });
    };
    const left = self.spawn(echo);
    const right = self.spawn(echo);
    self.send(left, { from: right });
    return [left, right];
  },
  async spawn(self, isOver) {
    const chain = (one: Process): void => {
      if (!isOver()) one.spawn(chain);
    };
    self.spawn(chain);
    return [];
  },
};

const isBall = (message: unknown): message is { readonly from: Pid } =>
  typeof message === "object" && message !== null && "from" in message;
