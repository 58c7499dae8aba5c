import { ArgumentError, type Process, StartError } from "@otp/core";
import { type ChildSpec, ignore, Supervisor, type SupervisorOptions } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { startFailure } from "./behaviour.ts";
import { pidOf, states, Worker, worker } from "./sup-world.ts";
import { arrivals, playing } from "./world.ts";

const play = playing("freeze");
const oneForOne: SupervisorOptions = { strategy: "one_for_one" };

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
