/**
 * Task.Supervisor: starts tasks as its children, so that they are stopped in order with the program, and can be counted.
 *
 * It is a `DynamicSupervisor` whose children are `temporary`. A task that `asyncNolink` starts can fail without harm to
 * whoever waits for it.
 *
 * @example
 * import { Task } from "@otp/genserver";
 *
 * const tasks = await Task.Supervisor.startLink(self, { name: "tasks", maxChildren: 100 });
 * const task = await Task.Supervisor.asyncNolink(self, tasks, (_self, n: number) => n * 2, 21);
 * await Task.await(self, task); // => 42
 * await Task.Supervisor.stop(self, tasks);
 */
import { Pid } from "@otp/core";

import { type Context, processOf, type ProcessContext, quietIn } from "../gen/context.ts";
import type { Timeout } from "../gen/duration.ts";
import type { ServerTarget } from "../gen/server-name.ts";
import type { TerminateChildResult } from "../supervisor/admin.ts";
import { idOf } from "../supervisor/child-like.ts";
import type { ChildSpec } from "../supervisor/child-spec.ts";
import { DynamicSupervisor, type DynamicSupervisorOptions } from "../supervisor/dynamic.ts";
import type { DynamicSupervisorPid, StartDynamicResult } from "../supervisor/dynamic-server.ts";
import { startUnwatched, startWatched, type Under } from "./supervised.ts";
import type { TaskFunction, Work } from "./order.ts";
import type { TaskOutcome } from "./await.ts";
import { type StreamFunction, type StreamSource, TaskStream, type ZippedOutcome } from "./stream.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { StreamItem } from "./stream-consumer.ts";
import type { Task } from "./task.ts";

/** Options of a supervisor of tasks. */
export type TaskSupervisorOptions = Omit<DynamicSupervisorOptions, "strategy" | "extraArguments">;

/** A supervisor of tasks, or one together with the options of a stream. */
export type UnderStream = ServerTarget | ({ readonly supervisor: ServerTarget } & StreamOptions);

/**
 * Starting and asking supervisors of tasks, which may be on other nodes; then functions have to be made by `remote`. The first
 * argument is the calling process, or a node where nobody has to wait for a result.
 */
export class TaskSupervisor {
  /** Starts a supervisor of tasks and links it to `self`. Rejects as `DynamicSupervisor.startLink` does. */
  static startLink(self: ProcessContext, options?: TaskSupervisorOptions): Promise<DynamicSupervisorPid> {
    return DynamicSupervisor.startLink(self, options);
  }

  /** Like `startLink`, without a link: for code outside any process. */
  static start(context: Context, options?: TaskSupervisorOptions): Promise<DynamicSupervisorPid> {
    return DynamicSupervisor.start(context, options);
  }

  /** How another supervisor starts this one; its id is its name, if it has one. */
  static childSpec(options: TaskSupervisorOptions = {}): ChildSpec<DynamicSupervisorPid> {
    return {
      id: idOf(options.name, "Task.Supervisor"),
      type: "supervisor",
      modules: ["Task.Supervisor"],
      start: (self) => DynamicSupervisor.startLink(self, options),
    };
  }

  /**
   * Starts a task that is linked to `self`, its owner, and to its supervisor.
   *
   * Rejects with a `StartError`, `"max_children"` when the supervisor has as many as it may (TSUP-2), and with a `CallError` when
   * there is no such supervisor.
   */
  static async<Accepted, Args extends readonly unknown[], Result>(
    self: ProcessContext,
    under: Under<"shutdown">,
    fn: TaskFunction<Accepted, Args, Result>,
    ...args: Args
  ): Promise<Task<Awaited<Result>>> {
    return own<Result>(self, under, { fn, args, isLinked: true });
  }

  /** Like `async`, without a link to the owner, which survives a failing task, and which the task survives (TSUP-3). */
  static asyncNolink<Accepted, Args extends readonly unknown[], Result>(
    self: ProcessContext,
    under: Under<"shutdown">,
    fn: TaskFunction<Accepted, Args, Result>,
    ...args: Args
  ): Promise<Task<Awaited<Result>>> {
    return own<Result>(self, under, { fn, args, isLinked: false });
  }

  /** Starts a task that nobody waits for; what comes of it is as for `DynamicSupervisor.startChild`. */
  static startChild<Accepted, Args extends readonly unknown[]>(
    context: Context,
    under: Under<"restart" | "shutdown">,
    fn: TaskFunction<Accepted, Args, unknown>,
    ...args: Args
  ): Promise<StartDynamicResult> {
    return quietIn(context, startUnwatched(context, under, { fn, args }));
  }

  /**
   * Like `Task.asyncStream`, with the tasks under a supervisor, which may be on another node. `under` is the supervisor, or
   * `{ supervisor, … }` with the options of the stream.
   */
  static asyncStream<Item, Result>(
    self: ProcessContext,
    under: { readonly supervisor: ServerTarget; readonly zipInputOnExit: true } & StreamOptions,
    input: Iterable<Item> | AsyncIterable<Item>,
    fn: StreamFunction<Item, Result>,
  ): TaskStream<ZippedOutcome<Awaited<Result>, Item>>;
  /** The same without the element in outcomes. */
  static asyncStream<Item, Result>(
    self: ProcessContext,
    under: UnderStream,
    input: Iterable<Item> | AsyncIterable<Item>,
    fn: StreamFunction<Item, Result>,
  ): TaskStream<TaskOutcome<Awaited<Result>>>;
  static asyncStream(
    self: ProcessContext,
    under: UnderStream,
    input: unknown,
    fn: StreamFunction<never, unknown>,
  ): TaskStream<StreamItem> {
    return new TaskStream(self, { input, fn, ...readUnderStream(under), isLinked: true });
  }

  /** Like `asyncStream`, but a failing task is never more than an outcome (STREAM-3). */
  static asyncStreamNolink<Item, Result>(
    self: ProcessContext,
    under: { readonly supervisor: ServerTarget; readonly zipInputOnExit: true } & StreamOptions,
    input: Iterable<Item> | AsyncIterable<Item>,
    fn: StreamFunction<Item, Result>,
  ): TaskStream<ZippedOutcome<Awaited<Result>, Item>>;
  /** The same without the element in outcomes. */
  static asyncStreamNolink<Item, Result>(
    self: ProcessContext,
    under: UnderStream,
    input: Iterable<Item> | AsyncIterable<Item>,
    fn: StreamFunction<Item, Result>,
  ): TaskStream<TaskOutcome<Awaited<Result>>>;
  static asyncStreamNolink(
    self: ProcessContext,
    under: UnderStream,
    input: unknown,
    fn: StreamFunction<never, unknown>,
  ): TaskStream<StreamItem> {
    return new TaskStream(self, { input, fn, ...readUnderStream(under), isLinked: false });
  }

  /** The pids of the running tasks (TSUP-3). */
  static async children(context: Context, supervisor: ServerTarget): Promise<Pid[]> {
    const children = await DynamicSupervisor.whichChildren(context, supervisor);
    return children.flatMap(({ pid }) => (pid instanceof Pid ? [pid] : []));
  }

  /** Stops a task (TSUP-3). */
  static terminateChild(context: Context, supervisor: ServerTarget, pid: Pid<never>): Promise<TerminateChildResult> {
    return DynamicSupervisor.terminateChild(context, supervisor, pid);
  }

  /** Stops a supervisor with all of its tasks and resolves when it has ended. */
  static stop(context: Context, supervisor: ServerTarget, reason?: unknown, timeout?: Timeout): Promise<"ok"> {
    return DynamicSupervisor.stop(context, supervisor, reason, timeout);
  }
}

function own<Result>(
  self: ProcessContext,
  under: Under<"shutdown">,
  work: Work & { readonly isLinked: boolean },
): Promise<Task<Awaited<Result>>> {
  const owner = processOf(self, "own a task").pid;
  return quietIn(
    self,
    startWatched(self, under, work).then((started) => ({ ...started, owner })),
  );
}

function readUnderStream(under: UnderStream): Pick<StreamSource, "options" | "supervision"> {
  if (typeof under !== "object" || under === null || !("supervisor" in under)) {
    return { options: {}, supervision: { supervisor: under } };
  }
  const { supervisor, ...options } = under;
  const { shutdown } = options;
  return { options, supervision: shutdown === undefined ? { supervisor } : { supervisor, shutdown } };
}
