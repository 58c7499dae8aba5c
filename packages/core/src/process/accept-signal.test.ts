import { describe, expect, it } from "vitest";

import { Node } from "../node/node.ts";
import { ManualRuntime } from "../runtime/manual.ts";
import type { Signal } from "../signal/signal.ts";
import { type Pid, spawnedNumbers } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { remote } from "../term/remote-function.ts";
import { acceptSignal, type Inbound } from "./accept-signal.ts";
import type { Kernel } from "./kernel.ts";
import type { Process } from "./process.ts";

process.env["OTP_LOG"] = "silent";

remote("accept/idle", async (self: Process) => {
  await self.receive();
});

/** A node, two peers that say what they like, and what the node answers. */
async function world() {
  const runtime = new ManualRuntime();
  const node = await Node.start({ runtime });
  const kernel: Kernel = Node.kernelOf(node);
  const sent: Signal[] = [];
  Object.assign(kernel.services, { route: (_: string, signal: Signal) => void sent.push(signal) });
  const from = (peer: string): ((signal: Signal) => boolean) => {
    const inbound: Inbound = { kernel, peer, maySpawn: () => true };
    return (signal) => acceptSignal(inbound, signal);
  };
  const good = kernel.identities.get("good@host", 7).pid(1);
  const evil = kernel.identities.get("evil@host", 8).pid(1);
  const hands: Process[] = [];
  const pid: Pid = node.spawn(async (self) => {
    self.trapExit = true;
    hands.push(self);
    await self.receive(() => false);
  });
  await runtime.settle();
  const [self] = hands;
  if (self === undefined) throw new Error("no process");
  return { node, kernel, runtime, sent, from, good, evil, pid, self };
}

describe("signals of other nodes", () => {
  it("take effect when they come from the node of their sender", async () => {
    const { node, from, good, pid, self, sent } = await world();
    const say = from("good@host");
    const ref = self.monitor(good);
    self.link(good);
    expect(sent.map(({ op }) => op)).toEqual(["monitor", "link"]);
    expect(say({ op: "send", from: good, to: pid, message: "hello" })).toBe(true);
    expect(say({ op: "down", from: good, to: pid, ref, reason: "over" })).toBe(true);
    expect(say({ op: "linkExit", from: good, to: pid, reason: "over" })).toBe(true);
    expect(say({ op: "exit", from: good, to: pid, reason: "x" })).toBe(true);
    expect(self.flush()).toEqual([
      "hello",
      { type: "DOWN", ref, object: good, reason: "over" },
      { type: "EXIT", from: good, reason: "over" },
      { type: "EXIT", from: good, reason: "x" },
    ]);
    expect(node.check()).toEqual([]);
    await node.stop();
  });

  it("have none when a node speaks for processes of another", async () => {
    const { node, kernel, from, good, evil, pid, self, sent } = await world();
    const say = from("evil@host");
    const ref = self.monitor(good);
    self.link(good);
    sent.length = 0;
    const forged: Signal[] = [
      { op: "exit", from: good, to: pid, reason: "kill" },
      { op: "exit", from: pid, to: pid, reason: "normal" },
      { op: "linkExit", from: good, to: pid, reason: "x" },
      { op: "unlink", id: 1, from: good, to: pid },
      { op: "unlinkAck", id: 1, from: good, to: pid },
      { op: "link", from: good, to: pid },
      { op: "monitor", from: good, to: pid, ref: new Ref(evil.home, 5) },
      { op: "down", from: good, to: pid, ref, reason: "x" },
      { op: "call", from: good, to: pid, alias: new Ref(good.home, 6), type: "$gen_call", request: 1 },
    ];
    for (const signal of forged) expect(say(signal), signal.op).toBe(false);
    say({ op: "down", from: evil, to: pid, ref, reason: "x" });
    say({ op: "down", from: "name", to: pid, ref, reason: "x" });
    say({ op: "linkExit", from: evil, to: pid, reason: "x" });
    expect(self.flush()).toEqual([]);
    expect(sent).toEqual([]);
    expect(node.info(pid, "links")).toEqual([good]);
    expect(node.info(pid, "monitors")).toEqual([good]);
    expect(kernel.remotes.count("evil@host")).toEqual({ links: 0, monitors: 0, watchers: 0 });
    await node.stop();
  });

  it("K6 spawn under a number once, within the space of their own incarnation", async () => {
    const { node, kernel, runtime, from, good, pid, sent } = await world();
    const say = from("good@host");
    const spawn = (number: number, creation = 7): Pid => {
      const to = kernel.identities.get(kernel.own.name, creation).pid(number);
      say({
        op: "spawnRequest",
        ref: new Ref(good.home, number),
        pid: to,
        from: good,
        groupLeader: good,
        fn: { name: "accept/idle", bound: [] },
        args: [],
        wishes: { link: false, monitor: true },
      });
      return to;
    };
    const first = spawn(spawnedNumbers + 1);
    const second = spawn(spawnedNumbers + 3);
    await runtime.settle();
    expect([node.isProcessAlive(first), node.isProcessAlive(second)]).toEqual([true, true]);
    expect(sent).toEqual([]);
    node.sendExit(first, "kill");
    sent.length = 0;
    const again = spawn(spawnedNumbers + 1);
    spawn(spawnedNumbers + 2);
    spawn(pid.number, kernel.own.creation);
    expect(sent.map((signal) => signal.op === "down" && signal.reason)).toEqual(["badarg", "badarg", "badarg"]);
    expect(node.isProcessAlive(again)).toBe(false);
    expect(node.isProcessAlive(pid)).toBe(true);
    expect(node.check()).toEqual([]);
    await node.stop();
  });

  it("K4 K5 take each ref for one monitor, and only refs of the peer's own", async () => {
    const { node, kernel, runtime, from, good, pid, self } = await world();
    const say = from("good@host");
    const other = node.spawn(async (idle) => {
      await idle.receive(() => false);
    });
    await runtime.settle();
    const ref = new Ref(good.home, 9);
    expect(say({ op: "monitor", from: good, to: pid, ref })).toBe(true);
    expect(say({ op: "monitor", from: good, to: other, ref })).toBe(false);
    expect(say({ op: "monitor", from: good, to: pid, ref })).toBe(false);
    const mine = self.monitor(other);
    expect(say({ op: "monitor", from: good, to: other, ref: mine })).toBe(false);
    const request: Signal = {
      op: "spawnRequest",
      ref,
      pid: kernel.identities.get(kernel.own.name, 7).pid(spawnedNumbers + 1),
      from: good,
      groupLeader: good,
      fn: { name: "accept/idle", bound: [] },
      args: [],
      wishes: { link: false, monitor: true },
    };
    expect(say(request)).toBe(false);
    expect(node.check()).toEqual([]);
    expect(kernel.remotes.count("good@host")).toEqual({ links: 0, monitors: 0, watchers: 1 });
    node.sendExit(other, "over");
    expect(self.flush()).toEqual([{ type: "DOWN", ref: mine, object: other, reason: "over" }]);
    kernel.remotes.sweep("good@host");
    expect(node.check()).toEqual([]);
    await node.stop();
  });

  it("NODE-15 tell of a spawned process only when they come from the node that was asked, and about the process asked for", async () => {
    const { node, kernel, from, good, evil, self, sent } = await world();
    const idle = remote("accept/idle-there", async (there: Process) => {
      await there.receive();
    });
    const ref = self.spawnRequest({ node: "good@host", link: true }, idle);
    const request = sent.find((signal) => signal.op === "spawnRequest");
    if (request?.op !== "spawnRequest") throw new Error("no request");
    const reply = { op: "spawnReply", ref, to: self.pid, link: true, monitor: false, result: request.pid } as const;
    expect(from("evil@host")(reply)).toBe(false);
    expect(from("evil@host")({ ...reply, result: "notsup" })).toBe(false);
    expect(from("good@host")({ ...reply, result: evil })).toBe(false);
    expect(from("good@host")({ ...reply, result: good })).toBe(false);
    expect(self.flush()).toEqual([]);
    // About a request of somebody else's, or none.
    expect(from("good@host")({ ...reply, ref: new Ref(good.home, ref.number) })).toBe(true);
    expect(self.flush()).toEqual([]);
    expect(from("good@host")(reply)).toBe(true);
    expect(self.flush()).toEqual([{ type: "spawn_reply", ref, result: "ok", pid: request.pid }]);
    expect(kernel.remotes.count("good@host").links).toBe(1);
    expect(node.check()).toEqual([]);
    await node.stop();
  });

  it("answer for the dead and the unknown", async () => {
    const { node, kernel, from, good, sent } = await world();
    const say = from("good@host");
    const dead = kernel.own.pid(4_711);
    const ref = new Ref(good.home, 9);
    say({ op: "link", from: good, to: dead });
    say({ op: "monitor", from: good, to: dead, ref });
    say({ op: "monitor", from: good, to: "nobody", ref });
    say({ op: "unlink", id: 3, from: good, to: dead });
    say({ op: "send", from: good, to: dead, message: 1 });
    say({ op: "sendName", from: good, to: "nobody", message: 1 });
    say({ op: "demonitor", from: good, to: dead, ref });
    expect(sent).toEqual([
      { op: "linkExit", from: dead, to: good, reason: "noproc" },
      { op: "down", from: dead, to: good, ref, reason: "noproc" },
      { op: "down", from: "nobody", to: good, ref, reason: "noproc" },
      { op: "unlinkAck", id: 3, from: dead, to: good },
    ]);
    await node.stop();
  });
});
