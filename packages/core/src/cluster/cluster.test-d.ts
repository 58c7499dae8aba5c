import { describe, expectTypeOf, it } from "vitest";

import type { Node } from "../node/node.ts";
import type { Process } from "../process/process.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { remote } from "../term/remote-function.ts";
import type { BadRpc } from "./classic-rpc.ts";
import type { CallResult } from "./rpc-results.ts";

declare const node: Node;
declare const self: Process;
declare const typed: Process<{ readonly type: "tick" }>;
declare const picky: Pid<{ readonly type: "tick" }>;

const add = remote("types/add", (a: number, b: number): number => a + b);
const later = remote("types/later", async (text: string): Promise<{ readonly length: number }> => text);
const withSelf = remote("types/with_self", (process: Process, count: number): string => `${process.pid} ${count}`);

describe("calls on other nodes", () => {
  it("give what the function gives, without its promise", () => {
    expectTypeOf(node.rpc.call("b@host", add, [1, 2])).resolves.toBeNumber();
    expectTypeOf(node.rpc.call("b@host", later, ["x"], 5_000)).resolves.toEqualTypeOf<{ readonly length: number }>();
    expectTypeOf(node.rpc.call("b@host", withSelf, [1], { pass: "self", signal: self.signal })).resolves.toBeString();
    expectTypeOf(node.rpc.multicall(["b@host"], add, [1, 2])).resolves.toEqualTypeOf<CallResult<number>[]>();
    expectTypeOf(node.rpc.classic.call("b@host", add, [1, 2])).resolves.toEqualTypeOf<number | BadRpc>();
    expectTypeOf(node.rpc.sendRequest("b@host", later, ["x"]).receiveResponse(10)).resolves.toEqualTypeOf<{
      readonly length: number;
    }>();
  });

  it("refuse arguments that the function does not take", () => {
    // @ts-expect-error: one argument is missing
    void node.rpc.call("b@host", add, [1]);
    // @ts-expect-error: a number is wanted
    void node.rpc.call("b@host", add, [1, "2"]);
    // @ts-expect-error: the process is put in front by the call
    void node.rpc.call("b@host", withSelf, [self, 1], { pass: "self" });
    // @ts-expect-error: a function that wants its process must be given it
    void node.rpc.call("b@host", withSelf, [1]);
  });
});

describe("names and groups", () => {
  it("take processes of every kind, and find processes", () => {
    expectTypeOf(node.global.registerName({ any: ["term"] }, picky)).resolves.toEqualTypeOf<"yes" | "no">();
    expectTypeOf(node.global.whereisName("x")).toEqualTypeOf<Pid | undefined>();
    expectTypeOf(node.pg.join("g", [picky, self.pid])).toEqualTypeOf<"ok">();
    expectTypeOf(node.pg.leave("scope", "g", picky)).toEqualTypeOf<"ok" | "not_joined">();
    expectTypeOf(node.pg.getMembers("g")).toEqualTypeOf<Pid[]>();
    expectTypeOf(node.pg.monitor(typed, "g").ref).toEqualTypeOf<Ref>();
    expectTypeOf(node.global.trans({ resource: "r", requester: 1 }, async () => 17)).resolves.toEqualTypeOf<
      number | "aborted"
    >();
  });

  it("have resolvers that choose one of two pids, or none", () => {
    void node.global.registerName("x", picky, (_name, pid1, pid2) => (pid1.node < pid2.node ? pid1 : pid2));
    void node.global.registerName("x", picky, () => "none");
    // @ts-expect-error: a resolver decides
    void node.global.registerName("x", picky, () => "both");
  });
});

describe("spawn requests", () => {
  it("check the arguments of the function", () => {
    expectTypeOf(self.spawnRequest({ node: "b@host", monitor: true }, withSelf, 1)).toEqualTypeOf<Ref>();
    // @ts-expect-error: a number is wanted
    self.spawnRequest({ node: "b@host" }, withSelf, "one");
  });
});
