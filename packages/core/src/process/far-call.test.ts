import { describe, expect, it } from "vitest";

import { CodecError } from "../base/errors.ts";
import { Node } from "../node/node.ts";
import { ManualRuntime } from "../runtime/manual.ts";
import type { Signal } from "../signal/signal.ts";
import type { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { acceptSignal } from "./accept-signal.ts";
import { FarCall } from "./far-call.ts";
import type { Process } from "./process.ts";

process.env["OTP_LOG"] = "silent";

/** A node with a server, and what a peer says to it and hears from it. */
async function world() {
  const runtime = new ManualRuntime();
  const node = await Node.start({ runtime });
  const kernel = Node.kernelOf(node);
  const sent: Signal[] = [];
  const route = (_: string, signal: Signal): void => {
    if (signal.op === "sendAlias" && typeof signal.message === "symbol") throw new CodecError("cannot be sent");
    sent.push(signal);
  };
  Object.assign(kernel.services, { route });
  const say = (signal: Signal): boolean => acceptSignal({ kernel, peer: "good@host", maySpawn: () => true }, signal);
  const caller = kernel.identities.get("good@host", 7).pid(1);
  const hands: Process[] = [];
  const server: Pid = node.spawn(async (self) => {
    hands.push(self);
    await self.receive(() => false);
  });
  await runtime.settle();
  const [self] = hands;
  if (self === undefined) throw new Error("no process");
  const alias = (number: number): Ref => new Ref(caller.home, number);
  /** Calls, and gives what the server sees as its caller. */
  const call = (number: number, request: unknown): FarCall => {
    expect(say({ op: "call", from: caller, to: server, alias: alias(number), type: "$gen_call", request })).toBe(true);
    const [message] = self.flush();
    expect(message).toMatchObject({ type: "$gen_call", request });
    const from = typeof message === "object" && message !== null && "from" in message ? message.from : undefined;
    if (!(from instanceof FarCall)) throw new Error("no caller");
    return from;
  };
  return { node, kernel, sent, say, caller, server, alias, call };
}

describe("a call from another node", () => {
  it("CALL-9 ends with its first answer, and nothing of it is left", async () => {
    const { node, kernel, sent, caller, server, alias, call } = await world();
    const from = call(1, "one");
    expect(from.pid).toBe(caller);
    expect(kernel.remotes.nodes()).toEqual(["good@host"]);
    from.reply("first");
    from.reply("second");
    expect(sent).toEqual([{ op: "sendAlias", from: server, to: alias(1), message: "first" }]);
    expect(kernel.remotes.nodes()).toEqual([]);
    node.sendExit(server, "kill");
    expect(sent).toHaveLength(1);
    expect(node.check()).toEqual([]);
    await node.stop();
  });

  it("is open until an answer can be sent", async () => {
    const { node, sent, call } = await world();
    const from = call(1, "one");
    expect(() => from.reply(Symbol("no"))).toThrow(CodecError);
    expect(node.check()).toEqual([]);
    from.reply("yes");
    expect(sent.map(({ op }) => op)).toEqual(["sendAlias"]);
    await node.stop();
  });

  it("is answered by whatever this node sends to its alias", async () => {
    const { node, kernel, sent, alias, call } = await world();
    const from = call(1, "one");
    kernel.sendToAlias(alias(1), "by another way");
    from.reply("late");
    expect(sent).toMatchObject([{ op: "sendAlias", message: "by another way" }]);
    expect(kernel.remotes.nodes()).toEqual([]);
    await node.stop();
  });

  it("CALL-3 hears of the server's end, in its reason, once", async () => {
    const { node, kernel, sent, caller, server, alias, call } = await world();
    const [one, two] = [call(1, "one"), call(2, "two")];
    one.reply("done");
    node.sendExit(server, "over");
    two.reply("late");
    expect(sent.slice(1)).toEqual([{ op: "down", from: server, to: caller, ref: alias(2), reason: "over" }]);
    expect(kernel.remotes.nodes()).toEqual([]);
    await node.stop();
  });

  it("CALL-4 is taken back by who has given up, and forgotten with the connection (MON-12)", async () => {
    const { node, kernel, sent, say, caller, server, alias, call } = await world();
    const [one, two] = [call(1, "one"), call(2, "two")];
    say({ op: "demonitor", from: caller, to: server, ref: alias(1) });
    kernel.remotes.sweep("good@host");
    one.reply("late");
    two.reply("late");
    node.sendExit(server, "over");
    expect(sent).toEqual([]);
    expect(kernel.remotes.nodes()).toEqual([]);
    expect(node.check()).toEqual([]);
    await node.stop();
  });

  it("K4 K5 has an alias of its own node that is no other call's", async () => {
    const { node, kernel, sent, say, caller, server, alias, call } = await world();
    call(1, "one");
    const again = { op: "call", from: caller, to: server, type: "$gen_call", request: "again" } as const;
    expect(say({ ...again, alias: alias(1) })).toBe(false);
    expect(say({ ...again, alias: new Ref(kernel.own, 2) })).toBe(false);
    expect(say({ ...again, alias: new Ref(kernel.identities.get("good@host", 6), 2) })).toBe(false);
    expect(node.check()).toEqual([]);
    expect(say({ ...again, to: "nobody", alias: alias(2) })).toBe(true);
    expect(sent).toEqual([{ op: "down", from: "nobody", to: caller, ref: alias(2), reason: "noproc" }]);
    await node.stop();
  });
});
