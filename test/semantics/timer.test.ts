/** Chapter 9: timers. */
import { ArgumentError, type Pid, type Ref } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, dead, isolations, next, pause, playing, tells, waits } from "./world.ts";

describe.each(isolations)("timers, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-TIMER-01 start_timer and send_after shapes",
    play(async (self, { runtime }) => {
      const start = runtime.now();
      const r = self.startTimer(self.pid, "plopp", 30);
      self.sendAfter(self.pid, "plipp", 30);
      expect(await next(self)).toEqual({ type: "timeout", ref: r, message: "plopp" });
      expect(await next(self)).toBe("plipp");
      expect(runtime.now() - start).toBe(30);
    }),
  );

  it(
    "T-TIMER-02 Fired and unknown timers",
    play(async (self) => {
      const r = self.sendAfter(self.pid, "x", 1);
      await next(self);
      const unknown = self.makeRef();
      expect([self.readTimer(r), self.cancelTimer(r)]).toEqual([false, false]);
      expect([self.readTimer(unknown), self.cancelTimer(unknown)]).toEqual([false, false]);
      expect(() => Reflect.apply(self.cancelTimer, self, ["a"])).toThrow(ArgumentError);
      expect(() => Reflect.apply(self.readTimer, self, ["a"])).toThrow(ArgumentError);
    }),
  );

  it(
    "T-TIMER-03 Cancel",
    play(async (self) => {
      const r = self.sendAfter(self.pid, "x", 1_000);
      const left = self.cancelTimer(r);
      expect(left).toBeGreaterThan(900);
      expect(left).toBeLessThanOrEqual(1_000);
      expect(self.cancelTimer(r)).toBe(false);
      expect(await arrivals(self, 2_000)).toEqual([]);
    }),
  );

  it(
    "T-TIMER-04 Order by due time",
    play(async (self) => {
      const plan: [number, string][] = [
        [150, "last"],
        [0, "a0"],
        [60, "a2"],
        [30, "a1"],
        [120, "a4"],
        [90, "a3"],
      ];
      for (const [ms, message] of plan) self.sendAfter(self.pid, message, ms);
      expect(await arrivals(self, 200)).toEqual(["a0", "a1", "a2", "a3", "a4", "last"]);
    }),
  );

  it(
    "T-TIMER-05 Illegal times",
    play((self, { runtime }) => {
      const before = runtime.pendingTimers;
      for (const ms of [-4, 4.5, "a", Number.NaN, Number.POSITIVE_INFINITY, undefined]) {
        expect(() => Reflect.apply(self.sendAfter, self, [self.pid, "x", ms])).toThrow(ArgumentError);
        expect(() => Reflect.apply(self.startTimer, self, [self.pid, "x", ms])).toThrow(ArgumentError);
      }
      expect(runtime.pendingTimers).toBe(before);
    }),
  );

  it(
    "T-TIMER-06 Asynchronous cancel and read",
    play(async (self) => {
      const r = self.sendAfter(self.pid, "x", 1_000);
      expect(self.readTimer(r, { async: true })).toBe("ok");
      expect(self.cancelTimer(r, { async: true })).toBe("ok");
      expect(self.cancelTimer(r, { async: true })).toBe("ok");
      expect(await arrivals(self, 2_000)).toEqual([
        { type: "readTimer", ref: r, result: 1_000 },
        { type: "cancelTimer", ref: r, result: 1_000 },
        { type: "cancelTimer", ref: r, result: false },
      ]);
    }),
  );

  it(
    "T-TIMER-07 info: false",
    play(async (self) => {
      const [r, r2] = [self.sendAfter(self.pid, "x", 1_000), self.sendAfter(self.pid, "x", 1_000)];
      expect(self.cancelTimer(r, { info: false })).toBe("ok");
      expect(self.readTimer(r)).toBe(false);
      expect(self.cancelTimer(r2, { async: true, info: false })).toBe("ok");
      expect(await arrivals(self, 2_000)).toEqual([]);
    }),
  );

  it(
    "T-TIMER-08 Dead destination",
    play(async (self) => {
      const p = self.spawn(waits);
      const r = self.sendAfter(p, "x", 5_000);
      expect(self.readTimer(r)).toBe(5_000);
      self.sendExit(p, "kill");
      await self.sleep(50);
      expect(self.readTimer(r)).toBe(false);
      expect(self.readTimer(self.sendAfter(await dead(self), "x", 5_000))).toBe(false);
    }),
  );

  it(
    "T-TIMER-09 Absolute time",
    play(async (self, { node }) => {
      const now = node.monotonicTime();
      self.sendAfter(self.pid, "a", now + 30, { abs: true });
      self.sendAfter(self.pid, "b", now - 1_000, { abs: true });
      expect(await next(self)).toBe("b");
      expect(node.monotonicTime()).toBe(now);
      expect(await next(self)).toBe("a");
      expect(node.monotonicTime()).toBe(now + 30);
    }),
  );

  it(
    "TIMER-2 never early, and a time of 0 is asynchronous too",
    play(async (self, { runtime }) => {
      self.sendAfter(self.pid, "zero", 0);
      expect(self.flush()).toEqual([]);
      expect(await next(self)).toBe("zero");
      for (const ms of [1, 7, 250]) {
        const start = runtime.now();
        self.sendAfter(self.pid, ms, ms);
        expect(await next(self)).toBe(ms);
        expect(runtime.now() - start).toBe(ms);
      }
    }),
  );

  it(
    "TIMER-3 times far away are taken and do not fire early",
    play(async (self) => {
      const far = [2 ** 31, 2 ** 32, 2 ** 40, 2 ** 48];
      const refs = far.map((ms) => self.sendAfter(self.pid, "early", ms));
      expect(await arrivals(self, 10_000)).toEqual([]);
      expect(refs.map((ref) => self.cancelTimer(ref))).toEqual(far.map((ms) => ms - 10_000));
    }),
  );

  it(
    "TIMER-5 a cancelled timer never fires, one that fired says false",
    play(async (self) => {
      const refs = Array.from({ length: 50 }, (_, n) => self.sendAfter(self.pid, n, n));
      await self.sleep(25);
      const left = refs.map((ref) => self.cancelTimer(ref));
      const got = await arrivals(self);
      left.forEach((ms, n) => expect(got.includes(n)).toBe(ms === false));
    }),
  );

  it(
    "TIMER-6 reading leaves a timer running",
    play(async (self) => {
      const r = self.sendAfter(self.pid, "x", 100);
      await self.sleep(40);
      expect(self.readTimer(r)).toBe(60);
      expect(await arrivals(self)).toEqual(["x"]);
    }),
  );

  it(
    "TIMER-8 a name is looked up when the time has come",
    play(async (self) => {
      self.sendAfter("later", "x", 50);
      self.sendAfter("nobody", "x", 50);
      const p = self.spawn(tells, self.pid);
      self.register("later", p);
      expect(await arrivals(self)).toEqual([{ pid: p, got: "x" }]);
    }),
  );

  it(
    "TIMER-1 the receiver of a timer is a pid of this node, an alias or a name",
    play(async (self) => {
      const alias = self.alias({ reply: true });
      self.sendAfter(alias, "through the alias", 5);
      self.sendAfter(alias, "too late", 6);
      expect(await arrivals(self)).toEqual(["through the alias"]);
      for (const odd of [42, null, undefined, {}, { name: "n", node: "n@h" }]) {
        expect(() => Reflect.apply(self.sendAfter, self, [odd, "x", 1])).toThrow(ArgumentError);
      }
    }),
  );

  it(
    "TIMER-9 the end of the starter does not stop a timer; anybody may read and cancel it",
    play(async (self) => {
      self.spawn((starter, to: Pid) => {
        starter.send(to, starter.sendAfter(to, "kept", 100));
        starter.send(to, starter.sendAfter(to, "cancelled", 100));
      }, self.pid);
      const [kept, cancelled] = [(await next(self)) as Ref, (await next(self)) as Ref];
      await pause(self);
      expect(self.readTimer(kept)).toBe(99);
      expect(self.cancelTimer(cancelled)).toBe(99);
      expect(await arrivals(self)).toEqual(["kept"]);
    }),
  );

  it(
    "TIMER-14 sleep takes any whole number and infinity",
    play(async (self, { runtime }) => {
      for (const odd of [-1, 0.5, Number.NaN, "long", undefined]) {
        expect(() => Reflect.apply(self.sleep, self, [odd])).toThrow(ArgumentError);
      }
      const start = runtime.now();
      await self.sleep(0);
      await self.sleep(17);
      expect(runtime.now() - start).toBe(17);
      const sleepers = [2 ** 32, 2 ** 40, "infinity" as const].map((ms) => self.spawn((p) => p.sleep(ms)));
      await self.sleep(1_000);
      for (const pid of sleepers) expect(self.node.isProcessAlive(pid)).toBe(true);
    }),
  );
});
