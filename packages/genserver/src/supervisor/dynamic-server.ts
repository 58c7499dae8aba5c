/**
 * The gen-server that is a `DynamicSupervisor`: children without ids and without order, found by their pids, so that each
 * costs the same however many there are.
 */
import { Pid } from "@otp/core";
import { invariant, type ProcessControl } from "@otp/core/internal";

import { processOf } from "../gen/context.ts";
import type { From } from "../gen/from.ts";
import { GenServer } from "../gen-server/gen-server.ts";
import type { Call, ServerPid } from "../gen-server/protocol.ts";
import { type CastResult, ignore, type InitResult, noreply, ok, stopWith } from "../gen-server/result.ts";
import type { ShownStatus, Status } from "../sys/status.ts";
import type { ChildCounts, ChildInfo, TerminateChildResult } from "./admin.ts";
import { answer } from "./ask.ts";
import { type CheckedSpec, checkSpec, CompleteSpec, type SpecFault } from "./child-spec.ts";
import { checkDynamic, type DynamicFault, type DynamicInit } from "./dynamic-flags.ts";
import { RestartWindow } from "./intensity.ts";
import type { SupervisorPlan } from "./plan.ts";
import { reportTrouble, reportUnexpected } from "./report.ts";
import { type Stoppable, stopChild, stopTogether } from "./shutdown.ts";
import { startAnd } from "./start-child.ts";
import { isFailure, judgeEnd, mayRestart } from "./strategy.ts";

/** What `startChild` of a `DynamicSupervisor` comes to (DSUP-2). */
export type StartDynamicResult<Started extends Pid<never> = Pid> =
  | { readonly ok: true; readonly pid: Started; readonly info: unknown }
  | {
      readonly ok: false;
      readonly reason: "ignore" | "max_children" | { readonly startFailed: unknown } | SpecFault;
    };

/** What a dynamic supervisor can be asked. */
export type DynamicRequest =
  | Call<"start_child", StartDynamicResult, { readonly spec: unknown }>
  | Call<"terminate_child", TerminateChildResult, { readonly pid: unknown }>
  | Call<"which_children", readonly ChildInfo[]>
  | Call<"count_children", ChildCounts>;

/** The protocol of dynamic supervisors. */
export interface DynamicProtocol {
  readonly call: DynamicRequest;
}

/** The pid of a dynamic supervisor. */
export type DynamicSupervisorPid = ServerPid<DynamicProtocol>;

/** A child; while it is restarting `pid` is its last one, under which it is still known (DSUP-5). */
class DynamicChild {
  readonly spec: CompleteSpec;
  pid: Pid;
  isRestarting = false;

  constructor(spec: CompleteSpec, pid: Pid) {
    this.spec = spec;
    this.pid = pid;
  }
}

interface Retry {
  readonly type: "$retry_restart";
  readonly child: DynamicChild;
}

/** The children of one `DynamicSupervisor`. */
export class DynamicState {
  readonly flags: DynamicInit;
  readonly children: Map<Pid, DynamicChild> = new Map();
  readonly window: RestartWindow;
  restarting = 0;
  supervisors = 0;

  constructor(flags: DynamicInit) {
    this.flags = flags;
    this.window = new RestartWindow(flags);
  }
}

/** The process behind `DynamicSupervisor`. */
export class DynamicServer extends GenServer<DynamicState, DynamicProtocol, SupervisorPlan> {
  get #process(): ProcessControl {
    return processOf(this.self, "supervise");
  }

  override async init({ module, init }: SupervisorPlan): Promise<InitResult<DynamicState>> {
    this.self.trapExit = true;
    const given = await init(this.self);
    if (given === ignore) return ignore;
    const checked = checkDynamic(given);
    if (checked.ok) return ok(new DynamicState(checked.flags));
    const fault: DynamicFault | { readonly badReturn: unknown } =
      checked.reason === "bad_return" ? { badReturn: { module, function: "init", value: given } } : checked.reason;
    return stopWith(fault);
  }

  override handleCall(
    request: DynamicRequest,
    from: From,
    state: DynamicState,
  ): CastResult<DynamicState> | Promise<CastResult<DynamicState>> {
    switch (request.type) {
      case "start_child":
        return this.#startChild(request.spec, from, state);
      case "terminate_child":
        return this.#terminateChild(request.pid, from, state);
      case "which_children":
        answer(from, whichChildren(state));
        return noreply(state);
      case "count_children":
        answer(from, countChildren(state));
        return noreply(state);
    }
  }

  override handleInfo(
    message: unknown,
    state: DynamicState,
  ): CastResult<DynamicState> | Promise<CastResult<DynamicState>> {
    if (isExit(message)) {
      const child = state.children.get(message.from);
      return child === undefined || child.isRestarting ? noreply(state) : this.#ended(child, message.reason, state);
    }
    if (isRetry(message)) return message.child.isRestarting ? this.#restart(message.child, state) : noreply(state);
    reportUnexpected(this.#process, "DynamicSupervisor", message);
    return noreply(state);
  }

  override async terminate(_reason: unknown, state: DynamicState): Promise<void> {
    const running = [...state.children.values()].filter((child) => !child.isRestarting);
    let left = running.length;
    await stopTogether(this.self, running.map(stoppable), ({ child }, outcome) => {
      left -= 1;
      if (!outcome.ok) reportTrouble(this.#process, "shutdown_error", { child, reason: outcome.reason });
    });
    invariant(left === 0, "S4", "a child runs although all have been stopped");
  }

  override formatStatus(status: Status<DynamicState>): ShownStatus {
    const { state } = status;
    return { ...status, state: { ...state.flags, ...countChildren(state) } };
  }

  #startChild(
    given: unknown,
    from: From,
    state: DynamicState,
  ): CastResult<DynamicState> | Promise<CastResult<DynamicState>> {
    const reply = (result: StartDynamicResult): CastResult<DynamicState> => {
      answer(from, result);
      return noreply(state);
    };
    const checked = checkDynamicSpec(given);
    if (!checked.ok) return reply(checked);
    const { spec } = checked;
    if (isFull(state)) return reply({ ok: false, reason: "max_children" });
    return startAnd(this.self, { spec, extra: state.flags.extraArguments }, (outcome) => {
      switch (outcome.type) {
        case "started":
          add(state, new DynamicChild(spec, outcome.pid));
          return reply({ ok: true, pid: outcome.pid, info: outcome.info });
        case "ignored":
          return reply({ ok: false, reason: "ignore" });
        case "failed":
          return reply({ ok: false, reason: { startFailed: outcome.reason } });
      }
    });
  }

  async #terminateChild(pid: unknown, from: From, state: DynamicState): Promise<CastResult<DynamicState>> {
    const child = isPid(pid) ? state.children.get(this.#process.kernel.localize(pid)) : undefined;
    if (child === undefined) {
      answer(from, { ok: false, reason: "not_found" });
      return noreply(state);
    }
    if (!child.isRestarting) {
      const outcome = await stopChild(this.self, stoppable(child));
      if (!outcome.ok) reportTrouble(this.#process, "shutdown_error", { child, reason: outcome.reason });
    }
    drop(state, child);
    answer(from, { ok: true });
    return noreply(state);
  }

  async #ended(child: DynamicChild, reason: unknown, state: DynamicState): Promise<CastResult<DynamicState>> {
    const { restart } = child.spec;
    if (isFailure(restart, reason)) reportTrouble(this.#process, "child_terminated", { child, reason });
    if (judgeEnd(restart, reason) === "restart") return this.#restart(child, state);
    drop(state, child);
    return noreply(state);
  }

  async #restart(child: DynamicChild, state: DynamicState): Promise<CastResult<DynamicState>> {
    const self = this.#process;
    invariant(mayRestart(child.spec.restart), "S3", "a temporary child is to be restarted");
    drop(state, child);
    if (!state.window.admit(self.kernel.runtime.now())) {
      reportTrouble(self, "shutdown", { child, reason: "reached_max_restart_intensity" });
      return stopWith("shutdown", state);
    }
    const { spec } = child;
    const outcome = await startAnd(self, { spec, extra: state.flags.extraArguments }, (result) => result);
    if (outcome.type === "started") add(state, new DynamicChild(child.spec, outcome.pid));
    if (outcome.type !== "failed") return noreply(state);
    reportTrouble(self, "start_error", { child, reason: outcome.reason });
    child.isRestarting = true;
    add(state, child);
    const retry: Retry = { type: "$retry_restart", child };
    self.accept(retry);
    return noreply(state);
  }
}

/** A spec is checked in the caller, and again in the supervisor where it has come from another node. */
export function checkDynamicSpec(given: unknown): CheckedSpec {
  if (given instanceof CompleteSpec) return { ok: true, spec: given };
  // Ids are ignored, but who gives none has probably given something else.
  const isSpec = typeof given === "object" && given !== null && "id" in given && "start" in given;
  if (!isSpec) return { ok: false, reason: { invalidChildSpec: given } };
  if ("significant" in given && given.significant === true) return { ok: false, reason: { invalidSignificant: true } };
  return checkSpec(given, "never");
}

function isFull({ children, flags: { maxChildren } }: DynamicState): boolean {
  return maxChildren !== "infinity" && children.size >= maxChildren;
}

function add(state: DynamicState, child: DynamicChild): void {
  state.children.set(child.pid, child);
  if (child.isRestarting) state.restarting += 1;
  if (child.spec.type === "supervisor") state.supervisors += 1;
}

function drop(state: DynamicState, child: DynamicChild): void {
  if (!state.children.delete(child.pid)) return;
  if (child.isRestarting) state.restarting -= 1;
  child.isRestarting = false;
  if (child.spec.type === "supervisor") state.supervisors -= 1;
}

function whichChildren({ children }: DynamicState): readonly ChildInfo[] {
  return [...children.values()].map(({ pid, isRestarting, spec }) => ({
    id: undefined,
    pid: isRestarting ? "restarting" : pid,
    type: spec.type,
    modules: spec.modules,
  }));
}

function countChildren({ children: { size: specs }, restarting, supervisors }: DynamicState): ChildCounts {
  return { specs, active: specs - restarting, supervisors, workers: specs - supervisors };
}

function stoppable(child: DynamicChild): Stoppable & { readonly child: DynamicChild } {
  const { pid, spec } = child;
  return { child, pid, shutdown: spec.shutdown, restart: spec.restart };
}

function isPid(value: unknown): value is Pid {
  return value instanceof Pid;
}

function isExit(message: unknown): message is { readonly from: Pid; readonly reason: unknown } {
  return typeof message === "object" && message !== null && "type" in message && message.type === "EXIT";
}

function isRetry(message: unknown): message is Retry {
  return typeof message === "object" && message !== null && "child" in message && message.child instanceof DynamicChild;
}
