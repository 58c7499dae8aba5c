/**
 * The gen-server that is a `Supervisor`: it starts its children when it starts, restarts them as they end, stops them when
 * it ends, and answers what is asked about them, one request after the other (SUP-26).
 */
import type { Pid } from "@otp/core";
import type { ProcessControl } from "@otp/core/internal";

import { processOf } from "../gen/context.ts";
import type { From } from "../gen/from.ts";
import { GenServer } from "../gen-server/gen-server.ts";
import type { Call, ServerPid } from "../gen-server/protocol.ts";
import { type CastResult, ignore, type InitResult, noreply, ok, stopWith } from "../gen-server/result.ts";
import type { ShownStatus, Status } from "../sys/status.ts";
import * as admin from "./admin.ts";
import { answer } from "./ask.ts";
import { Child } from "./children.ts";
import { checkSpec, type SpecFault } from "./child-spec.ts";
import { checkFlags, type FlagsFault, type RawFlags } from "./flags.ts";
import type { SupervisorPlan } from "./plan.ts";
import { reportTrouble, reportUnexpected } from "./report.ts";
import { type RetryMessage, Tree, type Verdict } from "./tree.ts";

/** What the `init` of a supervisor gives: its flags and its children, as `Supervisor.init` makes them. */
export interface SupervisorInit {
  readonly flags: RawFlags;
  readonly children: readonly unknown[];
}

/** Why a supervisor does not start (SUP-6, SUP-20). */
export type SupervisorStartFault =
  | { readonly shutdown: { readonly failedToStartChild: { readonly id: unknown; readonly reason: unknown } } }
  | { readonly startSpec: SpecFault | { readonly duplicateChildName: unknown } }
  | { readonly supervisorData: FlagsFault }
  | { readonly badReturn: { readonly module: string; readonly function: "init"; readonly value: unknown } };

/** What a supervisor can be asked. */
export type SupervisorRequest =
  | Call<"start_child", admin.StartChildResult, { readonly spec: unknown }>
  | Call<"terminate_child", admin.TerminateChildResult, { readonly id: unknown }>
  | Call<"restart_child", admin.RestartChildResult, { readonly id: unknown }>
  | Call<"delete_child", admin.DeleteChildResult, { readonly id: unknown }>
  | Call<"get_childspec", admin.GetChildspecResult, { readonly id: unknown }>
  | Call<"which_children", readonly admin.ChildInfo[]>
  | Call<"count_children", admin.ChildCounts>;

/** The protocol of supervisors. */
export interface SupervisorProtocol {
  readonly call: SupervisorRequest;
}

/** The pid of a supervisor. */
export type SupervisorPid = ServerPid<SupervisorProtocol>;

/** The process behind `Supervisor`. */
export class SupervisorServer extends GenServer<Tree, SupervisorProtocol, SupervisorPlan> {
  get #process(): ProcessControl {
    return processOf(this.self, "supervise");
  }

  override async init({ module, init }: SupervisorPlan): Promise<InitResult<Tree>> {
    this.self.trapExit = true;
    const given = await init(this.self);
    if (given === ignore) return ignore;
    if (!isSupervisorInit(given)) return refuse({ badReturn: { module, function: "init", value: given } });
    const checked = checkFlags(given.flags, ["one_for_one", "one_for_all", "rest_for_one"]);
    if (!checked.ok) return refuse({ supervisorData: checked.reason });
    const tree = new Tree(this.#process, checked.flags);
    for (const child of given.children) {
      const spec = checkSpec(child, checked.flags.autoShutdown);
      if (!spec.ok) return refuse({ startSpec: spec.reason });
      if (tree.children.add(spec.spec) === undefined)
        return refuse({ startSpec: { duplicateChildName: spec.spec.id } });
    }
    return this.#startAll(tree);
  }

  async #startAll(tree: Tree): Promise<InitResult<Tree>> {
    for (const child of tree.children) {
      const outcome = await tree.start(child);
      if (outcome.type === "ignored" && child.restart === "temporary") tree.children.remove(child);
      if (outcome.type !== "failed") continue;
      const { reason } = outcome;
      reportTrouble(this.#process, "start_error", { child, reason });
      await tree.stopAll();
      return refuse({ shutdown: { failedToStartChild: { id: child.spec.id, reason } } });
    }
    return ok(tree);
  }

  override async handleCall(request: SupervisorRequest, from: From, tree: Tree): Promise<CastResult<Tree>> {
    // Replies may hold code, which no copy can carry.
    answer(from, await answerTo(request, tree));
    return noreply(tree);
  }

  override handleInfo(message: unknown, tree: Tree): CastResult<Tree> | Promise<CastResult<Tree>> {
    if (isExit(message)) {
      const child = tree.children.ofPid(message.from);
      return child === undefined ? noreply(tree) : goOn(tree, tree.ended(child, message.reason));
    }
    if (isRetry(message)) return message.child.isRestarting ? goOn(tree, tree.restart(message.child)) : noreply(tree);
    reportUnexpected(this.#process, "Supervisor", message);
    return noreply(tree);
  }

  override terminate(_reason: unknown, tree: Tree): Promise<void> {
    return tree.stopAll();
  }

  override formatStatus(status: Status<Tree>): ShownStatus {
    const { state } = status;
    return { ...status, state: { ...state.flags, children: admin.whichChildren(state) } };
  }
}

async function goOn(tree: Tree, verdict: Promise<Verdict>): Promise<CastResult<Tree>> {
  return (await verdict) === "shutdown" ? stopWith("shutdown", tree) : noreply(tree);
}

function answerTo(request: SupervisorRequest, tree: Tree): unknown {
  switch (request.type) {
    case "start_child":
      return admin.startChild(tree, request.spec);
    case "terminate_child":
      return admin.terminateChild(tree, request.id);
    case "restart_child":
      return admin.restartChild(tree, request.id);
    case "delete_child":
      return admin.deleteChild(tree, request.id);
    case "get_childspec":
      return admin.getChildspec(tree, request.id);
    case "which_children":
      return admin.whichChildren(tree);
    case "count_children":
      return admin.countChildren(tree);
  }
}

function refuse(fault: SupervisorStartFault): InitResult<Tree> {
  return stopWith(fault);
}

function isSupervisorInit(value: unknown): value is SupervisorInit {
  if (typeof value !== "object" || value === null || !("flags" in value) || !("children" in value)) return false;
  return typeof value.flags === "object" && value.flags !== null && Array.isArray(value.children);
}

function isExit(message: unknown): message is { readonly from: Pid; readonly reason: unknown } {
  return typeof message === "object" && message !== null && "type" in message && message.type === "EXIT";
}

function isRetry(message: unknown): message is RetryMessage {
  return typeof message === "object" && message !== null && "child" in message && message.child instanceof Child;
}
