import type { Process } from "@otp/core";
import { Registry } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { failure } from "./behaviour.ts";
import { quietly } from "./tasks.ts";
import { arrivals, pause } from "./world.ts";

/** A process that takes the lock `key` for `ms`, and tells when it has it and when no more. */
function contender(
  self: Process,
  { name, key, ms }: { readonly name: string; readonly key: unknown; readonly ms: number },
) {
  const to = self.pid;
  return self.spawn(async (other) => {
    await Registry.lock(other, "reg", key, async () => {
      other.send(to, `${name} in`);
      await other.sleep(ms);
      other.send(to, `${name} out`);
    });
  });
}

describe("Registry.lock", () => {
  const playLocked = (scene: (self: Process) => Promise<void>) =>
    quietly(async (self: Process) => {
      await Registry.startLink(self, { name: "reg", keys: "unique", partitions: 2 });
      await scene(self);
    });

  it(
    "REG-12 one at a time per key, in the order of asking; other keys do not matter",
    playLocked(async (self) => {
      contender(self, { name: "a", key: ["k"], ms: 10 });
      contender(self, { name: "b", key: ["k"], ms: 10 });
      contender(self, { name: "c", key: "other", ms: 5 });
      expect(await arrivals(self)).toEqual(["a in", "c in", "c out", "a out", "b in", "b out"]);
    }),
  );

  it(
    "REG-12 gives the result or the failure of the function, and frees the lock",
    playLocked(async (self) => {
      expect(await Registry.lock(self, "reg", "k", () => 42)).toBe(42);
      const fail = () => {
        throw new Error("mine");
      };
      expect(await failure(Registry.lock(self, "reg", "k", fail))).toMatchObject({ message: "mine" });
      expect(await Registry.lock(self.node, "reg", "k", async () => "outside")).toBe("outside");
      expect(await Registry.lock(self, "reg", "k", () => "free")).toBe("free");
    }),
  );

  it(
    "REG-12 the death of the holder frees the lock, that of a waiter is no matter",
    playLocked(async (self) => {
      const holder = contender(self, { name: "a", key: "k", ms: 1_000 });
      await pause(self);
      const waiter = contender(self, { name: "b", key: "k", ms: 5 });
      contender(self, { name: "c", key: "k", ms: 5 });
      await pause(self);
      self.sendExit(waiter, "kill");
      self.sendExit(holder, "kill");
      expect(await arrivals(self)).toEqual(["a in", "c in", "c out"]);
    }),
  );

  it(
    "REG-12 a registry that stops fails those who wait",
    playLocked(async (self) => {
      contender(self, { name: "a", key: "k", ms: 50 });
      await pause(self);
      const waiting = failure(Registry.lock(self, "reg", "k", () => "never"));
      self.trapExit = true;
      const registry = self.whereis("reg");
      if (registry === undefined) throw new Error("the registry does not run");
      self.sendExit(registry, "kill");
      expect(await waiting).toMatchObject({ name: "CallError" });
    }),
  );
});
