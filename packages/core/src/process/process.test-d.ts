import { describe, expectTypeOf, it } from "vitest";

import type { Node } from "../node/node.ts";
import type { Matched } from "../mailbox/match.ts";
import type { Address } from "../term/address.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { remote } from "../term/remote-function.ts";
import type { ProcessInfo } from "./info.ts";
import type { Process, SpawnedMonitor, Timeout } from "./process.ts";
import { timer, type TimerStart } from "./timer.ts";

interface Ping {
  readonly type: "ping";
  readonly from: Pid<Pong>;
}
interface Pong {
  readonly type: "pong";
  readonly n: number;
}

declare const self: Process;
declare const typed: Process<Ping | Pong>;
declare const node: Node;
declare const anyPid: Pid;
declare const pinged: Pid<Ping>;
declare const both: Pid<Ping | Pong>;
declare const pong: Pong;

describe("a pid", () => {
  it("that accepts more stands where one that accepts less is wanted, not the other way round", () => {
    expectTypeOf(both).toExtend<Pid<Ping>>();
    expectTypeOf(anyPid).toExtend<Pid<Ping>>();
    expectTypeOf(anyPid).toExtend<Pid<never>>();
    expectTypeOf(pinged).toExtend<Pid<never>>();
    expectTypeOf(pinged).not.toExtend<Pid<Ping | Pong>>();
    expectTypeOf(pinged).not.toExtend<Pid>();
    expectTypeOf(pinged).toExtend<Address<Ping>>();
  });

  it("takes its messages and no others", () => {
    self.send(both, pong);
    self.send(anyPid, "anything");
    // @ts-expect-error: a process that takes pings is sent a pong
    self.send(pinged, pong);
    // @ts-expect-error: the sender's pid takes pongs, and this one takes pings
    self.send(pinged, { type: "ping", from: pinged });
    self.send("name", "anything");
    self.send({ name: "name", node: "n@h" }, 1);
    self.send({ global: "name" }, 1);
  });

  it("sends back what is sent", () => {
    expectTypeOf(self.send(both, pong)).toEqualTypeOf<Pong>();
    expectTypeOf(self.send(anyPid, 42)).toEqualTypeOf<number>();
  });
});

describe("receive", () => {
  const isPong = (message: unknown): message is Pong => typeof message === "object";

  it("gives what the process accepts", () => {
    expectTypeOf(self.receive()).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(typed.receive()).toEqualTypeOf<Promise<Ping | Pong>>();
    expectTypeOf(typed.receive({ after: 10 })).toEqualTypeOf<Promise<Ping | Pong | Timeout>>();
    expectTypeOf(typed.receive((message) => message.type === "ping")).toEqualTypeOf<Promise<Ping>>();
    expectTypeOf(typed.receive((message) => message.type.length > 3)).toEqualTypeOf<Promise<Ping | Pong>>();
    expectTypeOf(typed.flush()).toEqualTypeOf<(Ping | Pong)[]>();
  });

  it("narrows by a guard, with and without a timeout", () => {
    expectTypeOf(self.receive(isPong)).toEqualTypeOf<Promise<Pong>>();
    expectTypeOf(self.receive(isPong, { after: 10 })).toEqualTypeOf<Promise<Pong | Timeout>>();
    expectTypeOf(self.receive(isPong, { after: "infinity" })).toEqualTypeOf<Promise<Pong | Timeout>>();
  });

  it("narrows by a pattern to its literal fields, and leaves the others unknown", async () => {
    const message = await self.receive({ type: "DOWN", n: 1 });
    expectTypeOf(message).toEqualTypeOf<Matched<{ readonly type: "DOWN"; readonly n: 1 }>>();
    expectTypeOf(message.type).toEqualTypeOf<"DOWN">();
    expectTypeOf(message["reason"]).toEqualTypeOf<unknown>();
    const soon = await self.receive({ type: "x" }, { after: 1 });
    expectTypeOf(soon).toEqualTypeOf<Matched<{ readonly type: "x" }> | Timeout>();
  });

  it("refuses what is neither guard, predicate, pattern nor options", () => {
    // @ts-expect-error: a number matches nothing
    void self.receive(42);
    // @ts-expect-error: a timeout is a number or "infinity"
    void self.receive({ type: "x" }, { after: "soon" });
    // @ts-expect-error: the options have no such field
    void self.receive({ type: "x" }, { timeout: 1 });
  });
});

describe("spawn", () => {
  const worker = async (_: Process<Ping>, count: number, name: string): Promise<void> => {
    await Promise.resolve([count, name]);
  };
  const far = remote("types/worker", worker);

  it("infers what the new process accepts from its function", () => {
    expectTypeOf(self.spawn(worker, 1, "a")).toEqualTypeOf<Pid<Ping>>();
    expectTypeOf(self.spawnLink(worker, 1, "a")).toEqualTypeOf<Pid<Ping>>();
    expectTypeOf(self.spawnMonitor(worker, 1, "a")).toEqualTypeOf<SpawnedMonitor<Ping>>();
    expectTypeOf(node.spawn(worker, 1, "a")).toEqualTypeOf<Pid<Ping>>();
    expectTypeOf(self.spawn((child) => child.exit("x"))).toEqualTypeOf<Pid>();
    expectTypeOf(self.spawn({ node: "n@h" }, far, 1, "a")).toEqualTypeOf<Pid<Ping>>();
    expectTypeOf(self.spawn({ priority: "low" }, worker, 1, "a")).toEqualTypeOf<Pid<Ping>>();
  });

  it("wants the function's arguments, and those only", () => {
    // @ts-expect-error: an argument is missing
    self.spawn(worker, 1);
    // @ts-expect-error: arguments in the wrong order
    self.spawn(worker, "a", 1);
    // @ts-expect-error: one argument too many
    self.spawn(worker, 1, "a", true);
    // @ts-expect-error: a missing argument of a remote function
    self.spawnLink({ node: "n@h" }, far, 1);
    // @ts-expect-error: no such option
    self.spawn({ nod: "n@h" }, far, 1, "a");
    // @ts-expect-error: not a function
    self.spawn("worker");
  });
});

describe("the rest of a process", () => {
  it("takes any pid where messages do not matter", () => {
    expectTypeOf(self.link(pinged)).toEqualTypeOf<true>();
    expectTypeOf(self.unlink(pinged)).toEqualTypeOf<true>();
    expectTypeOf(self.monitor(pinged)).toEqualTypeOf<Ref>();
    expectTypeOf(self.monitor("name", { alias: "replyDemonitor" })).toEqualTypeOf<Ref>();
    expectTypeOf(self.sendExit(pinged, "x")).toEqualTypeOf<true>();
    expectTypeOf(self.register("name", pinged)).toEqualTypeOf<true>();
    expectTypeOf(node.isProcessAlive(pinged)).toEqualTypeOf<boolean>();
    expectTypeOf(self.exit("x")).toEqualTypeOf<never>();
    // @ts-expect-error: no such alias mode
    self.monitor("name", { alias: "reply" });
    // @ts-expect-error: names are no targets of links
    self.link("name");
    // @ts-expect-error: aliases are no targets of exit signals
    self.sendExit(self.alias(), "x");
    // @ts-expect-error: no such flag
    self.flag("trap_exit", true);
  });

  it("tells what is known of a process: all, an item, or some", () => {
    expectTypeOf(node.info(pinged)).toEqualTypeOf<ProcessInfo | undefined>();
    expectTypeOf(node.info(pinged, "links")).toEqualTypeOf<readonly Pid[] | undefined>();
    expectTypeOf(node.info(pinged, ["links", "trapExit"])).toEqualTypeOf<
      Pick<ProcessInfo, "links" | "trapExit"> | undefined
    >();
    // @ts-expect-error: no such item
    node.info(pinged, "gurka");
  });

  it("has timers of both kinds", () => {
    expectTypeOf(self.sendAfter(pinged, "x", 10)).toEqualTypeOf<Ref>();
    expectTypeOf(self.cancelTimer(self.makeRef())).toEqualTypeOf<number | false | "ok">();
    expectTypeOf(timer.sendAfter(typed, 10, "x")).toEqualTypeOf<TimerStart>();
    expectTypeOf(
      timer.applyAfter(self, 10, (child: Process<Ping>, n: number) => child.exit(n), 1),
    ).toEqualTypeOf<TimerStart>();
    // @ts-expect-error: an argument of the applied function is missing
    timer.applyAfter(self, 10, (child: Process<Ping>, n: number) => child.exit(n));
    // @ts-expect-error: a node is no process
    timer.sendAfter(node, 10, "x");
  });
});
