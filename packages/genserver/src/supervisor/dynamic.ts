/**
 * DynamicSupervisor: for children that come and go, each started on demand. There is no order among them: a failing one is
 * restarted alone, and when the supervisor ends all are stopped at once (DSUP-6).
 *
 * Starting, ending and restarting a child cost the same however many there are.
 *
 * @example
 * import { DynamicSupervisor, GenServer, ok } from "@otp/genserver";
 *
 * class Session extends GenServer<string, { cast: never }, string> {
 *   override init(user: string) {
 *     return ok(user);
 *   }
 * }
 *
 * const sessions = await DynamicSupervisor.startLink(self, { name: "sessions", maxChildren: 1_000 });
 * const started = await DynamicSupervisor.startChild(self, "sessions", [Session, "ann"]);
 * started.ok; // => true
 * if (started.ok) await DynamicSupervisor.terminateChild(self, "sessions", started.pid);
 * await DynamicSupervisor.stop(self, sessions);
 */
import type { Pid, Process } from "@otp/core";

import { type Context, kernelOf, type ProcessContext } from "../gen/context.ts";
import type { Timeout } from "../gen/duration.ts";
import type { ServerTarget } from "../gen/server-name.ts";
import type { StartOptions } from "../gen/start.ts";
import { stop } from "../gen-server/client.ts";
import { start, startLink } from "../gen-server/start.ts";
import type { ChildCounts, ChildInfo, TerminateChildResult } from "./admin.ts";
import { ask, isolateData } from "./ask.ts";
import { type ChildLike, idOf, type PidOfChild, type RightModule, specOf } from "./child-like.ts";
import type { ChildSpec } from "./child-spec.ts";
import { type DynamicFlags, type DynamicInit, dynamicInit } from "./dynamic-flags.ts";
import {
  checkDynamicSpec,
  type DynamicRequest,
  DynamicServer,
  type DynamicSupervisorPid,
  type StartDynamicResult,
} from "./dynamic-server.ts";
import { DynamicModule } from "./module.ts";
import { type ModuleArgs, type ModuleClass, planOf, type SupervisorPlan } from "./plan.ts";

/** What a dynamic supervisor is told that is started without a module. */
export interface DynamicSupervisorOptions extends DynamicFlags, StartOptions {}

/** Starting, asking and stopping dynamic supervisors. The first argument is the calling process, or a node. */
export class DynamicSupervisor {
  /** The base class of dynamic supervisors that know their flags by themselves. */
  static readonly Module: typeof DynamicModule = DynamicModule;

  /**
   * Starts a dynamic supervisor without children and links it to `self`.
   *
   * Rejects with a `StartError`, `{ supervisorData }` for flags that make no sense.
   */
  static startLink(self: ProcessContext, options?: DynamicSupervisorOptions): Promise<DynamicSupervisorPid>;
  static startLink<Class extends ModuleClass>(
    self: ProcessContext,
    module: Class,
    ...rest: ModuleArgs<Class>
  ): Promise<DynamicSupervisorPid>;
  static startLink(self: ProcessContext, ...given: StartInput): Promise<DynamicSupervisorPid> {
    return startLink(self, DynamicServer, ...planFrom(given));
  }

  /** Like `startLink`, without a link: for code outside any process. */
  static start(context: Context, options?: DynamicSupervisorOptions): Promise<DynamicSupervisorPid>;
  static start<Class extends ModuleClass>(
    context: Context,
    module: Class,
    ...rest: ModuleArgs<Class>
  ): Promise<DynamicSupervisorPid>;
  static start(context: Context, ...given: StartInput): Promise<DynamicSupervisorPid> {
    return start(context, DynamicServer, ...planFrom(given));
  }

  /** What `init` of a module returns: the flags with every default (DSUP-1). */
  static init(flags: DynamicFlags = {}): DynamicInit {
    return dynamicInit(flags);
  }

  /** How another supervisor starts this one; its id is its name, if it has one. */
  static childSpec(options: DynamicSupervisorOptions = {}): ChildSpec {
    return {
      id: idOf(options.name, "DynamicSupervisor"),
      type: "supervisor",
      modules: ["DynamicSupervisor"],
      start: (self: Process) => DynamicSupervisor.startLink(self, options),
    };
  }

  /** Starts a child (DSUP-2). A spec that is wrong is refused before the supervisor is asked. */
  static startChild<Child extends ChildLike>(
    context: Context,
    supervisor: ServerTarget,
    child: Child & NoInfer<RightModule<Child>>,
  ): Promise<StartDynamicResult<PidOfChild<Child>>> {
    const checked = checkDynamicSpec(isolateData(kernelOf(context), specOf(child)));
    if (!checked.ok) return Promise.resolve(checked);
    const request: Asked<"start_child"> = { type: "start_child", spec: checked.spec };
    const result: Promise<unknown> = ask(context, supervisor, "DynamicSupervisor.startChild", request);
    // The pid is that of a child of this form, which the supervisor cannot know.
    return result as Promise<StartDynamicResult<PidOfChild<Child>>>;
  }

  /** Stops a child and drops it; of one that is restarting, the last pid is good, too (DSUP-5). */
  static terminateChild(context: Context, supervisor: ServerTarget, pid: Pid<never>): Promise<TerminateChildResult> {
    return ask<Asked<"terminate_child">>(context, supervisor, "DynamicSupervisor.terminateChild", {
      type: "terminate_child",
      pid,
    });
  }

  /** All children, without ids (DSUP-1). */
  static whichChildren(context: Context, supervisor: ServerTarget): Promise<readonly ChildInfo[]> {
    return ask<Asked<"which_children">>(context, supervisor, "DynamicSupervisor.whichChildren", {
      type: "which_children",
    });
  }

  /** The children in numbers (SUP-19). */
  static countChildren(context: Context, supervisor: ServerTarget): Promise<ChildCounts> {
    return ask<Asked<"count_children">>(context, supervisor, "DynamicSupervisor.countChildren", {
      type: "count_children",
    });
  }

  /** Stops a dynamic supervisor with all of its children, all at once (DSUP-6), and resolves when it has ended. */
  static stop(context: Context, supervisor: ServerTarget, reason?: unknown, timeout?: Timeout): Promise<"ok"> {
    return stop(context, supervisor, reason, timeout);
  }
}

type Asked<Type extends DynamicRequest["type"]> = Extract<DynamicRequest, { readonly type: Type }>;

type StartInput = readonly [first?: DynamicSupervisorOptions | ModuleClass, arg?: unknown, options?: StartOptions];

function planFrom([first = {}, arg, options]: StartInput): readonly [SupervisorPlan, StartOptions | undefined] {
  if (typeof first === "function") return [planOf(first, arg), options];
  const { name, timeout, ...flags } = first;
  return [
    { module: "DynamicSupervisor", init: () => dynamicInit(flags) },
    { name, timeout },
  ];
}
