/**
 * The workload of supervision: one supervisor with children of all kinds that crash, are managed and ignore their orders,
 * held against the naive model step by step; and the times within which a child has to stop (SUP-7).
 */
import type { Node, Pid, Process } from "@otp/core";
import {
  cast,
  type ChildSpec,
  GenServer,
  ok,
  type Restart,
  startLink,
  stopWith,
  Supervisor,
  type SupervisorPid,
} from "@otp/genserver";
import type { Simulation } from "@otp/testing";
import fc from "fast-check";

import { Model, type SupervisorPlan, type WorkerPlan } from "../../model/supervisor-model.ts";
import { drawn } from "./drawn.ts";

const restart = fc.constantFrom<Restart>("permanent", "permanent", "transient", "temporary");
const child = fc.nat(5);
const programs = fc.record({
  strategy: fc.constantFrom("one_for_one" as const, "one_for_all" as const, "rest_for_one" as const),
  autoShutdown: fc.constantFrom(
    "never" as const,
    "never" as const,
    "any_significant" as const,
    "all_significant" as const,
  ),
  maxRestarts: fc.integer({ min: 0, max: 4 }),
  maxSeconds: fc.constantFrom(1, 5),
  children: fc.array(fc.record({ restart, isSignificant: fc.boolean() }), { minLength: 2, maxLength: 4 }),
  deeds: fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("end" as const),
          child,
          reason: fc.constantFrom<unknown>("killed", "killed", "abn", "normal", "shutdown", { shutdown: 1 }),
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("failStarts" as const), child, times: fc.integer({ min: 1, max: 2 }) }),
      },
      // At the border of the window, and beside it by one.
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant("pass" as const),
          ms: fc.constantFrom(1, 999, 1_000, 1_001, 4_999, 5_000, 5_001),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("startChild" as const), restart }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constantFrom("terminateChild" as const, "restartChild" as const, "deleteChild" as const),
          child,
        }),
      },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant("stopDeaf" as const),
          shutdown: fc.constantFrom(0, 50, 700, "brutal_kill" as const),
        }),
      },
    ),
    { minLength: 4, maxLength: 14 },
  ),
});

type Deed = (typeof programs extends fc.Arbitrary<infer Program> ? Program : never)["deeds"][number];

interface WorkerArg {
  readonly id: string;
  readonly stage: Stage;
}

class Worker extends GenServer<
  string,
  { readonly cast: { readonly type: "end"; readonly reason: unknown } },
  WorkerArg
> {
  #stage: Stage | undefined;

  override init({ id, stage }: WorkerArg) {
    this.self.trapExit = true;
    this.#stage = stage;
    stage.log.push(`start ${id}`);
    stage.workers.push(this.self.pid);
    return ok(id);
  }

  override handleCast({ reason }: { readonly reason: unknown }, id: string) {
    return stopWith(reason, id);
  }

  override terminate(reason: unknown, id: string): Promise<void> | void {
    this.#stage?.log.push(`terminate ${id} ${JSON.stringify(reason)}`);
    return id.startsWith("deaf") ? this.self.sleep("infinity") : undefined;
  }
}

/** The scenario of a seed. */
export function supervision(seed: number): (sim: Simulation) => Promise<void> {
  return async (sim) => new Stage(sim, await sim.node("a")).run(seed);
}

/** Model and reality side by side. */
class Stage {
  readonly log: string[] = [];
  readonly workers: Pid[] = [];
  readonly #failures = new Map<string, number>();
  readonly #sim: Simulation;
  readonly #node: Node;
  #added = 0;
  /** With what the supervisor has ended. */
  #end: unknown;

  constructor(sim: Simulation, node: Node) {
    this.#sim = sim;
    this.#node = node;
  }

  async run(seed: number): Promise<void> {
    const { deeds, children, ...flags } = drawn(programs, seed);
    const workers = children.map(({ restart: kind, isSignificant }, at): WorkerPlan => {
      const significant = isSignificant && kind !== "permanent" && flags.autoShutdown !== "never";
      return { kind: "worker", id: String(at), restart: kind, significant };
    });
    const plan: SupervisorPlan = {
      ...flags,
      kind: "supervisor",
      id: "root",
      restart: "permanent",
      significant: false,
      children: workers,
    };
    const model = new Model(plan);
    const root = await Supervisor.start(
      this.#node,
      workers.map((one) => this.#specOf(one)),
      flags,
    );
    this.#node.spawn(async (self: Process) => {
      const { reason } = await self.receive({ type: "DOWN", ref: self.monitor(root) });
      this.#end = reason;
    });
    await this.#compare(model, root, "the start");
    for (const deed of deeds) {
      if (!model.root.isAlive) break;
      await this.#perform(deed, model, root);
      await this.#compare(model, root, JSON.stringify(deed));
    }
    if (model.root.isAlive) await Supervisor.stop(this.#node, root);
    await this.#rest();
    const left = this.workers.filter((pid) => this.#node.isProcessAlive(pid));
    if (left.length > 0) throw new Error(`S4: ${String(left.length)} workers have outlived their supervisor`);
  }

  async #perform(deed: Deed, model: Model, root: SupervisorPid): Promise<void> {
    const { children } = model.root;
    const target = "child" in deed ? children[deed.child % Math.max(1, children.length)] : undefined;
    switch (deed.do) {
      case "pass":
        model.now += deed.ms;
        return this.#sim.run({ for: deed.ms });
      case "stopDeaf":
        model.now += await this.#stopDeaf(root, deed.shutdown);
        return;
      case "startChild": {
        const plan: WorkerPlan = {
          kind: "worker",
          id: `added ${String((this.#added += 1))}`,
          restart: deed.restart,
          significant: false,
        };
        model.startChild(model.root, plan);
        await Supervisor.startChild(this.#node, root, this.#specOf(plan));
        return;
      }
      case "failStarts":
        if (target === undefined) return;
        model.failures.set(target.plan.id, deed.times);
        this.#failures.set(target.plan.id, deed.times);
        return;
      case "end": {
        if (target?.status !== "running") return;
        const pid = (await this.#pids(root)).get(target.plan.id);
        if (pid === undefined) throw new Error(`S4: ${target.plan.id} does not run`);
        model.endWorker(model.root, target, deed.reason);
        if (deed.reason === "killed") this.#node.sendExit(pid, "kill");
        else cast(this.#node, pid, { type: "end", reason: deed.reason });
        return;
      }
      default: {
        if (target === undefined) return;
        const { id } = target.plan;
        const real = await Supervisor[deed.do](this.#node, root, id);
        const isOk =
          deed.do === "terminateChild"
            ? (model.terminateChild(model.root, target), true)
            : model[deed.do](model.root, target) === "ok";
        if (real.ok !== isOk) throw new Error(`SUP-19: ${deed.do} of ${id} was ${real.ok ? "accepted" : "refused"}`);
      }
    }
  }

  /** SUP-7: a child that does not stop in its time is killed then, neither before nor after. Gives the time it took. */
  async #stopDeaf(root: SupervisorPid, shutdown: number | "brutal_kill"): Promise<number> {
    const id = `deaf ${String((this.#added += 1))}`;
    const spec = { ...this.#specOf({ kind: "worker", id, restart: "permanent", significant: false }), shutdown };
    await Supervisor.startChild(this.#node, root, spec);
    await this.#rest();
    const since = this.#sim.now();
    await Supervisor.terminateChild(this.#node, root, id);
    const took = this.#sim.now() - since;
    const expected = shutdown === "brutal_kill" ? 0 : shutdown;
    if (took !== expected) throw new Error(`SUP-7: stopped within ${String(took)} ms and not ${String(expected)}`);
    if (shutdown === "brutal_kill" && this.log.some((line) => line.startsWith(`terminate ${id}`))) {
      throw new Error("SUP-7: a child was asked that was to be killed");
    }
    await Supervisor.deleteChild(this.#node, root, id);
    this.log.splice(0, this.log.length, ...this.log.filter((line) => !line.includes("deaf")));
    return took;
  }

  async #compare(model: Model, root: SupervisorPid, what: string): Promise<void> {
    await this.#rest();
    const [real, expected] = [this.log.join("; "), model.log.join("; ")];
    this.log.length = 0;
    model.log.length = 0;
    if (real !== expected) throw new Error(`S1 S2 S3: ${what}\n  real:  ${real}\n  model: ${expected}`);
    if (this.#node.isProcessAlive(root) !== model.root.isAlive)
      throw new Error(`S2: ${what}: the supervisor ${model.root.isAlive ? "has ended" : "lives"}`);
    if (!model.root.isAlive) {
      // SUP-3 SUP-17: what gives up does so in order, and is no fault of its own.
      if (this.#end !== "shutdown") throw new Error(`S2: ${what}: the supervisor has ended with ${String(this.#end)}`);
      return;
    }
    const running = [...(await this.#pids(root)).keys()].toSorted();
    const due = model.root.children
      .filter(({ status }) => status === "running")
      .map(({ plan }) => plan.id)
      .toSorted();
    if (String(running) !== String(due)) throw new Error(`S4: ${what}: ${String(running)} run, and not ${String(due)}`);
  }

  async #pids(root: SupervisorPid): Promise<Map<string, Pid>> {
    const children = await Supervisor.whichChildren(this.#node, root);
    return new Map(
      children.flatMap(({ id, pid }): [string, Pid][] => (typeof pid === "object" ? [[String(id), pid]] : [])),
    );
  }

  #rest(): Promise<void> {
    return this.#sim.run("toQuiescence");
  }

  #specOf({ id, restart: kind, significant }: WorkerPlan): ChildSpec {
    return { id, restart: kind, significant, start: [(self: Process) => this.#startWorker(self, id)] };
  }

  #startWorker(self: Process, id: string): Promise<Pid<never>> {
    const failures = this.#failures.get(id) ?? 0;
    this.#failures.set(id, Math.max(0, failures - 1));
    if (failures > 0) throw new Error(`${id} fails`);
    return startLink(self, Worker, { id, stage: this });
  }
}
