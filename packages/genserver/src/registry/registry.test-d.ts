import type { Node, Pid, Process } from "@otp/core";
import { describe, expectTypeOf, test } from "vitest";

import {
  call,
  type ListenerMessage,
  type Registered,
  Registry,
  type RegistryEntry,
  type RegistryName,
  Supervisor,
  type UpdateResult,
} from "../index.ts";

interface Seat {
  readonly seats: number;
  readonly tags: readonly string[];
}

declare const self: Process;
declare const node: Node;
declare const rooms: RegistryName<string, Seat>;

describe("a typed registry", () => {
  test("gives what is registered in it", () => {
    expectTypeOf(Registry.named<string, Seat>("rooms")).toEqualTypeOf<RegistryName<string, Seat>>();
    expectTypeOf(Registry.lookup(self, rooms, "kitchen")).toEqualTypeOf<readonly Registered<Seat>[]>();
    expectTypeOf(Registry.keys(self, rooms, self.pid)).toEqualTypeOf<readonly string[]>();
    expectTypeOf(Registry.values(node, rooms, "kitchen", self.pid)).toEqualTypeOf<readonly Seat[]>();
    expectTypeOf(Registry.select(self, rooms, Registry.any)).toEqualTypeOf<readonly RegistryEntry<string, Seat>[]>();
    expectTypeOf(Registry.select(self, rooms, {}, ({ value }) => value.seats)).toEqualTypeOf<readonly number[]>();
    expectTypeOf(Registry.updateValue(self, rooms, "kitchen", (seat) => seat)).toEqualTypeOf<UpdateResult<Seat>>();
    expectTypeOf(Registry.lock(self, rooms, "kitchen", () => 1)).resolves.toBeNumber();
    expectTypeOf<Extract<ListenerMessage<string, Seat>, { type: "register" }>["value"]>().toEqualTypeOf<Seat>();
  });

  test("infers the parameters of predicates", () => {
    Registry.match(self, rooms, "kitchen", (value) => {
      expectTypeOf(value).toEqualTypeOf<Seat>();
      return true;
    });
    Registry.match(self, rooms, "kitchen", { seats: (seats) => seats > 1, tags: Registry.any });
    Registry.select(self, rooms, { key: (key) => key.startsWith("k"), pid: self.pid });
    Registry.dispatch(self, rooms, "kitchen", (entries) => {
      expectTypeOf(entries).toEqualTypeOf<readonly Registered<Seat>[]>();
    });
  });

  test("says whether a dispatch is over at once", () => {
    expectTypeOf(Registry.dispatch(self, rooms, "kitchen", () => 1)).toEqualTypeOf<"ok">();
    expectTypeOf(Registry.dispatch(self, rooms, "kitchen", async () => 1)).toEqualTypeOf<Promise<"ok">>();
    expectTypeOf(Registry.dispatchParallel(self, rooms, "kitchen", () => 1)).toEqualTypeOf<Promise<"ok">>();
  });

  test("refuses other keys and values", () => {
    // @ts-expect-error: the key is a string
    Registry.register(self, rooms, 1, { seats: 1, tags: [] });
    // @ts-expect-error: the value has seats
    Registry.register(self, rooms, "kitchen", { tags: [] });
    // @ts-expect-error: the key is a string
    Registry.lookup(self, rooms, 1);
    // @ts-expect-error: seats are a number
    Registry.match(self, rooms, "kitchen", { seats: "1" });
    // @ts-expect-error: there is no such field
    Registry.match(self, rooms, "kitchen", { chairs: 1 });
    // @ts-expect-error: the update gives another type
    Registry.updateValue(self, rooms, "kitchen", () => 1);
    // @ts-expect-error: the key is a string
    Registry.via(rooms, 1);
    // @ts-expect-error: the value has seats
    Registry.via(rooms, "kitchen", 1);
    // @ts-expect-error: only a process registers
    Registry.register(node, rooms, "kitchen", { seats: 1, tags: [] });
    // @ts-expect-error: only a process dispatches in parallel
    void Registry.dispatchParallel(node, rooms, "kitchen", () => 1);
  });
});

describe("a registry of which nothing is known", () => {
  test("takes everything and promises nothing", () => {
    Registry.register(self, "plain", { any: "key" }, 42);
    expectTypeOf(Registry.lookup(self, "plain", 1)).toEqualTypeOf<readonly Registered[]>();
    expectTypeOf(Registry.match(self, "plain", 1, (value) => value === 1)).toEqualTypeOf<readonly Registered[]>();
    Registry.match(self, "plain", 1, { seats: 1 });
  });
});

describe("registries elsewhere", () => {
  test("a name by via is an address, a registry a child", () => {
    expectTypeOf(Registry.whereisName(self, [rooms, "kitchen"])).toEqualTypeOf<Pid | undefined>();
    void call(self, Registry.via(rooms, "kitchen"), { type: "get" });
    void call(self, { via: Registry, name: [rooms, "kitchen"] }, { type: "get" });
    self.send(Registry.via(rooms, "kitchen"), "message");
    void Registry.startLink(self, { name: rooms, keys: "unique" });
    void Supervisor.startLink(self, [Registry.childSpec({ name: rooms, keys: "unique" })], { strategy: "one_for_one" });
    const options = { name: rooms, keys: "duplicate" } as const;
    void Supervisor.startLink(self, [[Registry, options]], { strategy: "one_for_one" });
    // @ts-expect-error: keys are unique or duplicate
    void Registry.startLink(self, { name: rooms, keys: "both" });
    // @ts-expect-error: the name is needed
    void Registry.startLink(self, { keys: "unique" });
    // @ts-expect-error: a child is checked, too
    void Supervisor.startLink(self, [[Registry, { name: rooms }]], { strategy: "one_for_one" });
  });
});
