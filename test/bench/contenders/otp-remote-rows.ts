/** Our rows between operating-system processes over NATS. */
import { setImmediate } from "node:timers/promises";

import type { Node, Pid, Process } from "@otp/core";
import { call, cast } from "@otp/genserver";

import { type Measure, timedCalls } from "./in-flight.ts";
import { type NodeSettings, report, startNode } from "./otp-far.ts";
import { startIdle } from "./otp-idle.ts";
import { inProcess } from "./otp-world.ts";
import { startPeer } from "./peer-process.ts";
import { complete, growing, type Outcome, perSecond, serve, type Workload } from "./serve.ts";

/** What the contenders of ours differ in. */
export interface RemoteSettings extends NodeSettings {
  /** The program of the other side. */
  readonly peer: string;
}

interface World {
  readonly node: Node;
  /** Starts the other side's program with nodes of those names, and connects to them. */
  readonly bring: (names: readonly string[]) => Promise<void>;
}

const cluster = `bench_${String(process.pid)}`;
const first = "two@localhost";
const server = { name: "server", node: first };

/** Answers until the input ends. */
export async function serveRemote({ peer, ...settings }: RemoteSettings): Promise<void> {
  const node = await startNode("one@localhost", cluster, settings);
  const bring = async (names: readonly string[]): Promise<void> => {
    await startPeer(peer, [cluster, ...names]);
    for (const name of names) {
      if ((await node.connect(name)) !== true) throw new Error(`${node.name} cannot connect to ${name}`);
    }
  };
  const world: World = { node, bring };
  const idle = once(() => startIdle(cluster));
  await bring([first]);
  await serve({
    remote_call_1: calls(world, 16, { inFlight: 1, measure: "p50" }),
    remote_call_1_1k: calls(world, 1_024, { inFlight: 1, measure: "p50" }),
    remote_call_100: calls(world, 16, { inFlight: 100, measure: "rate" }),
    remote_call_100_1k: calls(world, 1_024, { inFlight: 100, measure: "rate" }),
    remote_cast_16: casts(world, 16),
    remote_cast_128: casts(world, 128),
    remote_cast_1k: casts(world, 1_024),
    remote_cast_16k: casts(world, 16_384),
    remote_monitor: (size) => inProcess(node, (self) => monitors(self, size)),
    remote_spawn: (size) => inProcess(node, (self) => spawns(self, size)),
    global_register: globalRegister(world),
    fanout: fanout(world),
    idle_traffic: async (size) => (await idle()).watch(size),
  });
}

function calls(
  { node }: World,
  bytes: number,
  plan: { readonly inFlight: number; readonly measure: Measure },
): Workload {
  return (size) => {
    const payload = new Uint8Array(bytes);
    return timedCalls(size, plan, async () => {
      const echo = await call(node, server, { type: "echo", bytes: payload }, 60_000);
      return echo instanceof Uint8Array && echo.length === bytes;
    });
  };
}

function casts({ node }: World, bytes: number): Workload {
  return (size) =>
    inProcess(node, async (self) => {
      const payload = new Uint8Array(bytes);
      const before = Number(await call(self, server, { type: "count" }));
      const started = performance.now();
      for (let i = 0; i < size; i += 1) cast(self, server, { type: "add", bytes: payload });
      const counted = Number(await call(self, server, { type: "count" }, "infinity")) - before;
      const outcome = perSecond(size, started);
      complete(counted, size, "casts");
      return outcome;
    });
}

async function monitors(self: Process, size: number): Promise<Outcome> {
  const started = performance.now();
  for (let i = 0; i < size; i += 1) self.monitor({ name: "nobody", node: first });
  let downs = 0;
  for (let i = 0; i < size; i += 1) {
    const down = await self.receive({ type: "DOWN" });
    if (down["reason"] === "noproc") downs += 1;
  }
  complete(downs, size, "DOWNs");
  return perSecond(size, started);
}

async function spawns(self: Process, size: number): Promise<Outcome> {
  const started = performance.now();
  for (let i = 0; i < size; i += 1) self.spawn({ node: first }, report, self.pid);
  for (let i = 0; i < size; i += 1) await self.receive({ type: "ran" });
  return perSecond(size, started);
}

function globalRegister({ node, bring }: World): Workload {
  const third = once(() => bring(["three@localhost"]));
  return async (size) => {
    await third();
    return inProcess(node, async (self) => {
      const started = performance.now();
      let registered = 0;
      for (let i = 0; i < size; i += 1) {
        if ((await node.global.registerName("bench", self.pid)) === "yes") registered += 1;
        await node.global.unregisterName("bench");
      }
      complete(registered, size, "names registered");
      return perSecond(size, started);
    });
  };
}

/** One message to each of `size` processes on ten nodes, which takes one frame for each node. */
/** A tenth of `size` messages for each of one, two, five and ten nodes; the value is messages per second to ten. */
function fanout({ node, bring }: World): Workload {
  const names = Array.from({ length: 10 }, (_, i) => `fan_${String(i)}@localhost`);
  const gather = once(() => bring(names));
  return async (size) => {
    await gather();
    const sizes = [1, 2, 5, 10].map((at) => ({ at, amount: (size / 10) * at }));
    return growing(sizes, ({ at, amount }) => inProcess(node, (self) => fan(self, names.slice(0, at), amount)));
  };
}

async function fan(self: Process, names: readonly string[], size: number): Promise<Outcome> {
  const { node } = self;
  const pids: Pid[] = [];
  for (const name of names) self.send({ name: "listener", node: name }, { from: self.pid, size: size / names.length });
  for (const _ of names) pids.push(...(await self.receive(isAudience)).pids);
  const before = node.counters()?.framesSent ?? 0;
  const started = performance.now();
  for (const pid of pids) self.send(pid, { type: "tick" });
  await setImmediate();
  const frames = (node.counters()?.framesSent ?? 0) - before;
  let heard = 0;
  for (const _ of names) heard += Number((await self.receive({ type: "heard" }))["heard"]);
  const outcome = perSecond(size, started);
  complete(heard, size, "messages heard");
  for (const pid of pids) self.sendExit(pid, "kill");
  return { ...outcome, extra: { framesPerNode: frames / names.length } };
}

function isAudience(message: unknown): message is { readonly pids: readonly Pid[] } {
  return typeof message === "object" && message !== null && "pids" in message;
}

function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | undefined;
  return () => (done ??= work());
}
