/**
 * One supervisor's children and what is done with them: the effects of what `strategy.ts` and `intensity.ts` decide.
 *
 * Everything here takes place in the supervisor's process, one thing after the other (SUP-26): while a child starts or
 * stops, messages wait. A restart that fails is tried again by a message of the supervisor to itself, behind whatever has
 * come in the meantime, so that a child that never starts can be administered all the same (SUP-15).
 */
import { invariant, type ProcessControl } from "@otp/core/internal";

import { type Child, Children } from "./children.ts";
import type { CheckedFlags } from "./flags.ts";
import { RestartWindow } from "./intensity.ts";
import { reportProgress, reportTrouble } from "./report.ts";
import { stopChild } from "./shutdown.ts";
import { startAnd, type StartOutcome } from "./start-child.ts";
import { endsSupervisor, isFailure, judgeEnd, mayRestart, planRestart } from "./strategy.ts";

/** Whether the supervisor goes on or ends. */
export type Verdict = "goOn" | "shutdown";

/** The message by which a supervisor reminds itself of a restart that has failed. */
export interface RetryMessage {
  readonly type: "$retry_restart";
  readonly child: Child;
}

/** The children of one `Supervisor`. */
export class Tree {
  readonly children: Children = new Children();
  readonly flags: CheckedFlags;
  readonly #self: ProcessControl;
  readonly #window: RestartWindow;

  constructor(self: ProcessControl, flags: CheckedFlags) {
    this.#self = self;
    this.flags = flags;
    this.#window = new RestartWindow(flags);
  }

  /** Starts a child that does not run. */
  async start(child: Child): Promise<StartOutcome> {
    const outcome = await startAnd(this.#self, { spec: child.spec }, (result) => result);
    if (outcome.type === "started") {
      this.children.setRunning(child, outcome.pid);
      reportProgress(this.#self, child);
    } else {
      this.children.setStopped(child);
    }
    return outcome;
  }

  /** Stops a child, or the attempts to restart it. */
  async stop(child: Child): Promise<void> {
    const { pid, spec } = child;
    if (pid !== null) {
      const outcome = await stopChild(this.#self, { pid, shutdown: spec.shutdown, restart: spec.restart });
      if (!outcome.ok) reportTrouble(this.#self, "shutdown_error", { child, reason: outcome.reason });
    }
    this.children.setStopped(child);
  }

  /** Stops all, in reverse order (S1). */
  async stopAll(): Promise<void> {
    await this.#stopInOrder([...this.children].reverse());
    invariant(this.children.running === 0, "S4", "a child runs although all have been stopped");
  }

  /** Does what has to be done now that `child` has ended by itself. */
  async ended(child: Child, reason: unknown): Promise<Verdict> {
    const fate = judgeEnd(child.restart, reason);
    if (isFailure(child.restart, reason)) reportTrouble(this.#self, "child_terminated", { child, reason });
    if (fate === "restart") return this.restart(child);
    this.children.setStopped(child);
    if (fate === "forget") this.children.remove(child);
    return endsSupervisor(this.flags.autoShutdown, this.children, child) ? "shutdown" : "goOn";
  }

  /** Restarts `child` and whoever shares its fate, unless that is one restart too many. */
  async restart(child: Child): Promise<Verdict> {
    invariant(mayRestart(child.restart), "S3", "a temporary child is to be restarted");
    if (!this.#window.admit(this.#self.kernel.runtime.now())) {
      reportTrouble(this.#self, "shutdown", { child, reason: "reached_max_restart_intensity" });
      this.children.remove(child);
      return "shutdown";
    }
    invariant(this.#window.count <= this.flags.maxRestarts, "S2", "restarts beyond the limit");
    const plan = planRestart(this.flags.strategy, this.children, child);
    this.children.setStopped(child);
    await this.#stopInOrder(plan.stop);
    for (const temporary of plan.drop) this.children.remove(temporary);
    await this.#startInOrder(plan.start);
    return "goOn";
  }

  async #stopInOrder(children: readonly Child[]): Promise<void> {
    let last = Number.POSITIVE_INFINITY;
    for (const child of children) {
      invariant(child.position < last, "S1", "children are stopped out of order");
      last = child.position;
      await this.stop(child);
    }
  }

  /** Starts children up to the first that fails, which is then tried again; those after it wait for it (SUP-14). */
  async #startInOrder(children: readonly Child[]): Promise<void> {
    let last = 0;
    for (const child of children) {
      invariant(child.position > last, "S1", "children are started out of order");
      last = child.position;
      const outcome = await this.start(child);
      if (outcome.type !== "failed") continue;
      reportTrouble(this.#self, "start_error", { child, reason: outcome.reason });
      this.children.setRestarting(child);
      const retry: RetryMessage = { type: "$retry_restart", child };
      this.#self.accept(retry);
      return;
    }
  }
}
