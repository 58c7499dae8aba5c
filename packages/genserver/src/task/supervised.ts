/** Having a task started by its supervisor, here or on another node (TSUP-1, TSUP-2). */
import { ArgumentError, StartError, type Pid } from "@otp/core";
import { show } from "@otp/core/internal";

import { type Context, kernelOf, processOf } from "../gen/context.ts";
import { type ServerTarget, whereis } from "../gen/server-name.ts";
import type { Restart, Shutdown } from "../gen-server/child-spec.ts";
import { DynamicSupervisor } from "../supervisor/dynamic.ts";
import type { StartDynamicResult } from "../supervisor/dynamic-server.ts";
import { type StartedTask, watchHeld } from "./launch.ts";
import { checkTravels, nameOf, orderFrom, type TaskOrder, type Work } from "./order.ts";
import { superviseTask } from "./task-body.ts";

/** How a supervisor treats a task. */
export interface SupervisedOptions {
  /** Whether it is started again when it has ended. Default `"temporary"`: never. */
  readonly restart?: Restart;
  /** How long it gets to end. Default 5,000. */
  readonly shutdown?: Shutdown;
}

/** A supervisor of tasks, or one together with how it is to treat the task. */
export type Under<Option extends keyof SupervisedOptions> =
  | ServerTarget
  | ({ readonly supervisor: ServerTarget } & Pick<SupervisedOptions, Option>);

/** A supervisor of tasks, and how it is to treat the task. */
export interface Supervision extends SupervisedOptions {
  readonly supervisor: ServerTarget;
}

/** Starts a task under a supervisor and resolves to what that says. */
export function startSupervised(
  context: Context,
  { supervisor, ...options }: Supervision,
  order: TaskOrder,
): Promise<StartDynamicResult> {
  const where = whereis(context, supervisor);
  if (where !== undefined && where.node !== kernelOf(context).own.name) checkTravels(order.fn, where.node);
  const spec = { id: "Task", restart: "temporary", ...options, start: [superviseTask, order] } as const;
  return DynamicSupervisor.startChild(context, supervisor, spec);
}

/** Starts a task that nobody waits for (TSUP-1). */
export function startUnwatched(
  context: Context,
  under: Under<"restart" | "shutdown">,
  work: Work,
): Promise<StartDynamicResult> {
  const supervision = readUnder(under, ["restart", "shutdown"]);
  return startSupervised(context, supervision, orderFrom(context, { ...checkWork(work), isHeld: false }));
}

/**
 * Starts a task whose owner waits for its result.
 *
 * Rejects with a `StartError`: `"max_children"`, or why the supervisor could not start it.
 */
export async function startWatched(
  context: Context,
  under: Under<"shutdown">,
  { isLinked, ...work }: Work & { readonly isLinked: boolean },
): Promise<StartedTask> {
  const self = processOf(context, "own a task");
  const supervision = readUnder(under, ["shutdown"]);
  const order = orderFrom(self, { ...checkWork(work), isHeld: true });
  const pid = startedPid(await startSupervised(self, supervision, order));
  if (isLinked) self.link(pid);
  return { ...watchHeld(self, pid), fn: nameOf(order.fn) };
}

/** The pid of a started task. @throws StartError where there is none. */
export function startedPid(result: StartDynamicResult): Pid {
  if (result.ok) return result.pid;
  const { reason } = result;
  if (reason === "max_children") {
    throw new StartError(
      reason,
      "reached the maximum number of tasks for this task supervisor; how many may run at a time is its option maxChildren",
    );
  }
  const why = typeof reason === "object" && "startFailed" in reason ? reason.startFailed : reason;
  throw new StartError(why, `the task could not be started: ${show(why)}`, { cause: why });
}

/** Sorts out the two forms. @throws ArgumentError for options that there are not. */
function readUnder(under: Under<keyof SupervisedOptions>, known: readonly string[]): Supervision {
  if (typeof under !== "object" || under === null || !("supervisor" in under)) return { supervisor: under };
  const stranger = Object.keys(under).find((option) => option !== "supervisor" && !known.includes(option));
  if (stranger === undefined) return under;
  throw new ArgumentError(`expected supervisor and the options ${known.join(", ")} for a task. Got: ${stranger}`);
}

function checkWork({ fn, args }: Work): Work {
  if (typeof fn === "function") return { fn, args };
  throw new ArgumentError(`expected a function for a supervised task. Got: ${show(fn)}`);
}
