import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { ArgumentError } from "../base/errors.ts";
import { Node } from "../node/node.ts";
import { ManualRuntime } from "../runtime/manual.ts";
import { remote } from "../term/remote-function.ts";
import { runOrder } from "./rpc-worker.ts";

const calls: unknown[] = [];
const note = remote("rpc-worker/note", (...args: readonly unknown[]) => void calls.push(args));
const order = { fn: note, args: [1], passesSelf: false, timeoutMs: null, caller: null };

describe("ERPC-2 the order of a call", () => {
  it.each([
    undefined,
    null,
    {},
    { ...order, fn: "note" },
    { ...order, args: "x" },
    { ...order, passesSelf: 1 },
    { ...order, caller: { pid: 1, ref: 2 } },
    { ...order, timeoutMs: "soon" },
    { ...order, timeoutMs: -1 },
    { ...order, timeoutMs: Number.NaN },
    { ...order, timeoutMs: Number.POSITIVE_INFINITY },
  ])("that makes no sense ends its process and nothing else: %#", async (given) => {
    const runtime = new ManualRuntime();
    const node = await Node.start({ runtime, logger: pino({ level: "silent" }) });
    const kernel = Node.kernelOf(node);
    const reasons: unknown[] = [];
    node.spawn(async (self) => {
      const { pid } = kernel.spawnFunction(runOrder, [given], { leader: self.groupLeader });
      self.monitor(pid);
      const message: unknown = await self.receive();
      reasons.push(Reflect.get(Object(message), "reason"));
      // The clock of the node still goes.
      await self.receive(() => false, { after: 50 });
      reasons.push("later");
    });
    await runtime.settle();
    await runtime.advance(60);
    expect(reasons).toEqual([expect.any(ArgumentError), "later"]);
    expect(calls).toEqual([]);
    await node.stop();
  });

  it("runs the function", async () => {
    const runtime = new ManualRuntime();
    const node = await Node.start({ runtime, logger: pino({ level: "silent" }) });
    Node.kernelOf(node).spawnFunction(runOrder, [{ ...order, timeoutMs: 5 }], { leader: Node.kernelOf(node).root });
    await runtime.settle();
    expect(calls.splice(0)).toEqual([[1]]);
    await node.stop();
  });
});
