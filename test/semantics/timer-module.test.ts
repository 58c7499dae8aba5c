/** Chapter 9: the `timer` module. */
import { type Pid, timer } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, dead, isolations, next, playing, tells, waits, waitsTrapping } from "./world.ts";

describe.each(isolations)("the timer module, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-TIMER-10 timer module results",
    play((self) => {
      const started = timer.sendAfter(self, 1_000, "x");
      expect(started).toEqual({ ok: true, ref: expect.anything() });
      const ref = started.ok ? started.ref : self.makeRef();
      expect(timer.cancel(self, ref)).toEqual({ ok: true, value: "cancel" });
      expect(timer.cancel(self, ref)).toEqual({ ok: true, value: "cancel" });
      const badarg = { ok: false, reason: "badarg" };
      expect(Reflect.apply(timer.cancel, timer, [self, "no_reference"])).toEqual(badarg);
      expect(timer.sendAfter(self, -1, "x")).toEqual(badarg);
    }),
  );

  it(
    "T-TIMER-11 Interval",
    play(async (self, { runtime }) => {
      const start = runtime.now();
      const started = timer.sendInterval(self, 20, "i");
      const times: number[] = [];
      for (let n = 0; n < 3; n += 1) {
        expect(await next(self)).toBe("i");
        times.push(runtime.now() - start);
      }
      expect(times).toEqual([20, 40, 60]);
      if (started.ok) timer.cancel(self, started.ref);
      self.flush();
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-TIMER-12 apply_after, exit_after, kill_after",
    play(async (self) => {
      self.trapExit = true;
      const [p, q] = [self.spawnLink(waits), self.spawnLink(waitsTrapping)];
      timer.applyAfter(self, 10, (other, to: Pid) => other.send(to, "ap"), self.pid);
      timer.exitAfter(self, 10, p, "rsn");
      timer.killAfter(self, 10, q);
      expect(await arrivals(self, 9)).toEqual([]);
      expect(await arrivals(self)).toEqual([
        { type: "EXIT", from: p, reason: "rsn" },
        { type: "EXIT", from: q, reason: "killed" },
        "ap",
      ]);
    }),
  );

  it(
    "TIMER-11 refuses bad times and targets with badarg, and takes what is gone",
    play(async (self) => {
      const badarg = { ok: false, reason: "badarg" };
      for (const ms of [-1, 0.5, Number.NaN, "soon", undefined]) {
        expect(Reflect.apply(timer.sendAfter, timer, [self, ms, "x"])).toEqual(badarg);
        expect(Reflect.apply(timer.sendInterval, timer, [self, ms, "x"])).toEqual(badarg);
        expect(Reflect.apply(timer.applyAfter, timer, [self, ms, waits])).toEqual(badarg);
        expect(Reflect.apply(timer.applyInterval, timer, [self, ms, waits])).toEqual(badarg);
        expect(Reflect.apply(timer.exitAfter, timer, [self, ms, "x"])).toEqual(badarg);
        expect(Reflect.apply(timer.killAfter, timer, [self, ms])).toEqual(badarg);
      }
      expect(timer.sendInterval(self, 0, "x")).toEqual(badarg);
      expect(Reflect.apply(timer.sendAfter, timer, [self, 1, 42, "x"])).toEqual(badarg);
      expect(Reflect.apply(timer.exitAfter, timer, [self, 1, 42, "x"])).toEqual(badarg);
      expect(Reflect.apply(timer.applyAfter, timer, [self, 1, "no function"])).toEqual(badarg);
      const fired = timer.sendAfter(self, 1, "x");
      expect(await next(self)).toBe("x");
      if (fired.ok) expect(timer.cancel(self, fired.ref)).toEqual({ ok: true, value: "cancel" });
      expect(timer.sendAfter(self, 1, await dead(self), "x")).toMatchObject({ ok: true });
      expect(timer.sendAfter(self, 1, "nobody", "x")).toMatchObject({ ok: true });
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "TIMER-12 an interval keeps its beat, and ends with the receiver",
    play(async (self, { runtime }) => {
      const start = runtime.now();
      const times: number[] = [];
      const p = self.spawn(async (p) => {
        for (;;) {
          await p.receive();
          times.push(runtime.now() - start);
          await p.sleep(15);
        }
      });
      const started = timer.sendInterval(self, 20, p, "beat");
      await self.sleep(105);
      expect(times).toEqual([20, 40, 60, 80, 100]);
      self.sendExit(p, "kill");
      const before = runtime.pendingTimers;
      await self.sleep(100);
      expect(times).toHaveLength(5);
      expect(runtime.pendingTimers).toBeLessThanOrEqual(before);
      if (started.ok) expect(timer.cancel(self, started.ref)).toEqual({ ok: true, value: "cancel" });
    }),
  );

  it(
    "TIMER-12 an interval to a name reaches whoever has it",
    play(async (self) => {
      const started = timer.sendInterval(self, 10, "named", "beat");
      await self.sleep(25);
      const p = self.spawn(tells, self.pid);
      self.register("named", p);
      expect(await arrivals(self, 20)).toEqual([
        { pid: p, got: "beat" },
        { pid: p, got: "beat" },
      ]);
      if (started.ok) timer.cancel(self, started.ref);
    }),
  );

  it(
    "TIMER-13 an applied function runs in a process of its own, whose failure disturbs nobody",
    play(async (self) => {
      let runs = 0;
      timer.applyAfter(self, 5, () => {
        runs += 1;
        throw new Error("disturbs nobody");
      });
      const started = timer.applyInterval(
        self,
        10,
        (p, to: Pid) => {
          runs += 1;
          p.send(to, p.pid);
          p.exit("crash");
        },
        self.pid,
      );
      const pids = (await arrivals(self, 35)) as Pid[];
      expect(runs).toBe(4);
      expect(new Set(pids.map(String)).size).toBe(3);
      expect(pids).not.toContain(self.pid);
      if (started.ok) timer.cancel(self, started.ref);
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "TIMER-13 exitAfter and killAfter aim at the caller by default",
    play(async (self) => {
      const a = self.spawnMonitor(async (p) => {
        timer.exitAfter(p, 10, "time is over");
        await waits(p);
      });
      const b = self.spawnMonitor(async (p) => {
        timer.killAfter(p, 20);
        await waitsTrapping(p);
      });
      const c = self.spawnMonitor(async (p) => {
        p.register("c");
        await waits(p);
      });
      timer.exitAfter(self, 30, "c", "by name");
      expect(await arrivals(self)).toEqual([
        { type: "DOWN", ref: a.ref, object: a.pid, reason: "time is over" },
        { type: "DOWN", ref: b.ref, object: b.pid, reason: "killed" },
        { type: "DOWN", ref: c.ref, object: c.pid, reason: "by name" },
      ]);
    }),
  );

  it(
    "TIMER-12 the interval of a caller that has ended applies no more",
    play(async (self) => {
      let runs = 0;
      const caller = self.spawn(async (p) => {
        timer.applyInterval(p, 10, () => {
          runs += 1;
        });
        await waits(p);
      });
      await self.sleep(35);
      expect(runs).toBe(3);
      self.sendExit(caller, "over");
      await self.sleep(100);
      expect(runs).toBe(3);
    }),
  );
});
