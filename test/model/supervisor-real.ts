/** The real tree for a plan, on a node of its own with a virtual clock, and what can be seen of it. */
import { Node, type Pid, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import {
  cast,
  type ChildSpec,
  GenServer,
  ok,
  startLink,
  stopWith,
  Supervisor,
  type SupervisorOptions,
  type SupervisorPid,
} from "@otp/genserver";

import type { ModelChild, ModelSupervisor, Plan, SupervisorPlan } from "./supervisor-model.ts";

interface WorkerProtocol {
  readonly cast: { readonly type: "end"; readonly reason: unknown };
}

class Worker extends GenServer<string, WorkerProtocol, { readonly id: string; readonly real: RealTree }> {
  #real: RealTree | undefined;

  override init({ id, real }: { readonly id: string; readonly real: RealTree }) {
    this.self.trapExit = true;
    this.#real = real;
    real.started(id, this.self.pid);
    return ok(id);
  }

  override handleCast({ reason }: WorkerProtocol["cast"], id: string) {
    return stopWith(reason, id);
  }

  override terminate(reason: unknown, id: string): void {
    this.#real?.log.push(`terminate ${id} ${JSON.stringify(reason)}`);
  }
}

/** A tree of real supervisors. */
export class RealTree {
  readonly node: Node;
  readonly runtime: ManualRuntime;
  readonly log: string[] = [];
  readonly failures: Map<string, number> = new Map();
  /** Every worker that was ever started. */
  readonly workers: Pid[] = [];

  private constructor(node: Node, runtime: ManualRuntime) {
    this.node = node;
    this.runtime = runtime;
  }

  static async start(plan: SupervisorPlan): Promise<{ readonly real: RealTree; readonly root: SupervisorPid }> {
    process.env["OTP_LOG"] = "silent";
    const runtime = new ManualRuntime();
    const real = new RealTree(await Node.start({ runtime }), runtime);
    const root = await real.settled(Supervisor.start(real.node, real.#children(plan), optionsOf(plan)));
    return { real, root };
  }

  started(id: string, pid: Pid): void {
    this.log.push(`start ${id}`);
    this.workers.push(pid);
  }

  /** Lets everything happen that is due now. */
  async settled<Value>(promise: Promise<Value>): Promise<Value> {
    await this.runtime.settle();
    return promise;
  }

  /** What runs under `supervisor`, by id: pids of all, and the shape as words. */
  async look(supervisor: SupervisorPid, pids: Map<string, Pid> = new Map()): Promise<string> {
    const parts: string[] = [];
    for (const { id, pid, type } of (
      await this.settled(Supervisor.whichChildren(this.node, supervisor))
    ).toReversed()) {
      if (typeof pid === "object") pids.set(String(id), pid);
      const status = typeof pid === "object" ? "running" : (pid ?? "stopped");
      const below = typeof pid === "object" && type === "supervisor" ? await this.look(pid, pids) : "";
      parts.push(`${String(id)} ${status}${below}`);
    }
    return `(${parts.join(", ")})`;
  }

  end(pid: Pid, reason: unknown): void {
    if (reason === "killed") this.node.sendExit(pid, "kill");
    else cast(this.node, pid, { type: "end", reason });
  }

  specOf(plan: Plan): ChildSpec {
    const { id, restart, significant } = plan;
    if (plan.kind === "worker") {
      return { id, restart, significant, start: [(self: Process) => this.#startWorker(self, id)] };
    }
    const start = (self: Process) => Supervisor.startLink(self, this.#children(plan), optionsOf(plan));
    return { id, restart, significant, start, type: "supervisor" };
  }

  #children(plan: SupervisorPlan): readonly ChildSpec[] {
    return plan.children.map((child) => this.specOf(child));
  }

  #startWorker(self: Process, id: string): Promise<Pid<never>> {
    const failures = this.failures.get(id) ?? 0;
    this.failures.set(id, Math.max(0, failures - 1));
    if (failures > 0) throw new Error(`${id} fails`);
    return startLink(self, Worker, { id, real: this });
  }
}

function optionsOf({ strategy, autoShutdown, maxRestarts, maxSeconds }: SupervisorPlan): SupervisorOptions {
  return { strategy, autoShutdown, maxRestarts, maxSeconds };
}

/** The shape of a model in the same words. */
export function shapeOf(supervisor: ModelSupervisor): string {
  const below = ({ plan, status, supervisor: inner }: ModelChild): string =>
    `${plan.id} ${status}${inner === null ? "" : shapeOf(inner)}`;
  return `(${supervisor.children.map(below).join(", ")})`;
}
