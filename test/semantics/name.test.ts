/** Chapter 8: local names. */
import { ArgumentError } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, dead, endOf, isolations, pause, playing, tells, waits } from "./world.ts";

describe.each(isolations)("names, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-NAME-01 Basics",
    play((self, { node }) => {
      const p = self.spawn(waits);
      expect(self.register("n", p)).toBe(true);
      expect(self.whereis("n")).toBe(p);
      expect(node.registered()).toContain("n");
      expect(self.unregister("n")).toBe(true);
      expect(self.whereis("n")).toBeUndefined();
    }),
  );

  it(
    "T-NAME-02 Refusals",
    play(async (self, { node }) => {
      const [p, q] = [self.spawn(waits), self.spawn(waits)];
      const d = await dead(self);
      self.register("n", p);
      expect(() => self.register("n", q)).toThrow(ArgumentError);
      expect(() => self.register("m", p)).toThrow(ArgumentError);
      expect(() => self.register("n", p)).toThrow(ArgumentError);
      expect(() => self.register("x", d)).toThrow(ArgumentError);
      expect(node.registered()).not.toContain("x");
    }),
  );

  it(
    "T-NAME-03 unregister",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      self.register("n", p);
      self.spawn((other) => other.unregister("n"));
      await pause(self);
      expect(self.whereis("n")).toBeUndefined();
      expect(node.isProcessAlive(p)).toBe(true);
      expect(self.register("n2", p)).toBe(true);
      expect(self.whereis("n2")).toBe(p);
      expect(() => self.unregister("unknown")).toThrow(ArgumentError);
    }),
  );

  it(
    "NAME-1 a process has one name, a name has one process",
    play((self, { node }) => {
      self.register("one");
      expect(node.info(self.pid, "registeredName")).toBe("one");
      expect(() => self.register("two")).toThrow(ArgumentError);
      self.unregister("one");
      expect(self.register("two")).toBe(true);
      expect(node.registered()).toContain("two");
      expect(node.registered()).not.toContain("one");
    }),
  );

  it(
    "NAME-2 nil, true, false, undefined and what is not a string are no names",
    play((self) => {
      for (const odd of ["nil", "true", "false", "undefined", "", 1, null, undefined, {}, Symbol("n")]) {
        expect(() => Reflect.apply(self.register, self, [odd])).toThrow(ArgumentError);
      }
      expect(() => Reflect.apply(self.register, self, ["n", "not a pid"])).toThrow(ArgumentError);
    }),
  );

  it(
    "NAME-3 whereis of a name that nobody has is undefined",
    play((self, { node }) => {
      expect(self.whereis("nobody")).toBeUndefined();
      expect(node.whereis("nobody")).toBeUndefined();
    }),
  );

  it(
    "NAME-5 a name is free when its owner has ended, however it ended",
    play(async (self) => {
      for (const end of ["normal", "shutdown", "kill", { any: "reason" }]) {
        const p = self.spawn(async (p) => {
          p.register("n");
          await p.receive();
          p.exit(end);
        });
        await pause(self);
        const ended = endOf(self, p);
        self.send("n", "go");
        await ended;
        expect(self.whereis("n")).toBeUndefined();
      }
    }),
  );

  it(
    "NAME-6 a name with the own node's name is the local one",
    play(async (self, { node }) => {
      const p = self.spawn(tells, self.pid);
      self.register("p", p);
      const address = { name: "p", node: node.name };
      self.send(address, "hi");
      expect(await arrivals(self)).toEqual([{ pid: p, got: "hi" }]);
      const ref = self.monitor(address);
      self.sendExit(p, "x");
      expect(self.flush()).toEqual([{ type: "DOWN", ref, object: address, reason: "x" }]);
    }),
  );
});
