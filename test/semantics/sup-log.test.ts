import { type Process } from "@otp/core";
import { DynamicSupervisor, Supervisor } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { keptLog, type LogLine, startFailure } from "./behaviour.ts";
import { killChild, pidOf, startWorker, told, worker } from "./sup-world.ts";
import { play } from "./world.ts";

/** Plays a scene and hands it what supervisors have reported. */
function reporting(scene: (self: Process, reports: () => readonly LogLine[]) => Promise<void>): () => Promise<void> {
  const lines: LogLine[] = [];
  const reports = (): readonly LogLine[] => {
    const seen = lines.filter(({ event }) => event === "supervisor_report" || event === "progress");
    lines.length = 0;
    return seen;
  };
  return () => play((self) => scene(self, reports), { logger: keptLog(lines) });
}

const error = 50;
const debug = 20;

describe("LOG-5 supervisors report", () => {
  it(
    "progress, and the end of a child that should run",
    reporting(async (self, reports) => {
      const supervisor = await Supervisor.startLink(self, [worker(self, "a")], {
        strategy: "one_for_one",
        name: "sup",
      });
      const pid = String(await pidOf(self, supervisor, "a"));
      const child = { id: "a", pid, start: "startWorker", restart: "permanent", shutdown: 5_000, type: "worker" };
      expect(reports()).toMatchObject([{ level: debug, event: "progress", supervisor: "sup", child }]);
      await killChild(self, supervisor, "a");
      await told(self);
      expect(reports()).toMatchObject([
        {
          level: error,
          supervisor: "sup",
          context: "child_terminated",
          reason: "killed",
          child,
          msg: "Child a of Supervisor sup terminated",
        },
        { event: "progress" },
      ]);
    }),
  );

  it(
    "nothing for a transient child that ends well, the rest for one that does not",
    reporting(async (self, reports) => {
      const children = [worker(self, "t", { restart: "transient" }), worker(self, "x", { restart: "temporary" })];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_one" });
      reports();
      self.send(await pidOf(self, supervisor, "t"), { type: "$gen_cast", message: { type: "end", reason: "normal" } });
      await told(self);
      expect(reports()).toEqual([]);
      await killChild(self, supervisor, "x");
      await told(self);
      expect(reports()).toMatchObject([{ context: "child_terminated", child: { id: "x" } }]);
    }),
  );

  it(
    "a failed start, with its error",
    reporting(async (self, reports) => {
      self.trapExit = true;
      const start = () => {
        throw new Error("no room");
      };
      await startFailure(Supervisor.startLink(self, [{ id: "a", start }], { strategy: "one_for_one" }));
      expect(reports()).toMatchObject([
        { level: error, context: "start_error", reason: "Error: no room", err: { message: "no room" } },
      ]);
    }),
  );

  it(
    "a child that did not stop in time, and the limit of restarts",
    reporting(async (self, reports) => {
      self.trapExit = true;
      const slow = worker(self, "slow", { shutdown: 10, terminateMs: 1_000 });
      const children = [worker(self, "a"), slow];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_one", maxRestarts: 0 });
      reports();
      await killChild(self, supervisor, "a");
      await told(self, 100);
      expect(reports().map(({ context, reason }) => [context, reason])).toEqual([
        ["child_terminated", "killed"],
        ["shutdown", "reached_max_restart_intensity"],
        ["shutdown_error", "killed"],
      ]);
    }),
  );

  it(
    "a dynamic supervisor reports trouble, and no progress",
    reporting(async (self, reports) => {
      self.trapExit = true;
      const supervisor = await DynamicSupervisor.startLink(self, { maxRestarts: 1 });
      let starts = 0;
      const start = (parent: Process) => {
        starts += 1;
        if (starts > 1) throw new Error("not again");
        return startWorker(parent, { id: "a", tester: self.pid });
      };
      const result = await DynamicSupervisor.startChild(self, supervisor, { id: "a", start });
      if (result.ok) self.sendExit(result.pid, "kill");
      await told(self);
      expect(reports().map(({ context, reason }) => [context, reason])).toEqual([
        ["child_terminated", "killed"],
        ["start_error", "Error: not again"],
        ["shutdown", "reached_max_restart_intensity"],
      ]);
    }),
  );
});
