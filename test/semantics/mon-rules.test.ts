/** Chapter 5: monitors, the rules without a case of their own. */
import { remote } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, isolations, next, playing, waits } from "./world.ts";

const nothing = remote("semantics/mon/nothing", () => undefined);

describe.each(isolations)("rules of monitors, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "MON-1 monitors are one-way and independent: removing one leaves the others",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      const [a, b] = [self.monitor(p), self.monitor(p)];
      expect(node.info(p, "monitors")).toEqual([]);
      self.demonitor(a);
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([{ type: "DOWN", ref: b, object: p, reason: "x" }]);
    }),
  );

  it(
    "MON-5 a name is resolved once, when the monitor is set",
    play(async (self, { node }) => {
      const [p, q] = [self.spawn(waits), self.spawn(waits)];
      self.register("n", p);
      const ref = self.monitor("n");
      self.unregister("n");
      self.register("n", q);
      expect(await arrivals(self)).toEqual([]);
      self.sendExit(q, "kill");
      expect(await arrivals(self)).toEqual([]);
      self.sendExit(p, "x");
      const object = { name: "n", node: node.name };
      expect(await arrivals(self)).toEqual([{ type: "DOWN", ref, object, reason: "x" }]);
    }),
  );

  it(
    "MON-6 a DOWN that is queued already stays after demonitor",
    play(async (self) => {
      const p = self.spawn(waits);
      const ref = self.monitor(p);
      self.sendExit(p, "x");
      expect(self.demonitor(ref)).toBe(true);
      expect(self.flush()).toEqual([{ type: "DOWN", ref, object: p, reason: "x" }]);
    }),
  );

  it(
    "MON-7 flush takes only the DOWN of that ref, whatever its tag",
    play(async (self) => {
      const p = self.spawn(waits);
      const tagged = self.monitor(p, { tag: "GONE" });
      const other = self.monitor(p);
      self.send(self.pid, { type: "DOWN", ref: tagged });
      self.sendExit(p, "x");
      self.demonitor(tagged, { flush: true });
      expect(self.flush()).toEqual([
        { type: "DOWN", ref: tagged },
        { type: "DOWN", ref: other, object: p, reason: "x" },
      ]);
    }),
  );

  it(
    "MON-8 info tells whether the monitor was still active",
    play(async (self) => {
      const p = self.spawn(waits);
      const [a, b, c] = [self.monitor(p), self.monitor(p), self.monitor(p)];
      expect(self.demonitor(a, { info: true })).toBe(true);
      expect(self.demonitor(a, { info: true })).toBe(false);
      expect(self.demonitor(b, { info: true, flush: true })).toBe(true);
      self.sendExit(p, "x");
      expect(self.demonitor(c, { info: true, flush: true })).toBe(false);
      expect(self.demonitor(c, { info: true, flush: true })).toBe(false);
      expect(await arrivals(self)).toEqual([]);
      expect(self.demonitor(self.makeRef(), { info: true })).toBe(false);
    }),
  );

  it(
    "MON-11 the monitors of a dead watcher leave the target's tables",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      const { pid, ref } = self.spawnMonitor((w) => {
        for (let n = 0; n < 5; n += 1) w.monitor(p);
      });
      await self.receive({ type: "DOWN", ref });
      expect(node.isProcessAlive(pid)).toBe(false);
      expect(node.info(p, "monitoredBy")).toEqual([]);
      expect(node.check()).toEqual([]);
    }),
  );

  it(
    "MON-12 a node that cannot be had gives noconnection",
    play(async (self, { node }) => {
      const far = node.spawn({ node: "nowhere@localhost" }, nothing);
      const a = self.monitor(far);
      const object = { name: "x", node: "nowhere@localhost" };
      const b = self.monitor(object);
      expect(await arrivals(self)).toEqual([
        { type: "DOWN", ref: a, object: far, reason: "noconnection" },
        { type: "DOWN", ref: b, object, reason: "noconnection" },
      ]);
    }),
  );

  it(
    "MON-13 spawnMonitor is atomic: an immediate end tells its true reason",
    play(async (self) => {
      for (let n = 0; n < 200; n += 1) {
        const { pid, ref } = self.spawnMonitor((p) => p.exit({ n }));
        if (n % 2 === 0) self.sendExit(pid, "normal");
        expect(await next(self)).toEqual({ type: "DOWN", ref, object: pid, reason: { n } });
      }
    }),
  );

  it(
    "MON-15 one death gives both the EXIT and the DOWN",
    play(async (self) => {
      self.trapExit = true;
      const p = self.spawnLink(waits);
      const ref = self.monitor(p);
      self.sendExit(p, "x");
      const got = await arrivals(self);
      expect(got).toHaveLength(2);
      expect(got).toContainEqual({ type: "EXIT", from: p, reason: "x" });
      expect(got).toContainEqual({ type: "DOWN", ref, object: p, reason: "x" });
    }),
  );

  it(
    "MON-16 a process that ends with noproc looks like a missing one",
    play(async (self) => {
      for (const reason of ["noproc", "noconnection"]) {
        const { pid, ref } = self.spawnMonitor((p) => p.exit(reason));
        expect(await next(self)).toEqual({ type: "DOWN", ref, object: pid, reason });
      }
    }),
  );

  it(
    "MON-17 info lists every monitor on both sides, duplicates included",
    play((self, { node }) => {
      const p = self.spawn(waits);
      self.register("p", p);
      self.monitor(p);
      self.monitor(p);
      self.monitor("p");
      expect(node.info(self.pid, "monitors")).toEqual([p, p, { name: "p", node: node.name }]);
      expect(node.info(p, "monitoredBy")).toEqual([self.pid, self.pid, self.pid]);
    }),
  );
});
