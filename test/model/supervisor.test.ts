import type { Pid } from "@otp/core";
import { Supervisor, type SupervisorPid } from "@otp/genserver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Model, type ModelChild, type ModelSupervisor, type Plan, type SupervisorPlan } from "./supervisor-model.ts";
import { RealTree, shapeOf } from "./supervisor-real.ts";

/** What is done to the tree; `target` chooses among those it can be done to, whoever they are by then. */
type Deed =
  | { readonly kind: "end"; readonly target: number; readonly reason: unknown }
  | { readonly kind: "killSupervisor"; readonly target: number }
  | { readonly kind: "failStarts"; readonly target: number; readonly times: number }
  | { readonly kind: "pass"; readonly ms: number }
  | { readonly kind: "startChild"; readonly target: number; readonly restart: Plan["restart"] }
  | {
      readonly kind: "terminateChild" | "restartChild" | "deleteChild";
      readonly target: number;
      readonly child: number;
    };

type RawPlan =
  | { readonly kind: "worker"; readonly restart: Plan["restart"]; readonly wantsSignificance: boolean }
  | (Omit<SupervisorPlan, "children" | "id" | "significant"> & {
      readonly wantsSignificance: boolean;
      readonly children: readonly RawPlan[];
    });

const restart = fc.constantFrom("permanent", "permanent", "transient", "temporary");
const flags = {
  strategy: fc.constantFrom("one_for_one", "one_for_all", "rest_for_one"),
  autoShutdown: fc.constantFrom("never", "never", "any_significant", "all_significant"),
  maxRestarts: fc.integer({ min: 0, max: 4 }),
  maxSeconds: fc.constantFrom(1, 5),
};
const rawPlan = fc.letrec<{ plan: RawPlan; worker: RawPlan; supervisor: RawPlan }>((tie) => ({
  plan: fc.oneof({ maxDepth: 2, depthSize: "small" }, tie("worker"), tie("supervisor")),
  worker: fc.record({ kind: fc.constant("worker"), restart, wantsSignificance: fc.boolean() }),
  supervisor: fc.record({
    kind: fc.constant("supervisor"),
    restart,
    wantsSignificance: fc.boolean(),
    ...flags,
    children: fc.array(tie("plan"), { minLength: 1, maxLength: 3 }),
  }),
})).plan;
const rootPlan = fc
  .record({ ...flags, children: fc.array(rawPlan, { minLength: 1, maxLength: 4 }) })
  .map(({ children, strategy, autoShutdown, maxRestarts, maxSeconds }): SupervisorPlan => {
    const named = nameAll(children, "", autoShutdown);
    return {
      kind: "supervisor",
      id: "root",
      restart: "permanent",
      significant: false,
      strategy,
      autoShutdown,
      maxRestarts,
      maxSeconds,
      children: named,
    };
  });

const target = fc.nat(1_000);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("end"),
      target,
      reason: fc.constantFrom("killed", "killed", "abn", "normal", "shutdown", { shutdown: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("killSupervisor"), target }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("failStarts"), target, times: fc.integer({ min: 1, max: 3 }) }),
  },
  // Steps that meet the border of both windows exactly and miss it by one.
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("pass"),
      ms: fc.constantFrom(1, 500, 999, 1_000, 1_001, 4_999, 5_000, 5_001),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("startChild"), target, restart }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("terminateChild", "restartChild", "deleteChild"),
      target,
      child: target,
    }),
  },
);

/** Gives every child an id, and takes significance from where it may not be. */
function nameAll(plans: readonly RawPlan[], prefix: string, autoShutdown: SupervisorPlan["autoShutdown"]): Plan[] {
  return plans.map((plan, index) => {
    const id = `${prefix}${index}`;
    const significant = plan.wantsSignificance && autoShutdown !== "never" && plan.restart !== "permanent";
    if (plan.kind === "worker") return { kind: "worker", id, restart: plan.restart, significant };
    const { wantsSignificance: _, ...rest } = plan;
    return { ...rest, id, significant, children: nameAll(plan.children, `${id}.`, plan.autoShutdown) };
  });
}

/** Model and reality side by side. */
class Comparison {
  readonly model: Model;
  readonly real: RealTree;
  readonly root: SupervisorPid;
  #added = 0;

  constructor(model: Model, real: RealTree, root: SupervisorPid) {
    this.model = model;
    this.real = real;
    this.root = root;
  }

  /** Does it to both, and compares what comes of it. */
  async perform(deed: Deed): Promise<void> {
    const pids = new Map<string, Pid>([["root", this.root]]);
    await this.real.look(this.root, pids);
    await this.#do(deed, pids);
    await this.real.runtime.settle();
    // The children of a killed supervisor hear of it all at once.
    if (deed.kind === "killSupervisor") expect(this.real.log.toSorted()).toEqual(this.model.log.toSorted());
    else expect(this.real.log).toEqual(this.model.log);
    this.real.log.length = 0;
    this.model.log.length = 0;
    await this.compareShapes();
  }

  /** The same children in the same states, and not a worker besides them (S4). */
  async compareShapes(): Promise<void> {
    const { model, real, root } = this;
    expect(real.node.isProcessAlive(root)).toBe(model.root.isAlive);
    const pids = new Map<string, Pid>();
    if (model.root.isAlive) expect(await real.look(root, pids)).toBe(shapeOf(model.root));
    const living = real.workers.filter((pid) => real.node.isProcessAlive(pid));
    const listed = new Set(pids.values());
    expect(living.filter((pid) => !listed.has(pid))).toEqual([]);
    expect(real.node.check()).toEqual([]);
  }

  async #do(deed: Deed, pids: ReadonlyMap<string, Pid>): Promise<void> {
    const { model, real } = this;
    switch (deed.kind) {
      case "pass":
        model.now += deed.ms;
        await real.runtime.advance(deed.ms);
        return;
      case "failStarts":
        for (const { id } of chosen(this.#workers(), deed.target)) {
          model.failures.set(id, deed.times);
          real.failures.set(id, deed.times);
        }
        return;
      case "end":
        for (const { of, child } of chosen(model.running().filter(isWorker), deed.target)) {
          real.end(pidOf(pids, child), deed.reason);
          model.endWorker(of, child, deed.reason);
        }
        return;
      case "killSupervisor":
        for (const { of, child } of chosen(
          model.running().filter((one) => !isWorker(one)),
          deed.target,
        )) {
          real.node.sendExit(pidOf(pids, child), "kill");
          model.killSupervisor(of, child);
        }
        return;
      case "startChild":
      case "terminateChild":
      case "restartChild":
      case "deleteChild":
        for (const supervisor of chosen(model.supervisors(), deed.target)) await this.#manage(deed, supervisor, pids);
    }
  }

  async #manage(
    deed: Extract<Deed, { readonly kind: `${string}Child` }>,
    supervisor: ModelSupervisor,
    pids: ReadonlyMap<string, Pid>,
  ): Promise<void> {
    const { model, real } = this;
    const pid = pids.get(supervisor.plan.id);
    if (deed.kind === "startChild") {
      const id = `added ${(this.#added += 1)}`;
      const plan = { kind: "worker", id, restart: deed.restart, significant: false } as const;
      const result = await real.settled(Supervisor.startChild(real.node, pid, real.specOf(plan)));
      expect(result.ok).toBe(model.startChild(supervisor, plan) === "ok");
      return;
    }
    for (const child of chosen(supervisor.children, deed.child)) {
      const { id } = child.plan;
      const result = await real.settled<{ readonly ok: boolean }>(Supervisor[deed.kind](real.node, pid, id));
      if (deed.kind === "terminateChild") {
        model.terminateChild(supervisor, child);
        expect(result).toEqual({ ok: true });
      } else {
        expect(result.ok).toBe(model[deed.kind](supervisor, child) === "ok");
      }
    }
  }

  #workers(): Plan[] {
    const all = this.model.supervisors().flatMap(({ children }) => children);
    return all.map(({ plan }) => plan).filter(({ kind }) => kind === "worker");
  }
}

function isWorker({ child }: { readonly child: ModelChild }): boolean {
  return child.plan.kind === "worker";
}

function pidOf(pids: ReadonlyMap<string, Pid>, { plan }: ModelChild): Pid {
  const pid = pids.get(plan.id);
  if (pid === undefined) throw new Error(`${plan.id} does not run`);
  return pid;
}

/** One of `all`, or none where there is none. */
function chosen<Item>(all: readonly Item[], target: number): readonly Item[] {
  const at = all.length === 0 ? 0 : target % all.length;
  return all.slice(at, at + 1);
}

async function compare(plan: SupervisorPlan, deeds: readonly Deed[]): Promise<void> {
  const model = new Model(plan);
  const { real, root } = await RealTree.start(plan);
  try {
    expect(real.log).toEqual(model.log);
    real.log.length = 0;
    model.log.length = 0;
    const comparison = new Comparison(model, real, root);
    for (const deed of deeds) if (model.root.isAlive) await comparison.perform(deed);
    if (model.root.isAlive) await real.settled(Supervisor.stop(real.node, root));
    expect(real.workers.filter((pid) => real.node.isProcessAlive(pid))).toEqual([]);
    expect(real.runtime.pendingTimers).toBe(0);
  } finally {
    await real.node.stop();
    await real.runtime.settle();
  }
}

describe("S1 S2 S3 S4 supervisors against a naive model", () => {
  it("random trees, crashes and child management: the same starts and ends in the same order, and no orphan", async () => {
    await fc.assert(
      fc.asyncProperty(rootPlan, fc.array(deed, { maxLength: 25 }), (plan, deeds) => compare(plan, deeds)),
      { numRuns: Number(process.env["OTP_RUNS"] ?? 150) },
    );
  }, 120_000);

  it("S2 SUP-3 the limit of restarts holds exactly, to the millisecond", async () => {
    const crashes = fc.array(fc.constantFrom(1, 333, 334, 499, 500, 501, 999, 1_000, 1_001), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), crashes, async (maxRestarts, gaps) => {
        const child: Plan = { kind: "worker", id: "0", restart: "permanent", significant: false };
        const strategy = "one_for_one";
        await compare(
          {
            ...child,
            kind: "supervisor",
            id: "root",
            strategy,
            autoShutdown: "never",
            maxRestarts,
            maxSeconds: 1,
            children: [child],
          },
          gaps.flatMap((ms): Deed[] => [
            { kind: "end", target: 0, reason: "killed" },
            { kind: "pass", ms },
          ]),
        );
      }),
      { numRuns: Number(process.env["OTP_RUNS"] ?? 150) },
    );
  }, 120_000);
});
