/**
 * Supervisor: a process whose only work is to start other processes, to restart them as they fail, and to stop them when it
 * is stopped itself. Children are started in order and stopped in reverse (S1); none outlives its supervisor (S4).
 *
 * A supervisor costs nothing while nothing happens: it hears of an end by the link to its child, and restarts at once.
 *
 * @example
 * import { GenServer, ok, reply, Supervisor, type Call, type From } from "@otp/genserver";
 *
 * interface CounterProtocol {
 *   call: Call<"next", number>;
 * }
 *
 * class Counter extends GenServer<number, CounterProtocol, { start: number }> {
 *   override init({ start }: { start: number }) {
 *     return ok(start);
 *   }
 *   override handleCall(_request: CounterProtocol["call"], _from: From, count: number) {
 *     return reply(count, count + 1);
 *   }
 * }
 *
 * const supervisor = await Supervisor.startLink(self, [[Counter, { start: 7 }]], { strategy: "one_for_one" });
 * await Supervisor.countChildren(self, supervisor); // => { specs: 1, active: 1, supervisors: 0, workers: 1 }
 * await Supervisor.stop(self, supervisor);
 */
import type { Context, ProcessContext } from "../gen/context.ts";
import type { Timeout } from "../gen/duration.ts";
import type { ServerTarget } from "../gen/server-name.ts";
import type { StartOptions } from "../gen/start.ts";
import { stop } from "../gen-server/client.ts";
import { start, startLink } from "../gen-server/start.ts";
import type {
  ChildCounts,
  ChildInfo,
  DeleteChildResult,
  GetChildspecResult,
  RestartChildResult,
  StartChildResult,
  TerminateChildResult,
} from "./admin.ts";
import { ask } from "./ask.ts";
import {
  type ChildLike,
  type IfRight,
  overridden,
  type PidOfChild,
  type RightChild,
  specOf,
  type SpecOverrides,
} from "./child-like.ts";
import type { ChildSpec } from "./child-spec.ts";
import { requireStrategy, type SupervisorFlags } from "./flags.ts";
import { SupervisorModule } from "./module.ts";
import { type ModuleArgs, type ModuleClass, planOf, type SupervisorPlan } from "./plan.ts";
import {
  type SupervisorInit,
  type SupervisorPid,
  type SupervisorRequest,
  SupervisorServer,
} from "./supervisor-server.ts";

/** What a supervisor is told that is started with its children. */
export interface SupervisorOptions extends SupervisorFlags, StartOptions {}

/** Starting, asking and stopping supervisors. The first argument is the calling process, or a node for code outside any. */
export class Supervisor {
  /** The base class of supervisors that name their children themselves. */
  static readonly Module: typeof SupervisorModule = SupervisorModule;

  /**
   * Starts a supervisor with its children and links it to `self`; resolves when all of them run. Given a module instead of
   * children, it asks the module's `init` for them.
   *
   * Rejects with a `StartError` (see `SupervisorStartFault`): when a child does not start, those before it have been stopped
   * in reverse and the reason is `{ shutdown: { failedToStartChild: { id, reason } } }` (SUP-6).
   *
   * @throws ArgumentError where no strategy is given, and for what is no child.
   */
  static startLink<Class extends ModuleClass>(
    self: ProcessContext,
    module: Class,
    ...rest: ModuleArgs<Class>
  ): Promise<SupervisorPid>;
  static startLink<Children extends readonly ChildLike[] | []>(
    self: ProcessContext,
    children: Children,
    options: SupervisorOptions & IfRight<Children>,
  ): Promise<SupervisorPid>;
  static startLink(self: ProcessContext, ...given: StartInput): Promise<SupervisorPid> {
    return startLink(self, SupervisorServer, ...planFrom(given));
  }

  /** Like `startLink`, without a link: for the root of a tree that code outside any process starts and stops. */
  static start<Class extends ModuleClass>(
    context: Context,
    module: Class,
    ...rest: ModuleArgs<Class>
  ): Promise<SupervisorPid>;
  static start<Children extends readonly ChildLike[] | []>(
    context: Context,
    children: Children,
    options: SupervisorOptions & IfRight<Children>,
  ): Promise<SupervisorPid>;
  static start(context: Context, ...given: StartInput): Promise<SupervisorPid> {
    return start(context, SupervisorServer, ...planFrom(given));
  }

  /** What `init` of a module returns: the children in the order of starting, and the flags. */
  static init<Children extends readonly ChildLike[] | []>(
    children: Children,
    flags: SupervisorFlags & IfRight<Children>,
  ): SupervisorInit {
    return initFrom(children, flags);
  }

  /** The spec of a child in any form, with single fields replaced (SUP-28). @throws ArgumentError for what is no child. */
  static childSpec<Child extends ChildLike>(
    child: Child & NoInfer<RightChild<Child>>,
    overrides: SpecOverrides = {},
  ): ChildSpec {
    return overridden(specOf(child), overrides);
  }

  /** Adds a child behind all others and starts it (SUP-16). */
  static startChild<Child extends ChildLike>(
    context: Context,
    supervisor: ServerTarget,
    child: Child & NoInfer<RightChild<Child>>,
  ): Promise<StartChildResult<PidOfChild<Child>>> {
    const request: Asked<"start_child"> = { type: "start_child", spec: specOf(child) };
    // The pid is that of a child of this form, which the supervisor cannot know.
    const result: Promise<unknown> = ask(context, supervisor, "Supervisor.startChild", request);
    return result as Promise<StartChildResult<PidOfChild<Child>>>;
  }

  /** Stops a child; its spec stays, unless it is temporary (SUP-17). Siblings are not touched (SUP-13). */
  static terminateChild(context: Context, supervisor: ServerTarget, id: unknown): Promise<TerminateChildResult> {
    return ask<Asked<"terminate_child">>(context, supervisor, "Supervisor.terminateChild", {
      type: "terminate_child",
      id,
    });
  }

  /** Starts a child that does not run. */
  static restartChild(context: Context, supervisor: ServerTarget, id: unknown): Promise<RestartChildResult> {
    return ask<Asked<"restart_child">>(context, supervisor, "Supervisor.restartChild", { type: "restart_child", id });
  }

  /** Drops the spec of a child that does not run. */
  static deleteChild(context: Context, supervisor: ServerTarget, id: unknown): Promise<DeleteChildResult> {
    return ask<Asked<"delete_child">>(context, supervisor, "Supervisor.deleteChild", { type: "delete_child", id });
  }

  /** The spec of a child with every default (SUP-1). */
  static getChildspec(context: Context, supervisor: ServerTarget, id: unknown): Promise<GetChildspecResult> {
    return ask<Asked<"get_childspec">>(context, supervisor, "Supervisor.getChildspec", { type: "get_childspec", id });
  }

  /** All children, the most recently added first (SUP-18). */
  static whichChildren(context: Context, supervisor: ServerTarget): Promise<readonly ChildInfo[]> {
    return ask<Asked<"which_children">>(context, supervisor, "Supervisor.whichChildren", { type: "which_children" });
  }

  /** The children in numbers (SUP-19). */
  static countChildren(context: Context, supervisor: ServerTarget): Promise<ChildCounts> {
    return ask<Asked<"count_children">>(context, supervisor, "Supervisor.countChildren", { type: "count_children" });
  }

  /**
   * Stops a supervisor with all of its children, in reverse order, and resolves when it has ended. They see `shutdown`,
   * whatever the `reason` (SUP-24). Rejects with a `CallError` as `stop` does.
   */
  static stop(context: Context, supervisor: ServerTarget, reason?: unknown, timeout?: Timeout): Promise<"ok"> {
    return stop(context, supervisor, reason, timeout);
  }
}

type Asked<Type extends SupervisorRequest["type"]> = Extract<SupervisorRequest, { readonly type: Type }>;

type StartInput =
  | readonly [children: readonly unknown[], options: SupervisorOptions]
  | readonly [module: ModuleClass, arg?: unknown, options?: StartOptions];

function planFrom(given: StartInput): readonly [plan: SupervisorPlan, options: StartOptions | undefined] {
  if (isModuleInput(given)) {
    const [module, arg, options] = given;
    return [planOf(module, arg), options];
  }
  const [children, { name, timeout, ...flags }] = given;
  const init = initFrom(children, flags);
  return [
    { module: "Supervisor", init: () => init },
    { name, timeout },
  ];
}

function initFrom(children: readonly unknown[], flags: SupervisorFlags): SupervisorInit {
  requireStrategy(flags);
  return { flags, children: children.map(specOf) };
}

function isModuleInput(given: StartInput): given is Extract<StartInput, readonly [ModuleClass, ...unknown[]]> {
  return typeof given[0] === "function";
}
