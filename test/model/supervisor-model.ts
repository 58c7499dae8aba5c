/**
 * What a tree of supervisors should do, said as naively as possible: one list of children per supervisor, plain recursion,
 * no processes and no messages. It shares no code with the supervisors it is held against.
 */

/** How a child is restarted, and whether its end counts for auto-shutdown. */
interface Fate {
  readonly restart: "permanent" | "transient" | "temporary";
  readonly significant: boolean;
}

/** A worker or a supervisor, before it is started. */
export type Plan = WorkerPlan | SupervisorPlan;

/** A worker that logs its start and its end. */
export interface WorkerPlan extends Fate {
  readonly kind: "worker";
  readonly id: string;
}

/** A supervisor with its first children. */
export interface SupervisorPlan extends Fate {
  readonly kind: "supervisor";
  readonly id: string;
  readonly strategy: "one_for_one" | "one_for_all" | "rest_for_one";
  readonly autoShutdown: "never" | "any_significant" | "all_significant";
  readonly maxRestarts: number;
  readonly maxSeconds: number;
  readonly children: readonly Plan[];
}

/** A child of a running supervisor. */
export interface ModelChild {
  readonly plan: Plan;
  status: "running" | "restarting" | "stopped";
  /** The running supervisor, where the child is one. */
  supervisor: ModelSupervisor | null;
}

/** A running supervisor. */
export interface ModelSupervisor {
  readonly plan: SupervisorPlan;
  /** As whom its own supervisor knows it; null for the root. */
  readonly place: { readonly of: ModelSupervisor; readonly child: ModelChild } | null;
  children: ModelChild[];
  restarts: number[];
  isAlive: boolean;
}

/** The whole tree, its clock, and the log that the real one has to equal. */
export class Model {
  readonly root: ModelSupervisor;
  readonly log: string[] = [];
  /** How many of the next starts of a worker fail. */
  readonly failures: Map<string, number> = new Map();
  now = 0;
  readonly #retries: (() => void)[] = [];

  constructor(plan: SupervisorPlan) {
    this.root = { plan, place: null, children: [], restarts: [], isAlive: true };
    this.#startChildren(this.root);
  }

  /** All children that run, with their supervisors. */
  running(of: ModelSupervisor = this.root): { readonly of: ModelSupervisor; readonly child: ModelChild }[] {
    if (!of.isAlive) return [];
    return of.children.flatMap((child) =>
      child.status !== "running"
        ? []
        : [{ of, child }, ...(child.supervisor === null ? [] : this.running(child.supervisor))],
    );
  }

  /** All supervisors that run. */
  supervisors(): ModelSupervisor[] {
    const below = this.running().flatMap(({ child }) => (child.supervisor === null ? [] : [child.supervisor]));
    return this.root.isAlive ? [this.root, ...below] : [];
  }

  /** A worker ends by itself. */
  endWorker(of: ModelSupervisor, child: ModelChild, reason: unknown): void {
    if (reason !== "killed") this.log.push(`terminate ${child.plan.id} ${JSON.stringify(reason)}`);
    this.#ended(of, child, reason);
    this.#settle();
  }

  /** A supervisor is killed: its children, who hear of it by the link, end with it. */
  killSupervisor(of: ModelSupervisor, child: ModelChild): void {
    if (child.supervisor !== null) this.#orphan(child.supervisor);
    this.#ended(of, child, "killed");
    this.#settle();
  }

  startChild(of: ModelSupervisor, plan: WorkerPlan): "ok" | "failed" {
    const child: ModelChild = { plan, status: "stopped", supervisor: null };
    of.children.push(child);
    if (this.#start(of, child)) return "ok";
    this.#remove(of, child);
    return "failed";
  }

  terminateChild(of: ModelSupervisor, child: ModelChild): void {
    this.#stop(child);
    if (child.plan.restart === "temporary") this.#remove(of, child);
  }

  restartChild(of: ModelSupervisor, child: ModelChild): "ok" | "failed" | "running" {
    if (child.status === "running") return "running";
    return this.#start(of, child) ? "ok" : "failed";
  }

  deleteChild(of: ModelSupervisor, child: ModelChild): "ok" | "running" {
    if (child.status === "running") return "running";
    this.#remove(of, child);
    return "ok";
  }

  #settle(): void {
    for (let retry = this.#retries.shift(); retry !== undefined; retry = this.#retries.shift()) retry();
  }

  #start(of: ModelSupervisor, child: ModelChild): boolean {
    const { plan } = child;
    if (plan.kind === "worker") {
      const failures = this.failures.get(plan.id) ?? 0;
      this.failures.set(plan.id, Math.max(0, failures - 1));
      if (failures > 0) return false;
      this.log.push(`start ${plan.id}`);
    } else {
      const supervisor: ModelSupervisor = { plan, place: { of, child }, children: [], restarts: [], isAlive: true };
      if (!this.#startChildren(supervisor)) return false;
      child.supervisor = supervisor;
    }
    child.status = "running";
    return true;
  }

  #startChildren(supervisor: ModelSupervisor): boolean {
    supervisor.children = supervisor.plan.children.map((plan) => ({ plan, status: "stopped", supervisor: null }));
    for (const child of supervisor.children) {
      if (this.#start(supervisor, child)) continue;
      this.#stopAll(supervisor);
      return false;
    }
    return true;
  }

  #stop(child: ModelChild): void {
    if (child.status === "running") {
      if (child.supervisor === null) this.log.push(`terminate ${child.plan.id} "shutdown"`);
      else this.#stopAll(child.supervisor);
    }
    child.status = "stopped";
    child.supervisor = null;
  }

  #stopAll(supervisor: ModelSupervisor): void {
    for (const child of supervisor.children.toReversed()) this.#stop(child);
    supervisor.isAlive = false;
  }

  #orphan(supervisor: ModelSupervisor): void {
    supervisor.isAlive = false;
    for (const child of supervisor.children) {
      if (child.status !== "running") continue;
      if (child.supervisor === null) this.log.push(`terminate ${child.plan.id} "killed"`);
      // A supervisor below hears of it by its own link, and stops in order.
      else this.#stopAll(child.supervisor);
    }
  }

  #remove(of: ModelSupervisor, child: ModelChild): void {
    of.children = of.children.filter((one) => one !== child);
  }

  #ended(of: ModelSupervisor, child: ModelChild, reason: unknown): void {
    child.status = "stopped";
    child.supervisor = null;
    const { restart, significant } = child.plan;
    const isWell = reason === "normal" || reason === "shutdown" || typeof reason === "object";
    if (restart === "permanent" || (restart === "transient" && !isWell)) {
      this.#restart(of, child);
      return;
    }
    if (restart === "temporary") this.#remove(of, child);
    const others = of.children.filter((one) => one !== child && one.plan.significant && one.status !== "stopped");
    const { autoShutdown } = of.plan;
    if (!significant || autoShutdown === "never") return;
    if (autoShutdown === "any_significant" || others.length === 0) this.#giveUp(of);
  }

  #restart(of: ModelSupervisor, child: ModelChild): void {
    const { maxRestarts, maxSeconds, strategy } = of.plan;
    of.restarts = [...of.restarts, this.now].filter((time) => this.now - time <= maxSeconds * 1_000);
    if (of.restarts.length > maxRestarts) {
      this.#remove(of, child);
      this.#giveUp(of);
      return;
    }
    child.status = "stopped";
    const at = of.children.indexOf(child);
    const touched = of.children.filter(
      (one, index) => one === child || strategy === "one_for_all" || (strategy === "rest_for_one" && index > at),
    );
    for (const one of touched.toReversed()) this.#stop(one);
    for (const one of touched) if (one.plan.restart === "temporary") this.#remove(of, one);
    for (const one of touched) {
      if (one.plan.restart === "temporary" || this.#start(of, one)) continue;
      one.status = "restarting";
      this.#retries.push(() => {
        if (of.isAlive && one.status === "restarting") this.#restart(of, one);
      });
      return;
    }
  }

  #giveUp(supervisor: ModelSupervisor): void {
    this.#stopAll(supervisor);
    const { place } = supervisor;
    if (place !== null) this.#ended(place.of, place.child, "shutdown");
  }
}
