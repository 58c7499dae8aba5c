import { ArgumentError, type Pid, type Process, StartError } from "@otp/core";
import {
  call,
  type ChildSpec,
  DynamicSupervisor,
  type DynamicSupervisorPid,
  ignore,
  type Restart,
  Supervisor,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, startFailure } from "./behaviour.ts";
import { startWorker, told, Worker, worker } from "./sup-world.ts";
import { arrivals, endOf, playing } from "./world.ts";

const play = playing("freeze");

/** Starts a worker that runs. */
async function started(self: Process, supervisor: DynamicSupervisorPid, child: ChildSpec): Promise<Pid> {
  const result = await DynamicSupervisor.startChild(self, supervisor, child);
  if (!result.ok) throw new Error("the child did not start");
  return result.pid;
}

function endWith(self: Process, pid: Pid, reason: unknown): Promise<unknown> {
  self.send(pid, { type: "$gen_cast", message: { type: "end", reason } });
  return endOf(self, pid);
}

describe("DynamicSupervisor", () => {
  it("T-DSUP-01 defaults", () => {
    expect(DynamicSupervisor.init()).toEqual({
      strategy: "one_for_one",
      maxRestarts: 3,
      maxSeconds: 5,
      maxChildren: "infinity",
      extraArguments: [],
    });
  });

  it(
    "T-DSUP-02 what a start function does decides what startChild gives",
    play(async (self) => {
      const supervisor = await DynamicSupervisor.startLink(self);
      const result = (start: (self: Process) => unknown) =>
        // @ts-expect-error -- junk is refused by the compiler, too
        DynamicSupervisor.startChild(self, supervisor, { id: 1, start, restart: "temporary" as const });
      const pid = self.spawn(async (other: Process) => other.receive(() => false));
      const error = new Error("raised");
      const failed = (startFailed: unknown) => ({ ok: false, reason: { startFailed } });
      expect(await result(() => pid)).toEqual({ ok: true, pid, info: undefined });
      expect(await result(() => ({ pid, info: "extra" }))).toEqual({ ok: true, pid, info: "extra" });
      expect(await result(() => "ignore")).toEqual({ ok: false, reason: "ignore" });
      expect(await result(() => Promise.reject(new StartError("ignore", "")))).toEqual({ ok: false, reason: "ignore" });
      expect(await result(() => Promise.reject(new StartError("found", "")))).toEqual(failed("found"));
      expect(await result(() => "junk")).toEqual(failed("junk"));
      const throws = (thrown: unknown) => () => {
        throw thrown;
      };
      expect(await result(throws(error))).toEqual(failed(error));
      expect(await result((parent) => parent.exit("x"))).toEqual(failed("x"));
      expect(await result(throws("x"))).toEqual(failed({ nocatch: "x" }));
      expect(await DynamicSupervisor.countChildren(self, supervisor)).toMatchObject({ specs: 1 });
    }),
  );

  it(
    "T-DSUP-03 maxChildren counts running children",
    play(async (self) => {
      const supervisor = await DynamicSupervisor.startLink(self, { maxChildren: 1 });
      const first = await started(self, supervisor, worker(self, "a"));
      expect(await DynamicSupervisor.startChild(self, supervisor, worker(self, "b"))).toEqual({
        ok: false,
        reason: "max_children",
      });
      expect(await DynamicSupervisor.terminateChild(self, supervisor, first)).toEqual({ ok: true });
      await started(self, supervisor, worker(self, "c"));
    }),
  );

  it(
    "T-DSUP-04 specs are refused in the caller, whether or not there is a supervisor",
    play(async (self) => {
      const start = () => "ignore" as const;
      const faults: readonly (readonly [object, unknown])[] = [
        [{}, { invalidChildSpec: {} }],
        [{ id: 1 }, { invalidChildSpec: { id: 1 } }],
        [{ id: 1, start: ["foo"] }, { invalidMfa: ["foo"] }],
        [{ id: 1, start, shutdown: -1 }, { invalidShutdown: -1 }],
        [{ id: 1, start, significant: true }, { invalidSignificant: true }],
      ];
      for (const [spec, reason] of faults) {
        // @ts-expect-error -- the compiler refuses them, too
        expect(await DynamicSupervisor.startChild(self, "not_used", spec)).toEqual({ ok: false, reason });
      }
      // @ts-expect-error -- no form of a child
      expect(() => DynamicSupervisor.startChild(self, "not_used", [1, 2, 3])).toThrow(ArgumentError);
      const unheard = callFailure(DynamicSupervisor.startChild(self, "not_used", { id: 1, start }));
      expect(await unheard).toMatchObject({ reason: "noproc", operation: "DynamicSupervisor.startChild" });
    }),
  );

  it(
    "T-DSUP-05 restart types",
    play(async (self) => {
      const active: Record<string, number[]> = {};
      for (const restart of ["permanent", "transient", "temporary"] satisfies Restart[]) {
        const counts: number[] = [];
        for (const reason of ["shutdown", { shutdown: 1 }, "abn"]) {
          const supervisor = await DynamicSupervisor.startLink(self);
          await endWith(self, await started(self, supervisor, worker(self, "a", { restart })), reason);
          counts.push((await DynamicSupervisor.countChildren(self, supervisor)).active);
          await DynamicSupervisor.stop(self, supervisor);
        }
        active[restart] = counts;
      }
      expect(active).toEqual({ permanent: [1, 1, 1], transient: [0, 0, 1], temporary: [0, 0, 0] });
    }),
  );

  it(
    "T-DSUP-06 S2 a restart that always fails is tried as often as allowed, then the supervisor ends",
    play(async (self) => {
      self.trapExit = true;
      const supervisor = await DynamicSupervisor.startLink(self, { maxRestarts: 5 });
      let starts = 0;
      const start = (parent: Process) => {
        starts += 1;
        if (starts > 1) throw new Error("not again");
        return startWorker(parent, { id: "a", tester: self.pid });
      };
      const pid = await started(self, supervisor, { id: "a", start });
      self.sendExit(pid, "kill");
      expect(await self.receive({ type: "EXIT", from: supervisor })).toMatchObject({ reason: "shutdown" });
      expect(starts).toBe(6);
    }),
  );

  it(
    "T-DSUP-07 terminateChild, also with the last pid of a child that is restarting",
    play(async (self) => {
      const supervisor = await DynamicSupervisor.startLink(self, { maxRestarts: 1e6 });
      const killed = await started(self, supervisor, worker(self, "k", { shutdown: "brutal_kill" }));
      const ref = self.monitor(killed);
      expect(await DynamicSupervisor.terminateChild(self, supervisor, killed)).toEqual({ ok: true });
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "killed" });
      const again = await DynamicSupervisor.terminateChild(self, supervisor, killed);
      expect(again).toEqual({ ok: false, reason: "not_found" });
      let starts = 0;
      const start = (parent: Process) => {
        starts += 1;
        if (starts > 1) throw new Error("not again");
        return startWorker(parent, { id: "a", tester: self.pid });
      };
      const pid = await started(self, supervisor, { id: "a", start });
      self.sendExit(pid, "kill");
      expect(await DynamicSupervisor.whichChildren(self, supervisor)).toMatchObject([{ pid: "restarting" }]);
      // DSUP-3: a restarting child is counted, but does not run.
      const counts = { specs: 1, active: 0, supervisors: 0, workers: 1 };
      expect(await DynamicSupervisor.countChildren(self, supervisor)).toEqual(counts);
      expect(await DynamicSupervisor.terminateChild(self, supervisor, pid)).toEqual({ ok: true });
      expect(await DynamicSupervisor.whichChildren(self, supervisor)).toEqual([]);
    }),
  );

  it(
    "T-DSUP-08 extra arguments come first, at every start",
    play(async (self) => {
      const seen: unknown[] = [];
      const supervisor = await DynamicSupervisor.startLink(self, { extraArguments: ["x", 1] });
      const start = (parent: Process, ...args: readonly unknown[]) => {
        seen.push(args);
        return startWorker(parent, { id: "a", tester: self.pid });
      };
      const pid = await started(self, supervisor, { id: "a", start: [start, "own"], restart: "transient" });
      self.sendExit(pid, "kill");
      await self.sleep(1);
      expect(seen).toEqual([
        ["x", 1, "own"],
        ["x", 1, "own"],
      ]);
      class Named extends Worker {
        static startLink(parent: Process, ...args: readonly unknown[]) {
          seen.push(args);
          return startWorker(parent, { id: "named", tester: self.pid });
        }
      }
      await started(self, supervisor, Supervisor.childSpec([Named, "arg"]));
      expect(seen.at(-1)).toEqual(["x", 1, "arg"]);
    }),
  );

  it(
    "T-DSUP-09 S4 each child is stopped by its own shutdown value, and the supervisor ends after them",
    play(async (self) => {
      const supervisor = await DynamicSupervisor.startLink(self);
      self.trapExit = true;
      const children = [
        worker(self, "i", { shutdown: "infinity" }),
        worker(self, "k", { shutdown: "brutal_kill" }),
        worker(self, "h", { shutdown: 1, terminateMs: 10_000 }),
      ];
      const refs = new Map<unknown, string>();
      for (const child of children) refs.set(self.monitor(await started(self, supervisor, child)), String(child.id));
      self.sendExit(supervisor, "shutdown");
      const messages = (await arrivals(self, 10)).filter((message) => JSON.stringify(message).includes('"reason"'));
      const ends = messages.flatMap((message) => {
        if (typeof message !== "object" || message === null || !("reason" in message) || "told" in message) return [];
        return [`${"ref" in message ? refs.get(message.ref) : "supervisor"} ${String(message.reason)}`];
      });
      expect(ends).toEqual(["k killed", "i shutdown", "h killed", "supervisor shutdown"]);
    }),
  );

  it(
    "DSUP-6 children are stopped in parallel: the supervisor needs as long as the slowest",
    play(async (self) => {
      const supervisor = await DynamicSupervisor.startLink(self);
      for (const id of ["a", "b", "c"]) await started(self, supervisor, worker(self, id, { terminateMs: 100 }));
      await told(self);
      const before = self.node.monotonicTime();
      await DynamicSupervisor.stop(self, supervisor);
      expect(self.node.monotonicTime() - before).toBe(100);
      expect(await told(self)).toEqual(["a", "b", "c"].map((id) => `terminate ${id} shutdown`));
    }),
  );

  it(
    "DSUP-4 a child that ignores its restart is dropped; one that restarts gets a new pid in place",
    play(async (self) => {
      const supervisor = await DynamicSupervisor.startLink(self);
      let starts = 0;
      const start = (parent: Process) => {
        starts += 1;
        return starts === 3 ? "ignore" : startWorker(parent, { id: "a", tester: self.pid });
      };
      const first = await started(self, supervisor, { id: "a", start });
      self.sendExit(first, "kill");
      await self.sleep(1);
      const [child] = await DynamicSupervisor.whichChildren(self, supervisor);
      if (typeof child?.pid !== "object") throw new Error("the child does not run");
      expect(child).toMatchObject({ id: undefined, type: "worker" });
      self.sendExit(child.pid, "kill");
      await self.sleep(1);
      expect(await DynamicSupervisor.whichChildren(self, supervisor)).toEqual([]);
    }),
  );

  it(
    "DSUP-1 DSUP-7 flags that make no sense are refused by name",
    play(async (self) => {
      self.trapExit = true;
      const failing = (options: object) => startFailure(DynamicSupervisor.startLink(self, options));
      expect(await failing({ strategy: "one_for_all" })).toEqual({
        supervisorData: { invalidStrategy: "one_for_all" },
      });
      expect(await failing({ maxChildren: -1 })).toEqual({ supervisorData: { invalidMaxChildren: -1 } });
      expect(await failing({ extraArguments: 1 })).toEqual({ supervisorData: { invalidExtraArguments: 1 } });
      const never = { supervisorData: { invalidAutoShutdown: "any_significant" } };
      expect(await failing({ autoShutdown: "any_significant" })).toEqual(never);
    }),
  );

  it(
    "DSUP-1 a module gives the flags, and is a child like any other",
    play(async (self) => {
      class Rooms extends DynamicSupervisor.Module<number> {
        static startLink(parent: Process, max: number) {
          return DynamicSupervisor.startLink(parent, Rooms, max, { name: "rooms" });
        }
        override init(max: number) {
          return max < 0 ? ignore : DynamicSupervisor.init({ maxChildren: max });
        }
      }
      const children = [
        [Rooms, 1],
        [DynamicSupervisor, { name: "others" }],
      ] as const;
      const root = await Supervisor.startLink(self, children, { strategy: "one_for_one" });
      expect((await Supervisor.whichChildren(self, root)).map(({ id, type }) => [id, type])).toEqual([
        ["others", "supervisor"],
        ["Rooms", "supervisor"],
      ]);
      const result = await DynamicSupervisor.startChild(self, "rooms", [Worker, { id: "a", tester: self.pid }]);
      if (!result.ok) throw new Error("the child did not start");
      const full = await DynamicSupervisor.startChild(self, "rooms", worker(self, "b"));
      expect(full).toEqual({ ok: false, reason: "max_children" });
      expect(await startFailure(DynamicSupervisor.startLink(self, Rooms, -1))).toBe("ignore");
      // @ts-expect-error -- a worker takes no calls
      await expect(call(self, result.pid, { type: "get" })).rejects.toThrow("no handleCall");
    }),
  );
});
