import type { Pid, Process } from "@otp/core";
import { describe, expectTypeOf, test } from "vitest";

import {
  type Call,
  call,
  type ChildCounts,
  type ChildInfo,
  type ChildSpec,
  DynamicSupervisor,
  GenServer,
  ok,
  PartitionSupervisor,
  type ServerPid,
  startLink,
  Supervisor,
  type SupervisorPid,
} from "../index.ts";

interface CounterProtocol {
  call: Call<"get", number>;
}

class Counter extends GenServer<number, CounterProtocol, { start: number }> {
  override init({ start }: { start: number }) {
    return ok(start);
  }
}

class Plain extends GenServer<null, { cast: never }> {
  override init() {
    return ok(null);
  }
}

/** Has a start function of its own, whose argument is not that of `init`. */
class Named extends GenServer<number, CounterProtocol, number> {
  static startLink(self: Process, name: string) {
    return startLink(self, Named, 1, { name });
  }
  override init(start: number) {
    return ok(start);
  }
}

class Tree extends Supervisor.Module<{ size: number }> {
  override init({ size }: { size: number }) {
    return Supervisor.init([[Counter, { start: size }], Plain], { strategy: "one_for_one" });
  }
}

class Rooms extends DynamicSupervisor.Module {
  override init() {
    return DynamicSupervisor.init({ maxChildren: 10 });
  }
}

const startCounter = (self: Process, start: number, name: string) => startLink(self, Counter, { start }, { name });

declare const self: Process;
declare const supervisor: SupervisorPid;

const oneForOne = { strategy: "one_for_one" } as const;

describe("children of a Supervisor", () => {
  test("every form is accepted, with the argument that its class takes", () => {
    void Supervisor.startLink(
      self,
      [
        [Counter, { start: 1 }],
        Plain,
        [Plain, undefined],
        [Named, "ann"],
        [Tree, { size: 3 }],
        Rooms,
        [DynamicSupervisor, { name: "rooms", maxChildren: 3 }],
        [PartitionSupervisor, { name: "parts", childSpec: Plain }],
        { id: "spec", start: (parent) => startLink(parent, Counter, { start: 1 }) },
        { id: "tuple", start: [startCounter, 1, "ann"] },
        Supervisor.childSpec([Counter, { start: 1 }], { id: "other", restart: "transient" }),
      ],
      oneForOne,
    );
    const made = [1, 2].map((start): ChildSpec => Supervisor.childSpec([Counter, { start }], { id: start }));
    void Supervisor.startLink(self, made, oneForOne);
    void Supervisor.startLink(self, [], oneForOne);
  });

  test("a wrong argument is refused", () => {
    // @ts-expect-error -- start is a number
    void Supervisor.startLink(self, [[Counter, { start: "1" }]], oneForOne);
    // @ts-expect-error -- Counter needs its argument
    void Supervisor.startLink(self, [Counter], oneForOne);
    // @ts-expect-error -- Plain takes none
    void Supervisor.startLink(self, [[Plain, 1]], oneForOne);
    // @ts-expect-error -- the class's own startLink takes a string
    void Supervisor.startLink(self, [[Named, 1]], oneForOne);
    // @ts-expect-error -- size is missing
    void Supervisor.startLink(self, [[Tree, {}]], oneForOne);
    // @ts-expect-error -- a misspelt option
    void Supervisor.startLink(self, [[DynamicSupervisor, { maxChildren: "3" }]], oneForOne);
    // @ts-expect-error -- the second argument of startCounter is a string
    void Supervisor.startLink(self, [{ id: 1, start: [startCounter, 1, 2] }], oneForOne);
    // @ts-expect-error -- startCounter needs two arguments
    void Supervisor.startLink(self, [{ id: 1, start: [startCounter, 1] }], oneForOne);
    // @ts-expect-error -- one of many is wrong
    void Supervisor.startLink(self, [Plain, [Counter, { start: 1 }], [Counter, {}]], oneForOne);
    // @ts-expect-error -- no form of a child
    void Supervisor.startLink(self, [42], oneForOne);
    // @ts-expect-error -- no such restart type
    void Supervisor.startLink(self, [{ id: 1, start: () => "ignore", restart: "sometimes" }], oneForOne);
    // @ts-expect-error -- a start function gives a pid
    void Supervisor.startLink(self, [{ id: 1, start: () => 7 }], oneForOne);
    // @ts-expect-error -- the strategy is required
    void Supervisor.startLink(self, [Plain], {});
    // @ts-expect-error -- and one of three
    void Supervisor.startLink(self, [Plain], { strategy: "one_for_two" });
    // @ts-expect-error -- the module needs its argument
    void Supervisor.startLink(self, Tree);
    // @ts-expect-error -- an override that no spec has
    Supervisor.childSpec(Plain, { colour: "red" });
  });

  test("a started child has the type of its class", async () => {
    const started = await Supervisor.startChild(self, supervisor, [Counter, { start: 1 }]);
    if (started.ok && started.pid !== undefined) {
      expectTypeOf(started.pid).toEqualTypeOf<ServerPid<CounterProtocol>>();
      expectTypeOf(call(self, started.pid, { type: "get" })).toEqualTypeOf<Promise<number>>();
    }
    const spec: ChildSpec = { id: 1, start: () => "ignore" };
    const plain = await Supervisor.startChild(self, supervisor, spec);
    if (plain.ok) expectTypeOf(plain.pid).toEqualTypeOf<Pid | undefined>();
    const named = await Supervisor.startChild(self, supervisor, { id: 1, start: [startCounter, 1, "ann"] });
    if (named.ok) expectTypeOf(named.pid).toEqualTypeOf<ServerPid<CounterProtocol> | undefined>();
    // @ts-expect-error -- start is a number
    void Supervisor.startChild(self, supervisor, [Counter, { start: "1" }]);
  });

  test("outcomes are told apart by ok", async () => {
    const ended = await Supervisor.deleteChild(self, supervisor, "x");
    if (!ended.ok) expectTypeOf(ended.reason).toEqualTypeOf<"running" | "restarting" | "not_found">();
    expectTypeOf(Supervisor.countChildren(self, supervisor)).toEqualTypeOf<Promise<ChildCounts>>();
    expectTypeOf(Supervisor.whichChildren(self, "name")).toEqualTypeOf<Promise<readonly ChildInfo[]>>();
    expectTypeOf(Supervisor.startLink(self, Tree, { size: 1 })).toEqualTypeOf<Promise<SupervisorPid>>();
  });
});

describe("children of a DynamicSupervisor", () => {
  test("a child is typed by its class, and checked", async () => {
    const started = await DynamicSupervisor.startChild(self, "rooms", [Counter, { start: 1 }]);
    if (started.ok) expectTypeOf(started.pid).toEqualTypeOf<ServerPid<CounterProtocol>>();
    // @ts-expect-error -- start is a number
    void DynamicSupervisor.startChild(self, "rooms", [Counter, { start: "1" }]);
    // Extra arguments may come before: they are not checked here.
    void DynamicSupervisor.startChild(self, "rooms", { id: 1, start: [startCounter, "ann"] });
    // @ts-expect-error -- there is no other strategy
    void DynamicSupervisor.startLink(self, { strategy: "one_for_all" });
  });
});

describe("children of a PartitionSupervisor", () => {
  test("the child is checked, and addresses go where addresses can stand", () => {
    void PartitionSupervisor.startLink(self, { name: "parts", childSpec: [Counter, { start: 1 }] });
    // @ts-expect-error -- start is a number
    void PartitionSupervisor.startLink(self, { name: "parts", childSpec: [Counter, { start: "1" }] });
    // @ts-expect-error -- the name is required
    void PartitionSupervisor.startLink(self, { childSpec: Plain });
    expectTypeOf(call(self, { via: PartitionSupervisor, name: ["parts", 1] }, { type: "get" })).toEqualTypeOf<
      Promise<unknown>
    >();
  });
});
