/** Chapter 5: monitors. */
import { ArgumentError, type Pid, type Ref } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, dead, isolations, next, pause, playing, waits } from "./world.ts";

describe.each(isolations)("monitors, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-MON-01 Basic DOWN, exactly once",
    play(async (self) => {
      const p = self.spawn(waits);
      const r = self.monitor(p);
      self.sendExit(p, "frop");
      expect(await arrivals(self)).toEqual([{ type: "DOWN", ref: r, object: p, reason: "frop" }]);
    }),
  );

  it(
    "T-MON-02 Dead target",
    play(async (self) => {
      const d = await dead(self);
      const ref = self.monitor(d);
      expect(await arrivals(self)).toEqual([{ type: "DOWN", ref, object: d, reason: "noproc" }]);
    }),
  );

  it(
    "T-MON-03 Several monitors on one process",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      const refs = [self.monitor(p), self.monitor(p), self.monitor(p)];
      expect(new Set(refs.map(String)).size).toBe(3);
      expect(node.info(self.pid, "monitors")).toEqual([p, p, p]);
      self.sendExit(p, "x");
      const got = await arrivals(self);
      expect(got).toHaveLength(3);
      for (const ref of refs) expect(got).toContainEqual({ type: "DOWN", ref, object: p, reason: "x" });
    }),
  );

  it(
    "T-MON-04 Monitor by name",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      self.register("jeeves", p);
      const ref = self.monitor("jeeves");
      const object = { name: "jeeves", node: node.name };
      expect(node.info(self.pid, "monitors")).toEqual([object]);
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([{ type: "DOWN", ref, object, reason: "x" }]);
    }),
  );

  it(
    "T-MON-05 Monitor of an unknown name",
    play(async (self, { node }) => {
      const object = { name: "nojeeves", node: node.name };
      const a = self.monitor("nojeeves");
      const b = self.monitor(object);
      expect(await arrivals(self)).toEqual([
        { type: "DOWN", ref: a, object, reason: "noproc" },
        { type: "DOWN", ref: b, object, reason: "noproc" },
      ]);
    }),
  );

  it(
    "T-MON-06 demonitor before the exit",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      const r = self.monitor(p);
      expect(self.demonitor(r)).toBe(true);
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([]);
      expect(node.info(self.pid, "monitors")).toEqual([]);
    }),
  );

  it(
    "T-MON-07 demonitor with flush",
    play(async (self) => {
      const p = self.spawn(waits);
      const [m1, m2, m3, m4] = [self.monitor(p), self.monitor(p), self.monitor(p), self.monitor(p)];
      self.demonitor(m1, { flush: true });
      self.sendExit(p, "bang");
      await self.receive({ type: "DOWN", ref: m2 });
      await self.sleep(100);
      self.demonitor(m3, { flush: true });
      self.demonitor(m4, {});
      expect(await arrivals(self)).toEqual([{ type: "DOWN", ref: m4, object: p, reason: "bang" }]);
    }),
  );

  it(
    "T-MON-08 demonitor of odd refs",
    play(async (self) => {
      const p = self.spawn(waits);
      self.spawn(async (t, parent: Pid) => {
        const ref = t.monitor(p);
        t.send(parent, ref);
        t.send(parent, await t.receive({ type: "DOWN", ref }));
      }, self.pid);
      const r = (await next(self)) as Ref;
      expect(self.demonitor(self.makeRef())).toBe(true);
      expect(self.demonitor(r)).toBe(true);
      expect(() => Reflect.apply(self.demonitor, self, ["plutt"])).toThrow(ArgumentError);
      expect(() => Reflect.apply(self.demonitor, self, [self.makeRef(), { flus: true }])).toThrow(ArgumentError);
      self.sendExit(p, "x");
      expect(await next(self)).toEqual({ type: "DOWN", ref: r, object: p, reason: "x" });
    }),
  );

  it(
    "T-MON-09 Monitor oneself",
    play(async (self, { node }) => {
      const r = self.monitor(self.pid);
      expect(await arrivals(self, 50)).toEqual([]);
      expect(node.info(self.pid, "monitors")).toEqual([]);
      expect(self.demonitor(r)).toBe(true);
    }),
  );

  it(
    "T-MON-10 Death of the watcher",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      const w = self.spawn(async (w) => {
        w.monitor(p);
        await waits(w);
      });
      await pause(self);
      expect(node.info(p, "monitoredBy")).toEqual([w]);
      self.sendExit(w, "kill");
      expect(node.info(p, "monitoredBy")).toEqual([]);
    }),
  );

  it(
    "T-MON-11 Custom tag",
    play(async (self) => {
      const p = self.spawn(waits);
      const tag = { my: "tag" };
      const ref = self.monitor(p, { tag });
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([{ type: tag, ref, object: p, reason: "x" }]);
    }),
  );

  it(
    "T-MON-12 Bad arguments",
    play((self, { node }) => {
      const p = self.spawn(waits);
      const wrong: unknown[][] = [
        [Symbol("plutt"), p],
        [p, { bingo: true }],
        [p, { alias: "plutt" }],
        [p, "bingo"],
        [{ name: "rex", node: node.name, junk: 1 }],
        [{ name: "rex" }],
        [{ name: 1, node: node.name }],
        [1],
        [null],
        [undefined],
        [self.makeRef()],
      ];
      for (const args of wrong) expect(() => Reflect.apply(self.monitor, self, args)).toThrow(ArgumentError);
      expect(node.info(self.pid, "monitors")).toEqual([]);
    }),
  );
});
