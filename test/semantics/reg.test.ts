import { ArgumentError, type Pid, type Process } from "@otp/core";
import { call, type Call, cast, type From, GenServer, ok, Registry, reply, start, startLink } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, startFailure } from "./behaviour.ts";
import { isolations, playing } from "./world.ts";
import { registered } from "./registrants.ts";

const reg = Registry.named<unknown, unknown>("reg");

function unique(self: Process, options: object = {}) {
  return Registry.startLink(self, { name: reg, keys: "unique", ...options });
}

function duplicate(self: Process, options: object = {}) {
  return Registry.startLink(self, { name: reg, keys: "duplicate", ...options });
}

interface HolderProtocol {
  readonly call: Call<"get", number> | Call<"set", number, { readonly to: number }>;
  readonly info: { readonly type: "noted" };
}

class Holder extends GenServer<number, HolderProtocol, number> {
  override init(held: number) {
    return ok(held);
  }
  override handleCall(request: HolderProtocol["call"], _from: From, held: number) {
    return request.type === "get" ? reply(held, held) : reply(held, request.to);
  }
}

describe.each(isolations)("Registry, %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-REG-01 unique: one process per key, also for the own process",
    play(async (self) => {
      await unique(self);
      const first = Registry.register(self, reg, "k", "v");
      expect(first.ok && self.node.isProcessAlive(first.owner)).toBe(true);
      const again = { ok: false, reason: { type: "already_registered", pid: self.pid } };
      expect(Registry.register(self, reg, "k", "v")).toEqual(again);
      expect(Registry.keys(self, reg, self.pid)).toEqual(["k"]);
      expect(Registry.lookup(self, reg, "k")).toEqual([{ pid: self.pid, value: "v" }]);
      expect(Registry.count(self, reg)).toBe(1);
    }),
  );

  it.each([1, 3])("T-REG-02 T-REG-03 keys of others, with %i partitions", (partitions) =>
    play(async (self) => {
      await unique(self, { partitions });
      const other = await registered(self, reg, [["k", "v"]]);
      const refusal = { ok: false, reason: { type: "already_registered", pid: other } };
      expect(Registry.register(self, reg, "k", 1)).toEqual(refusal);
      expect(Registry.keys(self, reg, self.pid)).toEqual([]);
      expect(Registry.values(self, reg, "k", other)).toEqual(["v"]);
      expect(Registry.whereisName(self, [reg, "k"])).toBe(other);

      const many = Registry.named<string, number>("many");
      await Registry.startLink(self, { name: many, keys: "duplicate", partitions });
      Registry.register(self, many, "k", 1);
      Registry.register(self, many, "k", 2);
      await registered(self, many, [["k", 3]]);
      expect(Registry.keys(self, many, self.pid)).toEqual(["k", "k"]);
      expect(new Set(Registry.lookup(self, many, "k").map(({ value }) => value))).toEqual(new Set([1, 2, 3]));
      expect(Registry.count(self, many)).toBe(3);
      expect(Registry.values(self, many, "k", self.pid)).toEqual([1, 2]);
    })(),
  );

  it(
    "T-REG-05 updateValue is for the owner, in unique registries",
    play(async (self) => {
      await unique(self);
      await registered(self, reg, [["o", "v"]]);
      const counts = Registry.named<string, number>("reg");
      Registry.register(self, counts, "w", 1);
      const refusal = { ok: false, reason: "not_registered" };
      expect(Registry.updateValue(self, counts, "hello", (count) => count + 1)).toEqual(refusal);
      expect(Registry.updateValue(self, counts, "o", (count) => count + 1)).toEqual(refusal);
      expect(Registry.updateValue(self, counts, "w", (count) => count + 1)).toEqual({ ok: true, value: 2, before: 1 });
      expect(Registry.lookup(self, counts, "w")).toEqual([{ pid: self.pid, value: 2 }]);
      await Registry.startLink(self, { name: "many", keys: "duplicate" });
      expect(() => Registry.updateValue(self, "many", "w", () => 1)).toThrow(ArgumentError);
    }),
  );

  it(
    "T-REG-06 values match patterns and predicates",
    play(async (self) => {
      const triples = Registry.named<string, readonly [number | string, string, number]>("reg");
      await unique(self);
      Registry.register(self, triples, "h", [1, "atom", 1]);
      const { any } = Registry;
      expect(Registry.match(self, triples, "h", [1, any, any])).toEqual([{ pid: self.pid, value: [1, "atom", 1] }]);
      expect(Registry.match(self, triples, "h", ["1", any, any])).toEqual([]);
      expect(Registry.countMatch(self, triples, "h", ([x, , y]) => x === y)).toBe(1);
      expect(Registry.countMatch(self, triples, "h", [any, any, (third) => third > 1])).toBe(0);
      expect(Registry.countMatch(self, triples, "h", any)).toBe(1);
      expect(Registry.countMatch(self, triples, "other", any)).toBe(0);
      Registry.unregisterMatch(self, triples, "h", [2, any, any]);
      expect(Registry.count(self, triples)).toBe(1);
      Registry.unregisterMatch(self, triples, "h", [1, any, any]);
      expect(Registry.count(self, triples)).toBe(0);
    }),
  );

  it(
    "T-REG-07 REG-5 keys are compared strictly and by value",
    play(async (self) => {
      await unique(self);
      const keys = [1, "1", true, "true", null, undefined, "_", "$1", [1], ["1"], { a: 1, b: [self.pid] }, 1n, 1.5];
      for (const key of keys) expect(Registry.register(self, reg, key, "v").ok).toBe(true);
      expect(Registry.keys(self, reg, self.pid)).toEqual(keys);
      expect(Registry.lookup(self, reg, { b: [self.pid], a: 1 })).toHaveLength(1);
      expect(Registry.match(self, reg, "_", Registry.any)).toHaveLength(1);
      Registry.unregister(self, reg, "_");
      expect(Registry.count(self, reg)).toBe(keys.length - 1);
      for (const key of keys) Registry.unregister(self, reg, key);
      expect(Registry.count(self, reg)).toBe(0);
    }),
  );

  it(
    "T-REG-08 a registrant is linked until its last key is gone",
    play(async (self, { node }) => {
      await unique(self);
      const { links: before } = node.info(self.pid, ["links"]) ?? {};
      const first = Registry.register(self, reg, "a", 1);
      const owner = first.ok ? first.owner : undefined;
      const linked = () => node.info(self.pid, ["links"])?.links;
      Registry.register(self, reg, "b", 1);
      expect(linked()).toContain(owner);
      Registry.unregister(self, reg, "a");
      expect(linked()).toContain(owner);
      Registry.unregister(self, reg, "b");
      expect(linked()).toEqual(before);
    }),
  );

  it(
    "T-REG-10 select and countSelect see whole entries",
    play(async (self) => {
      const counts = Registry.named<string, number>("reg");
      await unique(self);
      Registry.register(self, counts, "h", 1);
      Registry.register(self, counts, "w", 2);
      expect(Registry.select(self, counts, Registry.any)).toEqual([
        { key: "h", pid: self.pid, value: 1 },
        { key: "w", pid: self.pid, value: 2 },
      ]);
      expect(Registry.select(self, counts, { value: (value) => value > 1 }, ({ key }) => key)).toEqual(["w"]);
      expect(Registry.select(self, counts, ({ key, value }) => key === "h" && value === 1)).toHaveLength(1);
      expect(Registry.countSelect(self, counts, { value: 1 })).toBe(1);
      expect(Registry.countSelect(self, counts, { pid: self.pid })).toBe(2);
    }),
  );
});

describe("Registry", () => {
  const play = playing("freeze");

  it(
    "T-REG-09 names behaviours by via, with a value if there is one",
    play(async (self) => {
      await unique(self);
      const name = { via: Registry, name: [reg, "h"] } as const;
      const pid = await startLink(self, Holder, 1, { name });
      expect(await call(self, name, { type: "set", to: 2 })).toBe(1);
      expect(await call(self, Registry.via(reg, "h"), { type: "get" })).toBe(2);
      expect(await startFailure(start(self, Holder, 1, { name }))).toEqual({ type: "already_started", pid });
      const unknown = Registry.via(reg, "unknown");
      expect(await callFailure(call(self, unknown, { type: "get" }))).toMatchObject({ reason: "noproc" });
      expect(cast(self, unknown, { type: "get" })).toBe("ok");
      expect(() => self.send(unknown, { type: "noted" })).toThrow(ArgumentError);
      self.send(name, { type: "noted" });
      const valued = await start(self, Holder, 1, { name: Registry.via(reg, "v", "value") });
      expect(Registry.lookup(self, reg, "v")).toEqual([{ pid: valued, value: "value" }]);
      Registry.unregisterName(self, [reg, "v"]);
      expect(Registry.whereisName(self, [reg, "v"])).toBeUndefined();
      expect(Registry.registerName(self, [reg, "w"], self.pid)).toBe("yes");
      expect(Registry.registerName(self, [reg, "w"], valued)).toBe("no");
    }),
  );

  it(
    "T-REG-09 REG-9 a failed start frees its name, and duplicate registries refuse via",
    play(async (self) => {
      await duplicate(self);
      const name = Registry.via(reg, "h");
      await expect(start(self, Holder, 1, { name })).rejects.toThrow("via is not supported for duplicate registries");
      expect(() => Registry.registerName(self, [reg, "h"], self.pid)).toThrow(ArgumentError);
      const names = Registry.named<string>("names");
      await Registry.startLink(self, { name: names, keys: "unique" });
      class Failing extends Holder {
        override init(): never {
          throw new Error("no");
        }
      }
      await startFailure(start(self, Failing, 1, { name: Registry.via(names, "h") }));
      expect(Registry.count(self, names)).toBe(0);
      expect(await start(self, Holder, 1, { name: Registry.via(names, "h") })).toBeDefined();
      expect(() => Registry.whereisName(self, "h")).toThrow("expected [registry, key]");
      expect(() => Registry.whereisName(null, [names, "h"])).toThrow("expected the calling process");
    }),
  );

  it(
    "T-REG-11 unknown registries and options that make no sense are refused; meta",
    play(async (self) => {
      expect(() => Registry.register(self, "unknown", "k", 1)).toThrow("unknown registry: 'unknown'");
      self.register("tester");
      expect(() => Registry.lookup(self, "tester", "k")).toThrow(ArgumentError);
      const given = (options: object) => () => Registry.startLink(self, { name: "x", keys: "unique", ...options });
      expect(given({ keys: "foo" })).toThrow(`expected the option keys of a Registry to be "unique" or "duplicate"`);
      expect(given({ name: { global: 1 } })).toThrow("expected the option name");
      expect(given({ partitions: 0 })).toThrow("expected the option partitions");
      expect(given({ listeners: "a" })).toThrow("expected the option listeners");
      expect(given({ meta: 1 })).toThrow("expected the option meta");
      await unique(self, { meta: { a: 1 } });
      expect(Registry.meta(self, reg, "a")).toEqual({ ok: true, value: 1 });
      expect(Registry.meta(self, reg, "b")).toEqual({ ok: false, reason: "unknown_key" });
      expect(Registry.putMeta(self, reg, ["b"], 2)).toBe("ok");
      expect(Registry.meta(self, reg, ["b"])).toEqual({ ok: true, value: 2 });
      expect(Registry.deleteMeta(self, reg, "a")).toBe("ok");
      expect(Registry.meta(self, reg, "a")).toMatchObject({ ok: false });
      expect(await startFailure(unique(self))).toMatchObject({ type: "already_started" });
    }),
  );

  it(
    "REG-2 a process unregisters only what is its own",
    play(async (self) => {
      await duplicate(self);
      const other: Pid = await registered(self, reg, [["k", "theirs"]]);
      Registry.register(self, reg, "k", 1);
      Registry.register(self, reg, "k", 2);
      Registry.register(self, reg, "l", 3);
      expect(Registry.unregister(self, reg, "k")).toBe("ok");
      expect(Registry.unregister(self, reg, "k")).toBe("ok");
      expect(Registry.unregister(self, reg, "nobody's")).toBe("ok");
      expect(Registry.lookup(self, reg, "k")).toEqual([{ pid: other, value: "theirs" }]);
      expect(Registry.keys(self, reg, self.pid)).toEqual(["l"]);
    }),
  );
});
