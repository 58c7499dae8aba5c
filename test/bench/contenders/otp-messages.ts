/** Ours: calls, casts, messages, and what is queued. */
import type { Node, Pid, Process } from "@otp/core";
import { call, cast, start, stop } from "@otp/genserver";

import { Counter, inProcess } from "./otp-world.ts";
import { complete, decades, growing, type Outcome, perSecond, type Workload } from "./serve.ts";

/** The workloads, on a node. */
export function messageRows(node: Node): Readonly<Record<string, Workload>> {
  return {
    call: (size) => inProcess(node, (self) => sequentialCalls(self, size)),
    call100: (size) => concurrentCalls(node, size),
    cast: (size) => inProcess(node, (self) => casts(self, size)),
    send: (size) => inProcess(node, (self) => sends(self, size)),
    pingpong: (size) => inProcess(node, (self) => pingPong(self, size)),
    ring: (size) => inProcess(node, (self) => ring(self, size)),
    selective: (size) => inProcess(node, (self) => selective(self, size)),
    selective_ref: (size) => inProcess(node, (self) => selectiveRef(self, size)),
    backlog: (size) => backlog(node, size),
  };
}

async function sequentialCalls(self: Process, size: number): Promise<Outcome> {
  const server = await start(self, Counter);
  const started = performance.now();
  for (let i = 0; i < size; i += 1) await call(self, server, { type: "add" });
  const outcome = perSecond(size, started);
  complete(await call(self, server, { type: "get" }), size, "calls handled");
  await stop(self, server);
  return outcome;
}

async function concurrentCalls(node: Node, size: number): Promise<Outcome> {
  const server = await start(node, Counter);
  const each = size / 100;
  const started = performance.now();
  const callers = Array.from({ length: 100 }, () =>
    inProcess(node, async (self) => {
      for (let i = 0; i < each; i += 1) await call(self, server, { type: "add" });
    }),
  );
  await Promise.all(callers);
  const outcome = perSecond(size, started);
  complete(await call(node, server, { type: "get" }), size, "calls handled");
  await stop(node, server);
  return outcome;
}

async function casts(self: Process, size: number): Promise<Outcome> {
  const server = await start(self, Counter);
  const started = performance.now();
  for (let i = 0; i < size; i += 1) cast(self, server, { type: "add" });
  const counted = await call(self, server, { type: "get" }, "infinity");
  const outcome = perSecond(size, started);
  complete(counted, size, "casts handled");
  await stop(self, server);
  return outcome;
}

async function sends(self: Process, size: number): Promise<Outcome> {
  const receiver = self.spawn(countAndTell, self.pid, size);
  const started = performance.now();
  for (let i = 0; i < size; i += 1) self.send(receiver, { type: "tick", i });
  complete(Number(await self.receive()), size, "messages received");
  return perSecond(size, started);
}

async function countAndTell(self: Process, parent: Pid, size: number): Promise<void> {
  let count = 0;
  while (count < size) {
    await self.receive();
    count += 1;
  }
  self.send(parent, count);
}

async function pingPong(self: Process, size: number): Promise<Outcome> {
  const partner = self.spawn(async (partner: Process, to: Pid) => {
    for (let i = 0; i < size; i += 1) {
      await partner.receive();
      partner.send(to, { type: "pong" });
    }
  }, self.pid);
  const started = performance.now();
  let pongs = 0;
  for (let i = 0; i < size; i += 1) {
    self.send(partner, { type: "ping" });
    await self.receive();
    pongs += 1;
  }
  complete(pongs, size, "pongs");
  return perSecond(2 * size, started);
}

/** A token goes round 1,000 processes until it has made `size` hops. */
async function ring(self: Process, size: number): Promise<Outcome> {
  const hop = async (member: Process, next: Pid): Promise<void> => {
    for (;;) {
      const left = Number(await member.receive());
      if (left === -1) return;
      if (left === 0) member.send(self.pid, "done");
      else member.send(next, left - 1);
    }
  };
  const last = self.spawn(async (member: Process) => hop(member, first));
  let first: Pid = last;
  const members: Pid[] = [last];
  for (let i = 1; i < 1_000; i += 1) {
    first = self.spawn(hop, first);
    members.push(first);
  }
  const started = performance.now();
  self.send(first, size);
  await self.receive();
  const outcome = perSecond(size, started);
  for (const member of members) self.send(member, -1);
  return outcome;
}

/** Takes the last of 10,000 queued messages, `size` times. */
async function selective(self: Process, size: number): Promise<Outcome> {
  const isWanted = (message: unknown): message is { readonly wanted: number } =>
    typeof message === "object" && message !== null && "wanted" in message;
  for (let i = 0; i < 10_000; i += 1) self.send(self.pid, { type: "other", i });
  const started = performance.now();
  let sum = 0;
  for (let i = 1; i <= size; i += 1) {
    self.send(self.pid, { wanted: i });
    sum += (await self.receive(isWanted)).wanted;
  }
  complete(sum, (size * (size + 1)) / 2, "wanted messages");
  return perSecond(size, started);
}

/** Asks by a fresh ref behind 100,000 queued messages, `size` times. */
async function selectiveRef(self: Process, size: number): Promise<Outcome> {
  const echo = self.spawnLink(async (server: Process) => {
    for (let i = 0; i < size; i += 1) {
      const { from, ref } = await server.receive(isRequest);
      server.send(from, { type: "reply", ref });
    }
  });
  for (let i = 0; i < 100_000; i += 1) self.send(self.pid, { type: "other", i });
  const started = performance.now();
  let replies = 0;
  for (let i = 0; i < size; i += 1) {
    const ref = self.makeRef();
    self.send(echo, { from: self.pid, ref });
    const reply = await self.receive({ type: "reply", ref });
    if (reply.ref === ref) replies += 1;
  }
  complete(replies, size, "replies");
  return perSecond(size, started);
}

type Request = { readonly from: Pid; readonly ref: ReturnType<Process["makeRef"]> };

const isRequest = (message: unknown): message is Request =>
  typeof message === "object" && message !== null && "ref" in message && "from" in message;

/** Drains mailboxes that have grown, up to `size`; the value is messages per second at the largest. */
function backlog(node: Node, size: number): Promise<Outcome> {
  return growing(decades(size), ({ amount }) => inProcess(node, (self) => drain(self, amount)));
}

async function drain(self: Process, length: number): Promise<Outcome> {
  for (let i = 0; i < length; i += 1) self.send(self.pid, { type: "tick", i });
  const started = performance.now();
  for (let i = 0; i < length; i += 1) await self.receive();
  const outcome = perSecond(length, started);
  complete(self.flush().length, 0, "messages left");
  return outcome;
}
