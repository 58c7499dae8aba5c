/** Chapter 3: how processes end, and what exit signals do. */
import { ExitError } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, isolations, next, pause, playing, reasonOf, tellsTrapping, waits, waitsTrapping } from "./world.ts";

/** A list of that many cells, as a value nested in itself. */
function nest(depth: number): unknown {
  let term: unknown = { leaf: "end" };
  for (let n = 0; n < depth; n += 1) term = { n, inner: term };
  return term;
}

/** How deep `term` is nested, and whether it is what `nest` made. */
function depthOf(term: unknown): number {
  let depth = 0;
  let at = term;
  while (typeof at === "object" && at !== null && "inner" in at) {
    at = at.inner;
    depth += 1;
  }
  expect(at).toEqual({ leaf: "end" });
  return depth;
}

describe.each(isolations)("exits, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-EXIT-01 :normal from another process is ignored",
    play(async (self) => {
      const p = self.spawn(waits);
      await pause(self);
      expect(self.sendExit(p, "normal")).toBe(true);
      await pause(self);
      expect(self.node.isProcessAlive(p)).toBe(true);
    }),
  );

  it(
    "T-EXIT-02 :normal to oneself",
    play(async (self) => {
      let isReached = false;
      const reason = await reasonOf(self, (p) => {
        p.sendExit(p.pid, "normal");
        isReached = true;
        p.exit("notreached");
      });
      expect(reason).toBe("normal");
      expect(isReached).toBe(false);
    }),
  );

  it(
    "T-EXIT-03 :normal to a trapping process",
    play(async (self) => {
      const p = self.spawn(tellsTrapping, self.pid);
      await pause(self);
      self.sendExit(p, "normal");
      expect(await next(self)).toEqual({ pid: p, got: { type: "EXIT", from: self.pid, reason: "normal" } });
      expect(self.node.isProcessAlive(p)).toBe(true);
    }),
  );

  it(
    "T-EXIT-04 Abnormal exit to oneself while trapping",
    play(async (self) => {
      const reason = { die: Array.from({ length: 500 }, (_, n) => ({ n, text: `cell ${n}` })) };
      const ended = await reasonOf(self, async (p) => {
        p.trapExit = true;
        for (let n = 0; n < 200; n += 1) {
          p.sendExit(p.pid, reason);
          expect(await p.receive()).toEqual({ type: "EXIT", from: p.pid, reason });
        }
      });
      expect(ended).toBe("normal");
    }),
  );

  it(
    "T-EXIT-05 exit(reason) can be caught",
    play((self) => {
      let caught: unknown;
      try {
        self.exit("a");
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(ExitError);
      expect(caught).toMatchObject({ reason: "a" });
      expect(self.send(self.pid, "still here")).toBe("still here");
    }),
  );

  it(
    "T-EXIT-06 kill is untrappable and becomes killed",
    play(async (self) => {
      self.trapExit = true;
      const p = self.spawnLink(waitsTrapping);
      const ref = self.monitor(p);
      await pause(self);
      self.sendExit(p, "kill");
      expect(new Set(await arrivals(self))).toEqual(
        new Set([
          { type: "EXIT", from: p, reason: "killed" },
          { type: "DOWN", ref, object: p, reason: "killed" },
        ]),
      );
    }),
  );

  it(
    "T-EXIT-07 The first fatal signal decides",
    play(async (self) => {
      for (let round = 0; round < 100; round += 1) {
        const { pid, ref } = self.spawnMonitor(waits);
        if (round % 2 === 0) await pause(self);
        self.sendExit(pid, "first");
        self.sendExit(pid, "second");
        expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "first" });
      }
    }),
  );

  it(
    "T-EXIT-08 Reasons of crashes",
    play(async (self) => {
      const error = new RangeError("e");
      const thrown = await reasonOf(self, () => {
        throw error;
      });
      expect(thrown).toMatchObject({ name: "RangeError", message: "e", stack: error.stack });
      expect(thrown).toBeInstanceOf(Error);
      expect(
        await reasonOf(self, () => {
          throw { v: 1 };
        }),
      ).toEqual({ nocatch: { v: 1 } });
      expect(await reasonOf(self, (p) => p.exit({ a: { b: [1] } }))).toEqual({ a: { b: [1] } });
    }),
  );

  it(
    "T-EXIT-09 Queued EXIT messages survive switching the flag off",
    play(async (self) => {
      self.trapExit = true;
      const child = self.spawnLink((c) => c.exit("x"));
      await pause(self);
      expect(self.flag("trapExit", false)).toBe(true);
      expect(self.flush()).toEqual([{ type: "EXIT", from: child, reason: "x" }]);
    }),
  );

  it(
    "T-EXIT-10 Very large reason",
    play(async (self) => {
      self.trapExit = true;
      // Wide and deep: about a megabyte as bytes.
      const makeReason = (): unknown => ({
        deep: nest(10_000),
        wide: Array.from({ length: 40_000 }, (_, n) => `cell ${n}`),
      });
      const child = self.spawnLink(async (c) => {
        await c.receive();
        c.exit(makeReason());
      });
      const ref = self.monitor(child);
      self.send(child, "go");
      const got = await arrivals(self);
      expect(got).toHaveLength(2);
      for (const message of got) {
        const { type, reason } = message as { type: string; reason: { deep: unknown; wide: unknown } };
        expect(["EXIT", "DOWN"]).toContain(type);
        expect(depthOf(reason.deep)).toBe(10_000);
        expect(reason.wide).toEqual(Array.from({ length: 40_000 }, (_, n) => `cell ${n}`));
        if (type === "DOWN") expect(message).toMatchObject({ ref });
      }
    }),
  );
});
