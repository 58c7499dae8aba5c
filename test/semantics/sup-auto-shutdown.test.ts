import { type Pid, type Process } from "@otp/core";
import { type ChildSpec, Supervisor, type SupervisorOptions } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { startFailure } from "./behaviour.ts";
import { pidOf, states, told, worker } from "./sup-world.ts";
import { arrivals, playing } from "./world.ts";

const play = playing("freeze");
const oneForOne: SupervisorOptions = { strategy: "one_for_one" };

describe("auto-shutdown", () => {
  const any: SupervisorOptions = { strategy: "one_for_one", autoShutdown: "any_significant" };
  const all: SupervisorOptions = { strategy: "one_for_one", autoShutdown: "all_significant" };

  function significant(self: Process, id: string, restart: "temporary" | "transient" = "temporary"): ChildSpec {
    return worker(self, id, { restart, significant: true });
  }

  async function end(self: Process, pid: Pid, reason: unknown): Promise<void> {
    self.send(pid, { type: "$gen_cast", message: { type: "end", reason } });
    await self.sleep(1);
  }

  it(
    "T-SUP-22 any_significant: the end of one ends the supervisor, whatever its reason",
    play(async (self) => {
      self.trapExit = true;
      for (const reason of ["normal", "abn"]) {
        const children = [significant(self, "a"), worker(self, "b", { restart: "temporary" })];
        const supervisor = await Supervisor.startLink(self, children, any);
        const pid = await pidOf(self, supervisor, "a");
        await told(self);
        await end(self, pid, reason);
        expect(await arrivals(self, 1)).toEqual([
          { told: "terminate", id: "a", reason },
          { told: "terminate", id: "b", reason: "shutdown" },
          { type: "EXIT", from: supervisor, reason: "shutdown" },
        ]);
      }
    }),
  );

  it(
    "SUP-21 all_significant: the end of the last one does; SUP-22 an exit that leads to a restart does not",
    play(async (self) => {
      self.trapExit = true;
      const children = [significant(self, "a"), significant(self, "b", "transient"), worker(self, "c")];
      const supervisor = await Supervisor.startLink(self, children, all);
      await end(self, await pidOf(self, supervisor, "b"), "abn");
      await end(self, await pidOf(self, supervisor, "a"), "abn");
      expect(await states(self, supervisor)).toEqual(["b runs", "c runs"]);
      await end(self, await pidOf(self, supervisor, "b"), "normal");
      expect(self.node.isProcessAlive(supervisor)).toBe(false);
    }),
  );

  it(
    "T-SUP-23 terminateChild does not trigger it",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(self, [significant(self, "a"), worker(self, "b")], any);
      expect(await Supervisor.terminateChild(self, supervisor, "a")).toEqual({ ok: true });
      expect(await states(self, supervisor)).toEqual(["b runs"]);
    }),
  );

  it(
    "SUP-23 a permanent significant child, or one under never, is a bad combination; escalation goes on upwards",
    play(async (self) => {
      self.trapExit = true;
      const bad = worker(self, "a", { significant: true });
      expect(await startFailure(Supervisor.startLink(self, [bad], any))).toEqual({
        startSpec: { badCombination: [{ restart: "permanent" }, { significant: true }] },
      });
      expect(await startFailure(Supervisor.startLink(self, [significant(self, "a")], oneForOne))).toEqual({
        startSpec: { badCombination: [{ autoShutdown: "never" }, { significant: true }] },
      });
      const inner: ChildSpec = {
        id: "inner",
        type: "supervisor",
        restart: "transient",
        significant: true,
        start: (supervisor) => Supervisor.startLink(supervisor, [significant(self, "w")], any),
      };
      const outer = await Supervisor.startLink(self, [inner], any);
      const [child] = await Supervisor.whichChildren(self, await pidOf(self, outer, "inner"));
      if (typeof child?.pid !== "object") throw new Error("w does not run");
      await end(self, child.pid, "normal");
      expect(self.node.isProcessAlive(outer)).toBe(false);
    }),
  );
});
