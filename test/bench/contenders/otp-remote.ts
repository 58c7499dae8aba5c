/** Ours, between two operating-system processes over NATS. */
import type { Node, Pid, Process } from "@otp/core";
import { call, cast } from "@otp/genserver";

import { type Measure, timedCalls } from "./in-flight.ts";
import { report, startNode } from "./otp-far.ts";
import { inProcess } from "./otp-world.ts";
import { startPeer } from "./peer-process.ts";
import { complete, type Outcome, perSecond, serve, type Workload } from "./serve.ts";

const cluster = `bench_${String(process.pid)}`;
const node = await startNode("one@localhost", cluster);
const first = "two@localhost";
const server = { name: "server", node: first };
await startPeer("./otp-peer.js", [cluster, first]);
await connect(node, first);

async function connect(node: Node, peer: string): Promise<void> {
  if ((await node.connect(peer)) !== true) throw new Error(`${node.name} cannot connect to ${peer}`);
}

const calls =
  (bytes: number, inFlight: number, measure: Measure): Workload =>
  (size) => {
    const payload = new Uint8Array(bytes);
    return timedCalls(size, { inFlight, measure }, async () => {
      const echo = await call(node, server, { type: "echo", bytes: payload }, 60_000);
      return echo instanceof Uint8Array && echo.length === bytes;
    });
  };

const casts =
  (bytes: number): Workload =>
  (size) =>
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

const third = once(async () => {
  await startPeer("./otp-peer.js", [cluster, "three@localhost"]);
  await connect(node, "three@localhost");
});

async function globalRegister(size: number): Promise<Outcome> {
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
}

const audienceNodes = Array.from({ length: 10 }, (_, i) => `fan_${String(i)}@localhost`);

const gather = once(async () => {
  await startPeer("./otp-peer.js", [cluster, ...audienceNodes]);
  for (const name of audienceNodes) await connect(node, name);
});

/** One message to each of `size` processes on ten nodes. */
async function fanout(size: number): Promise<Outcome> {
  await gather();
  return inProcess(node, async (self) => {
    const pids: Pid[] = [];
    for (const name of audienceNodes) self.send({ name: "listener", node: name }, { from: self.pid, size: size / 10 });
    for (const _ of audienceNodes) pids.push(...(await self.receive(isAudience)).pids);
    const started = performance.now();
    for (const pid of pids) self.send(pid, { type: "tick" });
    let heard = 0;
    for (const _ of audienceNodes) heard += Number((await self.receive({ type: "heard" }))["heard"]);
    const outcome = perSecond(size, started);
    complete(heard, size, "messages heard");
    for (const pid of pids) self.sendExit(pid, "kill");
    return outcome;
  });
}

function isAudience(message: unknown): message is { readonly pids: readonly Pid[] } {
  return typeof message === "object" && message !== null && "pids" in message;
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
}

await serve({
  remote_call_1: calls(16, 1, "p50"),
  remote_call_1_1k: calls(1_024, 1, "p50"),
  remote_call_100: calls(16, 100, "rate"),
  remote_call_100_1k: calls(1_024, 100, "rate"),
  remote_cast_16: casts(16),
  remote_cast_128: casts(128),
  remote_cast_1k: casts(1_024),
  remote_cast_16k: casts(16_384),
  remote_monitor: (size) => inProcess(node, (self) => monitors(self, size)),
  remote_spawn: (size) => inProcess(node, (self) => spawns(self, size)),
  global_register: globalRegister,
  fanout,
});
