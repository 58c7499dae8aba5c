import { type Process } from "@otp/core";
import { type ChildSpec, Supervisor, type SupervisorOptions } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { family, pidOf, startWorker, states, told, worker } from "./sup-world.ts";
import { arrivals, endOf, playing } from "./world.ts";

const play = playing("freeze");
const oneForOne: SupervisorOptions = { strategy: "one_for_one" };

describe("S1 stopping", () => {
  /** Why the child of `supervisor` ended, and after how many ms, when the supervisor is stopped. */
  async function stopped(self: Process, child: ChildSpec): Promise<{ reason: unknown; ms: number }> {
    const supervisor = await Supervisor.startLink(self, [child], oneForOne);
    const pid = await pidOf(self, supervisor, child.id);
    const ref = self.monitor(pid);
    const before = self.node.monotonicTime();
    await Supervisor.stop(self, supervisor);
    const ms = self.node.monotonicTime() - before;
    const { reason } = await self.receive({ type: "DOWN", ref });
    return { reason, ms };
  }

  it(
    "T-SUP-12 a child that takes longer than its shutdown is killed",
    play(async (self) => {
      const slow = worker(self, "slow", { shutdown: 30, terminateMs: 1_000 });
      expect(await stopped(self, slow)).toEqual({ reason: "killed", ms: 30 });
    }),
  );

  it(
    "T-SUP-13 brutal_kill and children that do not trap exits run no terminate",
    play(async (self) => {
      const kill = await stopped(self, worker(self, "k", { shutdown: "brutal_kill" }));
      const plain = await stopped(self, worker(self, "n", { traps: false }));
      expect([kill.reason, plain.reason]).toEqual(["killed", "shutdown"]);
      expect(await told(self)).toEqual(["start k", "start n"]);
    }),
  );

  it(
    "SUP-7 with infinity the supervisor waits as long as it takes",
    play(async (self) => {
      const slow = worker(self, "slow", { shutdown: "infinity", terminateMs: 20_000 });
      expect(await stopped(self, slow)).toEqual({ reason: "shutdown", ms: 20_000 });
    }),
  );

  it(
    "SUP-8 a child that has unlinked itself is stopped all the same",
    play(async (self) => {
      const start = async (supervisor: Process) => {
        const pid = await startWorker(supervisor, { id: "a", tester: self.pid });
        supervisor.unlink(pid);
        return { pid, info: undefined };
      };
      const supervisor = await Supervisor.startLink(self, [{ id: "a", start }], oneForOne);
      const child = await pidOf(self, supervisor, "a");
      self.monitor(child);
      await Supervisor.stop(self, supervisor);
      expect(self.node.isProcessAlive(child)).toBe(false);
      expect(await told(self)).toEqual(["start a", "terminate a shutdown"]);
    }),
  );

  it(
    "T-SUP-29 whatever the reason of the stop, children see shutdown",
    play(async (self) => {
      self.trapExit = true;
      const supervisor = await family(self, "a");
      expect(await Supervisor.stop(self, supervisor, "other")).toBe("ok");
      expect(await arrivals(self, 1)).toEqual([
        { told: "terminate", id: "a", reason: "shutdown" },
        { type: "EXIT", from: supervisor, reason: "other" },
      ]);
    }),
  );

  it(
    "T-SUP-24 the parent's exit stops the supervisor with its children, normal exits too",
    play(async (self) => {
      for (const reason of ["pp", "normal"]) {
        const tester = self.pid;
        const parent = self.spawn(async (other) => {
          const children = ["a", "b"].map((id): ChildSpec => ({ id, start: [startWorker, { id, tester }] }));
          await Supervisor.startLink(other, children, oneForOne);
          await other.receive({ type: "go" });
          other.exit(reason);
        });
        await told(self);
        self.send(parent, { type: "go" });
        expect(await told(self)).toEqual(["terminate b shutdown", "terminate a shutdown"]);
      }
    }),
  );

  it(
    "T-SUP-25 S4 a killed supervisor leaves no child: those that trap exits run terminate with killed",
    play(async (self) => {
      self.trapExit = true;
      const supervisor = await family(self, "a");
      const child = await pidOf(self, supervisor, "a");
      self.sendExit(supervisor, "kill");
      expect(await told(self)).toEqual(["terminate a killed"]);
      expect(self.node.isProcessAlive(child)).toBe(false);
    }),
  );

  it(
    "S4 a supervisor that is killed while it waits for a child takes it along",
    play(async (self) => {
      self.trapExit = true;
      const slow = worker(self, "slow", { terminateMs: 1_000 });
      const supervisor = await Supervisor.startLink(self, [slow], oneForOne);
      const child = await pidOf(self, supervisor, "slow");
      const plain = self.spawn((other: Process) => Supervisor.stop(other, supervisor));
      await told(self, 100);
      self.sendExit(supervisor, "kill");
      await endOf(self, plain);
      await self.sleep(2_000);
      expect(self.node.isProcessAlive(child)).toBe(false);
    }),
  );
});

describe("trees", () => {
  it(
    "T-SUP-27 a supervisor that gives up is restarted by its own, without its dynamic children",
    play(async (self) => {
      const inner: ChildSpec = {
        id: "inner",
        type: "supervisor",
        start: (supervisor) =>
          Supervisor.startLink(supervisor, [worker(self, "w")], { strategy: "one_for_one", maxRestarts: 0 }),
      };
      const outer = await Supervisor.startLink(self, [inner], oneForOne);
      const first = await pidOf(self, outer, "inner");
      await Supervisor.startChild(self, first, worker(self, "extra"));
      await told(self);
      const w = (await Supervisor.whichChildren(self, first)).find(({ id }) => id === "w")?.pid;
      if (typeof w !== "object") throw new Error("w does not run");
      self.sendExit(w, "kill");
      expect(await told(self)).toEqual(["terminate extra shutdown", "start w"]);
      const second = await pidOf(self, outer, "inner");
      expect(second).not.toBe(first);
      expect((await Supervisor.whichChildren(self, second)).map(({ id }) => id)).toEqual(["w"]);
    }),
  );

  it(
    "T-SUP-26 stray messages and the exits of strangers are ignored",
    play(async (self) => {
      const supervisor = await family(self, "a");
      self.node.send(supervisor, "junk");
      self.spawn((other: Process) => {
        other.link(supervisor);
        other.exit("stranger");
      });
      await self.sleep(1);
      expect(await states(self, supervisor)).toEqual(["a runs"]);
    }),
  );

  it(
    "SUP-26 requests are served one after another: a slow start delays the next answer",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(self, [], oneForOne);
      const slow: ChildSpec = {
        id: "slow",
        start: async (parent) => {
          await parent.sleep(500);
          return startWorker(parent, { id: "slow", tester: self.pid });
        },
      };
      const before = self.node.monotonicTime();
      const starting = Supervisor.startChild(self, supervisor, slow);
      expect(await Supervisor.countChildren(self, supervisor)).toMatchObject({ active: 1 });
      expect(self.node.monotonicTime() - before).toBe(500);
      expect(await starting).toMatchObject({ ok: true });
    }),
  );

  it(
    "SUP-25 an unlinked child given by a start function is supervised all the same",
    play(async (self) => {
      const start = (supervisor: Process) => supervisor.spawn(async (child: Process) => child.receive(() => false));
      const supervisor = await Supervisor.startLink(self, [{ id: "a", start }], oneForOne);
      const first = await pidOf(self, supervisor, "a");
      self.sendExit(first, "kill");
      await self.sleep(1);
      expect(await pidOf(self, supervisor, "a")).not.toBe(first);
    }),
  );
});
