import type { Pid, Process } from "@otp/core";
import { CallError, Registry, Supervisor } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { failure } from "./behaviour.ts";
import { registered } from "./registrants.ts";
import { quietly } from "./tasks.ts";
import { arrivals, endOf, next, pause, playing, tells, waitsTrapping } from "./world.ts";

const play = playing("freeze");

const reg = Registry.named<string, number>("reg");

function unique(self: Process, options: object = {}) {
  return Registry.startLink(self, { name: reg, keys: "unique", ...options });
}

function duplicate(self: Process, options: object = {}) {
  return Registry.startLink(self, { name: reg, keys: "duplicate", ...options });
}

describe("Registry: ends", () => {
  it.each(["unique", "duplicate"] as const)(
    "T-REG-04 REG-3 entries are gone when the end of their process is heard of (%s)",
    (keys) =>
      play(async (self) => {
        await Registry.startLink(self, { name: reg, keys, partitions: 2 });
        const other = await registered(self, reg, [
          ["k", 1],
          ["l", 2],
        ]);
        const ref = self.monitor(other);
        self.sendExit(other, "kill");
        await self.receive({ type: "DOWN", ref });
        expect(Registry.lookup(self, reg, "k")).toEqual([]);
        expect(Registry.keys(self, reg, other)).toEqual([]);
        expect(Registry.count(self, reg)).toBe(0);
        expect(Registry.register(self, reg, "k", 3).ok).toBe(true);
        expect(await arrivals(self)).toEqual([]);
      })(),
  );

  it(
    "REG-8 stopping the registry takes its registrants along, and clears the others",
    play(async (self, { node }) => {
      const registry = await unique(self, { partitions: 2 });
      const other = await registered(self, reg, [["k", 1]]);
      const trapping = self.spawn(async (survivor) => {
        Registry.register(survivor, reg, "l", 1);
        await waitsTrapping(survivor);
      });
      await pause(self);
      const end = endOf(self, other);
      await Supervisor.stop(self, registry);
      expect(await end).toBe("shutdown");
      expect(node.isProcessAlive(trapping)).toBe(true);
      expect(() => Registry.lookup(self, reg, "k")).toThrow("unknown registry");
      await unique(self);
      expect(Registry.count(self, reg)).toBe(0);
      self.sendExit(trapping, "kill");
    }),
  );

  it(
    "REG-8 the end of one partition ends all, and the registry starts them anew",
    quietly(async (self) => {
      await unique(self, { partitions: 3, meta: { kept: true } });
      const others: Pid[] = [];
      for (const key of ["a", "b", "c", "d"]) others.push(await registered(self, reg, [[key, 1]]));
      const registration = Registry.register(self, reg, "own", 1);
      self.trapExit = true;
      const owner = registration.ok ? registration.owner : self.pid;
      self.sendExit(owner, "kill");
      expect(await next(self)).toEqual({ type: "EXIT", from: owner, reason: "killed" });
      await pause(self);
      expect(others.filter((other) => self.node.isProcessAlive(other))).toEqual([]);
      expect(Registry.count(self, reg)).toBe(0);
      expect(Registry.meta(self, reg, "kept")).toEqual({ ok: true, value: true });
      expect(Registry.register(self, reg, "own", 1).ok).toBe(true);
    }),
  );

  it(
    "REG-11 a registry is the child of a supervisor",
    play(async (self) => {
      const options = { name: reg, keys: "unique" } as const;
      const root = await Supervisor.startLink(self, [[Registry, options]], { strategy: "one_for_one" });
      expect(await Supervisor.whichChildren(self, root)).toMatchObject([
        { id: "reg", type: "supervisor", modules: ["Registry"] },
      ]);
      expect(Registry.count(self, reg)).toBe(0);
      const { node } = self;
      await Registry.start(node, { name: "other", keys: "duplicate" });
      expect(Registry.count(node, "other")).toBe(0);
      // @ts-expect-error -- the compiler refuses it, too
      expect(() => Registry.register(node, reg, "k", 1)).toThrow("expected the calling process");
    }),
  );
});

describe("Registry: dispatch and listeners", () => {
  it(
    "REG-7 dispatch hands all entries to the function, in the caller, and not when there are none",
    play(async (self) => {
      await duplicate(self);
      Registry.register(self, reg, "k", 1);
      Registry.register(self, reg, "k", 2);
      const seen: unknown[] = [];
      expect(Registry.dispatch(self, reg, "none", (entries) => seen.push(entries))).toBe("ok");
      expect(Registry.dispatch(self, reg, "k", (entries) => seen.push(entries))).toBe("ok");
      expect(seen).toEqual([
        [
          { pid: self.pid, value: 1 },
          { pid: self.pid, value: 2 },
        ],
      ]);
      const fail = () => {
        throw new Error("mine");
      };
      expect(() => Registry.dispatch(self, reg, "k", fail)).toThrow("mine");
      const failLater = async () => {
        await self.sleep(1);
        throw new Error("later");
      };
      await expect(Registry.dispatch(self, reg, "k", failLater)).rejects.toThrow("later");
      // Nobody waits, and the program goes on (JS-9).
      void Registry.dispatch(self, reg, "k", failLater);
      await self.sleep(2);
    }),
  );

  it(
    "REG-7 dispatchParallel has one process per partition",
    quietly(async (self, { runtime }) => {
      await duplicate(self, { partitions: 4 });
      for (let index = 0; index < 8; index += 1) await registered(self, reg, [["k", index]]);
      const before = self.node.monotonicTime();
      const values: number[] = [];
      const done = await Registry.dispatchParallel(self, reg, "k", async (entries) => {
        values.push(...entries.map(({ value }) => value));
        // Each in a process of its own, so that all wait at once.
        await new Promise((resolve) => runtime.setTimer(50, () => resolve(undefined), false));
      });
      expect(done).toBe("ok");
      expect(new Set(values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
      expect(self.node.monotonicTime() - before).toBeLessThan(100);
      self.trapExit = true;
      const fail = () => {
        throw new Error("theirs");
      };
      expect(await failure(Registry.dispatchParallel(self, reg, "k", fail))).toBeInstanceOf(CallError);
      await Registry.startLink(self, { name: "one", keys: "unique" });
      Registry.register(self, "one", "k", 1);
      expect(await failure(Registry.dispatchParallel(self, "one", "k", fail))).toMatchObject({ message: "theirs" });
    }),
  );

  it(
    "REG-10 listeners hear of registering and unregistering, not of ends",
    play(async (self) => {
      const listener = self.spawn(tells, self.pid);
      self.register("listener", listener);
      await duplicate(self, { listeners: ["listener", "nobody"] });
      Registry.register(self, reg, "k", 1);
      Registry.register(self, reg, "k", 2);
      Registry.unregister(self, reg, "k");
      Registry.unregister(self, reg, "k");
      const other = await registered(self, reg, [["k", 3]]);
      self.sendExit(other, "kill");
      const got = (await arrivals(self)).map((message) => Reflect.get(Object(message), "got"));
      const { pid } = self;
      expect(got).toEqual([
        { type: "register", registry: "reg", key: "k", pid, value: 1 },
        { type: "register", registry: "reg", key: "k", pid, value: 2 },
        { type: "unregister", registry: "reg", key: "k", pid },
        { type: "register", registry: "reg", key: "k", pid: other, value: 3 },
      ]);
    }),
  );
});
