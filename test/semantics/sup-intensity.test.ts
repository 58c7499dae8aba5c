import { type Process } from "@otp/core";
import { type ChildSpec, Supervisor, type SupervisorOptions } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { family, killChild, startWorker, states, told, worker } from "./sup-world.ts";
import { arrivals, next, playing } from "./world.ts";

const play = playing("freeze");
const oneForOne: SupervisorOptions = { strategy: "one_for_one" };

describe("S2 intensity", () => {
  it(
    "T-SUP-07 by default three restarts in five seconds are borne, the fourth ends the supervisor",
    play(async (self) => {
      self.trapExit = true;
      const supervisor = await family(self, "a");
      for (let kill = 1; kill <= 3; kill += 1) {
        await killChild(self, supervisor, "a");
        await told(self, 10);
      }
      expect(await states(self, supervisor)).toEqual(["a runs"]);
      await killChild(self, supervisor, "a");
      expect(await next(self)).toEqual({ type: "EXIT", from: supervisor, reason: "shutdown" });
    }),
  );

  it(
    "SUP-3 the window is exact and inclusive: at 5,000 ms a restart still counts, at 5,001 ms it does not",
    play(async (self) => {
      self.trapExit = true;
      for (const [span, survives] of [
        [4_999, false],
        [5_000, false],
        [5_001, true],
      ] as const) {
        const supervisor = await family(self, "a", { strategy: "one_for_one", maxRestarts: 1 });
        await killChild(self, supervisor, "a");
        await self.sleep(span);
        await killChild(self, supervisor, "a");
        await self.sleep(10);
        expect(self.node.isProcessAlive(supervisor)).toBe(survives);
        self.flush();
      }
    }),
  );

  it(
    "T-SUP-08 with maxRestarts 0 the first failure ends the supervisor, which stops the others in reverse",
    play(async (self) => {
      self.trapExit = true;
      const supervisor = await family(self, "abc", { strategy: "one_for_one", maxRestarts: 0 });
      await killChild(self, supervisor, "b");
      expect(await arrivals(self, 1)).toEqual([
        { told: "terminate", id: "c", reason: "shutdown" },
        { told: "terminate", id: "a", reason: "shutdown" },
        { type: "EXIT", from: supervisor, reason: "shutdown" },
      ]);
    }),
  );

  it(
    "T-SUP-09 each failed restart counts, and is tried again without delay",
    play(async (self, { runtime }) => {
      self.trapExit = true;
      let attempts = 0;
      const start = (supervisor: Process) => {
        attempts += 1;
        if (attempts > 1) throw new Error("not again");
        return startWorker(supervisor, { id: "a", tester: self.pid });
      };
      const supervisor = await Supervisor.startLink(self, [{ id: "a", start }], { ...oneForOne, maxRestarts: 3 });
      await told(self);
      const before = runtime.now();
      await killChild(self, supervisor, "a");
      const exit = await self.receive({ type: "EXIT", from: supervisor });
      expect(exit).toMatchObject({ reason: "shutdown" });
      expect(attempts).toBe(4);
      expect(runtime.now()).toBe(before);
    }),
  );

  it(
    "SUP-4 a group restart counts once",
    play(async (self) => {
      const supervisor = await family(self, "abcd", { strategy: "one_for_all", maxRestarts: 1 });
      await killChild(self, supervisor, "a");
      await told(self);
      expect(await states(self, supervisor)).toEqual(["a runs", "b runs", "c runs", "d runs"]);
    }),
  );

  it(
    "SUP-10 an end without restart does not count",
    play(async (self) => {
      const children = [worker(self, "t", { restart: "temporary" }), worker(self, "a")];
      const supervisor = await Supervisor.startLink(self, children, { ...oneForOne, maxRestarts: 0 });
      await killChild(self, supervisor, "t");
      expect(await states(self, supervisor)).toEqual(["a runs"]);
    }),
  );
});

describe("failing restarts", () => {
  /** A child whose start fails as long as `fails` says so. */
  function unsteady(self: Process, id: string, fails: Set<string>): ChildSpec {
    const start = (supervisor: Process) => {
      if (fails.has(id)) throw new Error(`${id} fails`);
      return startWorker(supervisor, { id, tester: self.pid });
    };
    return { id, start };
  }

  it(
    "SUP-14 one_for_all stops what had been restarted and begins anew; rest_for_one goes on from the failed child",
    play(async (self) => {
      for (const [strategy, expected] of [
        ["one_for_all", ["terminate c shutdown", "terminate b shutdown", "start a", "start b", "start c"]],
        ["rest_for_one", ["terminate c shutdown", "terminate b shutdown", "start a", "start b", "start c"]],
      ] as const) {
        const fails = new Set<string>();
        const children = ["a", "b", "c"].map((id) => unsteady(self, id, fails));
        const supervisor = await Supervisor.startLink(self, children, { strategy, maxRestarts: 1_000 });
        await told(self);
        fails.add("b");
        await killChild(self, supervisor, "a");
        // One attempt has failed at b; the next is due.
        while ((await states(self, supervisor)).includes("b restarting") && fails.delete("b"));
        const seen = await told(self);
        if (strategy === "rest_for_one") expect(seen).toEqual(expected);
        else expect(seen.slice(-3)).toEqual(expected.slice(-3));
        expect(await states(self, supervisor)).toEqual(["a runs", "b runs", "c runs"]);
        await Supervisor.stop(self, supervisor);
        await told(self);
      }
    }),
  );

  it(
    "SUP-15 a child that waits for its restart can be administered",
    play(async (self) => {
      const fails = new Set<string>();
      const unsteadyChild = unsteady(self, "a", fails);
      const supervisor = await Supervisor.startLink(self, [unsteadyChild], { ...oneForOne, maxRestarts: 1e6 });
      fails.add("a");
      await killChild(self, supervisor, "a");
      expect(await states(self, supervisor)).toEqual(["a restarting"]);
      expect(await Supervisor.restartChild(self, supervisor, "a")).toEqual({ ok: false, reason: "restarting" });
      expect(await Supervisor.deleteChild(self, supervisor, "a")).toEqual({ ok: false, reason: "restarting" });
      const again = await Supervisor.startChild(self, supervisor, unsteadyChild);
      expect(again).toEqual({ ok: false, reason: "already_present" });
      expect(await Supervisor.terminateChild(self, supervisor, "a")).toEqual({ ok: true });
      expect(await states(self, supervisor)).toEqual(["a undefined"]);
    }),
  );

  it(
    "SUP-9 a child that ignores its restart stays with its spec",
    play(async (self) => {
      let starts = 0;
      const start = (supervisor: Process) => {
        starts += 1;
        return starts === 1 ? startWorker(supervisor, { id: "a", tester: self.pid }) : "ignore";
      };
      const supervisor = await Supervisor.startLink(self, [{ id: "a", start }], oneForOne);
      await killChild(self, supervisor, "a");
      expect(await states(self, supervisor)).toEqual(["a undefined"]);
    }),
  );
});
