import { ArgumentError, type Pid, type Process, StartError } from "@otp/core";
import { type ChildSpec, ignore, Supervisor, type SupervisorOptions, type SupervisorPid } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { startFailure } from "./behaviour.ts";
import { killChild, pidOf, startWorker, told, Worker, worker } from "./sup-world.ts";
import { arrivals, endOf, next, playing } from "./world.ts";

const play = playing("freeze");
const oneForOne: SupervisorOptions = { strategy: "one_for_one" };

/** Starts a supervisor of workers with these ids and forgets what they told. */
async function family(self: Process, ids: string, options: SupervisorOptions = oneForOne): Promise<SupervisorPid> {
  const children = Array.from(ids, (id) => worker(self, id));
  const supervisor = await Supervisor.startLink(self, children, options);
  await told(self);
  return supervisor;
}

/** The ids and the states of all children, oldest first. */
async function states(self: Process, supervisor: SupervisorPid): Promise<string[]> {
  const children = await Supervisor.whichChildren(self, supervisor);
  return children.toReversed().map(({ id, pid }) => `${String(id)} ${typeof pid === "object" ? "runs" : String(pid)}`);
}

describe("order", () => {
  it(
    "T-SUP-01 children start in order and stop in reverse",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(
        self,
        ["c", "a", "b"].map((id) => worker(self, id)),
        oneForOne,
      );
      expect(await told(self)).toEqual(["start c", "start a", "start b"]);
      expect(await Supervisor.stop(self, supervisor)).toBe("ok");
      expect(await told(self)).toEqual(["terminate b shutdown", "terminate a shutdown", "terminate c shutdown"]);
    }),
  );

  it(
    "T-SUP-02 whichChildren names the newest first",
    play(async (self) => {
      const supervisor = await family(self, "cab");
      const children = await Supervisor.whichChildren(self, supervisor);
      expect(children.map(({ id, type, modules }) => ({ id, type, modules }))).toEqual(
        ["b", "a", "c"].map((id) => ({ id, type: "worker", modules: ["Worker"] })),
      );
      expect(children.every(({ pid }) => typeof pid === "object")).toBe(true);
    }),
  );

  it(
    "SUP-5 a restarted child keeps its place, an added one comes last",
    play(async (self) => {
      const supervisor = await family(self, "ab");
      await Supervisor.startChild(self, supervisor, worker(self, "c"));
      await killChild(self, supervisor, "a");
      await told(self);
      await Supervisor.stop(self, supervisor);
      expect(await told(self)).toEqual(["terminate c shutdown", "terminate b shutdown", "terminate a shutdown"]);
    }),
  );
});

describe("strategies", () => {
  it(
    "T-SUP-03 one_for_one restarts the failed child alone",
    play(async (self) => {
      const supervisor = await family(self, "abc");
      await killChild(self, supervisor, "b");
      expect(await told(self)).toEqual(["start b"]);
    }),
  );

  it(
    "T-SUP-04 one_for_all stops all others in reverse and starts all in order",
    play(async (self) => {
      const supervisor = await family(self, "abc", { strategy: "one_for_all" });
      await killChild(self, supervisor, "b");
      const restarted = ["terminate c shutdown", "terminate a shutdown", "start a", "start b", "start c"];
      expect(await told(self)).toEqual(restarted);
    }),
  );

  it(
    "T-SUP-05 rest_for_one stops those after it in reverse and starts it and them in order",
    play(async (self) => {
      const supervisor = await family(self, "abcd", { strategy: "rest_for_one" });
      await killChild(self, supervisor, "b");
      const restarted = ["terminate d shutdown", "terminate c shutdown", "start b", "start c", "start d"];
      expect(await told(self)).toEqual(restarted);
    }),
  );

  it(
    "T-SUP-06 restart types: permanent always, transient after failures, temporary never",
    play(async (self) => {
      const seen: Record<string, string[]> = {};
      for (const restart of ["permanent", "transient", "temporary"] as const) {
        const outcomes: string[] = [];
        for (const reason of ["normal", "shutdown", { shutdown: 1 }, "abn"]) {
          const supervisor = await Supervisor.startLink(self, [worker(self, "x", { restart })], oneForOne);
          const pid = await pidOf(self, supervisor, "x");
          self.send(pid, { type: "$gen_cast", message: { type: "end", reason } });
          await told(self);
          const { specs, active } = await Supervisor.countChildren(self, supervisor);
          outcomes.push(`${specs} ${active} ${(await states(self, supervisor)).join()}`);
          await Supervisor.stop(self, supervisor);
        }
        seen[restart] = outcomes;
      }
      expect(seen).toEqual({
        permanent: ["1 1 x runs", "1 1 x runs", "1 1 x runs", "1 1 x runs"],
        transient: ["1 0 x undefined", "1 0 x undefined", "1 0 x undefined", "1 1 x runs"],
        temporary: ["0 0 ", "0 0 ", "0 0 ", "0 0 "],
      });
    }),
  );

  it(
    "T-SUP-10 temporary siblings are stopped in a group restart and not started again",
    play(async (self) => {
      const children = [worker(self, "a"), worker(self, "t", { restart: "temporary" }), worker(self, "c")];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_all" });
      await told(self);
      await killChild(self, supervisor, "a");
      expect(await told(self)).toEqual(["terminate c shutdown", "terminate t shutdown", "start a", "start c"]);
      expect(await states(self, supervisor)).toEqual(["a runs", "c runs"]);
    }),
  );

  it(
    "T-SUP-11 terminateChild does not touch siblings",
    play(async (self) => {
      const supervisor = await family(self, "abc", { strategy: "rest_for_one" });
      expect(await Supervisor.terminateChild(self, supervisor, "b")).toEqual({ ok: true });
      expect(await told(self)).toEqual(["terminate b shutdown"]);
      expect(await Supervisor.restartChild(self, supervisor, "b")).toMatchObject({ ok: true });
      expect(await told(self)).toEqual(["start b"]);
    }),
  );

  it(
    "SUP-12 a child that was stopped by hand is started again in a group restart",
    play(async (self) => {
      const supervisor = await family(self, "abc", { strategy: "one_for_all" });
      await Supervisor.terminateChild(self, supervisor, "c");
      await told(self);
      await killChild(self, supervisor, "a");
      expect(await told(self)).toEqual(["terminate b shutdown", "start a", "start b", "start c"]);
    }),
  );

  it(
    "SUP-13 the end of a child that needs no restart leaves its siblings alone",
    play(async (self) => {
      const children = [worker(self, "a"), worker(self, "t", { restart: "temporary" }), worker(self, "c")];
      const supervisor = await Supervisor.startLink(self, children, { strategy: "one_for_all" });
      await told(self);
      await killChild(self, supervisor, "t");
      expect(await told(self)).toEqual([]);
    }),
  );
});

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

describe("specs and administration", () => {
  const stub = () => "ignore" as const;

  it(
    "T-SUP-14 a spec of id and start has every default",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(self, [], oneForOne);
      const children: readonly ChildSpec[] = [
        { id: "w", start: [stub] },
        { id: "s", start: [stub], type: "supervisor" },
        { id: "k", start: [stub], shutdown: "brutal_kill" },
      ];
      const shutdowns: unknown[] = [];
      for (const child of children) {
        await Supervisor.startChild(self, supervisor, child);
        const got = await Supervisor.getChildspec(self, supervisor, child.id);
        if (!got.ok) throw new Error("no spec");
        expect(got.spec).toMatchObject({ restart: "permanent", significant: false, modules: ["stub"], start: [stub] });
        shutdowns.push(got.spec.shutdown);
      }
      expect(shutdowns).toEqual([5_000, "infinity", "brutal_kill"]);
      expect(await Supervisor.getChildspec(self, supervisor, "?")).toEqual({ ok: false, reason: "not_found" });
    }),
  );

  it(
    "T-SUP-15 administration of one child",
    play(async (self) => {
      const a = worker(self, "a");
      const supervisor = await Supervisor.startLink(self, [a], oneForOne);
      const pid = await pidOf(self, supervisor, "a");
      const refused = (reason: unknown) => ({ ok: false, reason });
      const start = () => Supervisor.startChild(self, supervisor, a);
      expect(await start()).toEqual(refused({ type: "already_started", pid }));
      expect(await Supervisor.terminateChild(self, supervisor, "nope")).toEqual(refused("not_found"));
      expect(await Supervisor.deleteChild(self, supervisor, "nope")).toEqual(refused("not_found"));
      expect(await Supervisor.restartChild(self, supervisor, "nope")).toEqual(refused("not_found"));
      expect(await Supervisor.deleteChild(self, supervisor, "a")).toEqual(refused("running"));
      expect(await Supervisor.restartChild(self, supervisor, "a")).toEqual(refused("running"));
      expect(await Supervisor.terminateChild(self, supervisor, "a")).toEqual({ ok: true });
      expect(await Supervisor.terminateChild(self, supervisor, "a")).toEqual({ ok: true });
      expect(await states(self, supervisor)).toEqual(["a undefined"]);
      const counts = await Supervisor.countChildren(self, supervisor);
      expect(counts).toEqual({ specs: 1, active: 0, supervisors: 0, workers: 1 });
      expect(await start()).toEqual(refused("already_present"));
      expect(await Supervisor.restartChild(self, supervisor, "a")).toMatchObject({ ok: true });
      expect(await Supervisor.terminateChild(self, supervisor, "a")).toEqual({ ok: true });
      expect(await Supervisor.deleteChild(self, supervisor, "a")).toEqual({ ok: true });
      expect(await Supervisor.whichChildren(self, supervisor)).toEqual([]);
    }),
  );

  it(
    "T-SUP-16 a temporary child goes with its spec, and a pid is no id",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(self, [worker(self, "t", { restart: "temporary" })], oneForOne);
      const pid = await pidOf(self, supervisor, "t");
      expect(await Supervisor.terminateChild(self, supervisor, "t")).toEqual({ ok: true });
      expect(await Supervisor.whichChildren(self, supervisor)).toEqual([]);
      expect(await Supervisor.restartChild(self, supervisor, "t")).toEqual({ ok: false, reason: "not_found" });
      expect(await Supervisor.terminateChild(self, supervisor, pid)).toEqual({ ok: false, reason: "not_found" });
    }),
  );

  it(
    "T-SUP-17 an invalid spec is refused by name",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(self, [], oneForOne);
      const faults: readonly (readonly [object, unknown])[] = [
        [{}, "missing_id"],
        [{ id: 1 }, "missing_start"],
        [{ id: 1, start: { T: "foo" } }, { invalidMfa: { T: "foo" } }],
        [{ id: 1, start: ["foo"] }, { invalidMfa: ["foo"] }],
        [{ id: 1, start: stub, shutdown: -1 }, { invalidShutdown: -1 }],
        [{ id: 1, start: stub, restart: "x" }, { invalidRestartType: "x" }],
        [{ id: 1, start: stub, type: "x" }, { invalidChildType: "x" }],
        [{ id: 1, start: stub, modules: "x" }, { invalidModules: "x" }],
        [{ id: 1, start: stub, significant: "x" }, { invalidSignificant: "x" }],
      ];
      for (const [spec, reason] of faults) {
        // @ts-expect-error -- what the compiler refuses may still come from another node
        expect(await Supervisor.startChild(self, supervisor, spec)).toEqual({ ok: false, reason });
      }
    }),
  );

  it(
    "T-SUP-18 what a start function gives decides what startChild gives",
    play(async (self) => {
      const supervisor = await Supervisor.startLink(self, [], oneForOne);
      const pid = self.spawn(async (other: Process) => other.receive(() => false));
      const result = (id: string, start: () => unknown) =>
        // @ts-expect-error -- junk is refused by the compiler, too
        Supervisor.startChild(self, supervisor, { id, start, restart: "temporary" as const });
      expect(await result("p", () => pid)).toEqual({ ok: true, pid, info: undefined });
      expect(await result("i", async () => ({ pid, info: "extra" }))).toEqual({ ok: true, pid, info: "extra" });
      const failed = (reason: unknown) => ({ ok: false, reason: { startFailed: reason } });
      expect(await result("e", () => Promise.reject(new StartError("e", "e")))).toMatchObject(failed("e"));
      expect(await result("j", () => "junk")).toMatchObject(failed("junk"));
      expect(await Supervisor.startChild(self, supervisor, { id: "g", start: stub })).toEqual({
        ok: true,
        pid: undefined,
        info: undefined,
      });
      expect(await states(self, supervisor)).toEqual(["p runs", "i runs", "g undefined"]);
    }),
  );

  it(
    "T-SUP-20 a start is refused by name: flags, specs, ids, what init gives",
    play(async (self) => {
      self.trapExit = true;
      class Odd extends Supervisor.Module<() => unknown> {
        override init(make: () => unknown) {
          // @ts-expect-error -- what the compiler refuses may still be given
          const given: ReturnType<typeof Supervisor.init> = make();
          return given;
        }
      }
      const failing = (make: () => unknown) => startFailure(Supervisor.startLink(self, Odd, make));
      const flagged = (flags: object) => failing(() => ({ flags, children: [] }));
      expect(await failing(() => ignore)).toBe("ignore");
      expect(await failing(() => "bad")).toEqual({ badReturn: { module: "Odd", function: "init", value: "bad" } });
      expect(await flagged({ strategy: "x" })).toEqual({ supervisorData: { invalidStrategy: "x" } });
      const { strategy } = oneForOne;
      expect(await flagged({ strategy, maxRestarts: -1 })).toEqual({ supervisorData: { invalidIntensity: -1 } });
      expect(await flagged({ strategy, maxSeconds: 0 })).toEqual({ supervisorData: { invalidPeriod: 0 } });
      expect(await flagged({ strategy, autoShutdown: 1 })).toEqual({ supervisorData: { invalidAutoShutdown: 1 } });
      expect(await failing(() => ({ flags: oneForOne, children: [42] }))).toEqual({
        startSpec: { invalidChildSpec: 42 },
      });
      const twice = () =>
        Supervisor.init(
          [
            { id: ["a", 1], start: stub },
            { id: ["a", 1], start: stub },
          ],
          oneForOne,
        );
      expect(await failing(twice)).toEqual({ startSpec: { duplicateChildName: ["a", 1] } });
    }),
  );

  it(
    "T-SUP-19 SUP-6 a child that fails at the start: those before it are stopped, the reason names it",
    play(async (self) => {
      self.trapExit = true;
      const x: ChildSpec = { id: "x", start: () => Promise.reject(new StartError("nope", "nope")) };
      const children = [worker(self, "a"), worker(self, "b"), x, worker(self, "d")];
      const reason = { shutdown: { failedToStartChild: { id: "x", reason: "nope" } } };
      expect(await startFailure(Supervisor.startLink(self, children, oneForOne))).toEqual(reason);
      const messages = await arrivals(self, 1);
      expect(messages.at(-1)).toMatchObject({ type: "EXIT", reason });
      expect(messages.slice(0, -1)).toMatchObject([
        { told: "start", id: "a" },
        { told: "start", id: "b" },
        { told: "terminate", id: "b", reason: "shutdown" },
        { told: "terminate", id: "a", reason: "shutdown" },
      ]);
    }),
  );

  it(
    "T-SUP-21 a strategy has to be given",
    play(async (self) => {
      // @ts-expect-error -- the compiler asks for it, too
      expect(() => Supervisor.startLink(self, [], {})).toThrow(ArgumentError);
      // @ts-expect-error -- the compiler asks for it, too
      expect(() => Supervisor.init([])).toThrow("expected the option strategy to be given");
    }),
  );

  it(
    "T-SUP-28 children in every form, and overrides",
    play(async (self) => {
      class Plain {}
      expect(Supervisor.childSpec([Worker, { id: "a", tester: self.pid }])).toMatchObject({ id: "Worker" });
      const overridden = Supervisor.childSpec([Worker, { id: "a", tester: self.pid }], {
        id: "x",
        restart: "transient",
      });
      expect(overridden).toMatchObject({ id: "x", restart: "transient" });
      // @ts-expect-error -- a class without childSpec
      expect(() => Supervisor.childSpec(Plain)).toThrow("Plain was given as a child to a supervisor");
      // @ts-expect-error -- a class without childSpec, with an argument
      expect(() => Supervisor.childSpec([Plain, 1])).toThrow(ArgumentError);
      // @ts-expect-error -- a string
      expect(() => Supervisor.childSpec("Plain")).toThrow("supervisors expect each child to be one of");
      // @ts-expect-error -- no such field
      expect(() => Supervisor.childSpec({ id: 1, start: stub }, { colour: "red" })).toThrow("Got: colour");
      const supervisor = await Supervisor.startLink(self, [[Worker, { id: "a", tester: self.pid }]], oneForOne);
      expect(await states(self, supervisor)).toEqual(["Worker runs"]);
    }),
  );
});

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
