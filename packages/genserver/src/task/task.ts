/**
 * Task: a process that does one thing, whose result its owner fetches.
 *
 * A task that `async` starts is linked to its owner: whichever fails takes the other along, unless it traps exits (TASK-4).
 * Results, ends and time limits are awaited beside the mailbox, so that several tasks can be awaited at once, and a server can
 * do so in a callback.
 *
 * @example
 * import { Task } from "@otp/genserver";
 *
 * const task = Task.async(self, (_self, a: number, b: number) => a + b, 40, 2);
 * await Task.await(self, task); // => 42
 */
import { ArgumentError, type Duration, type Pid, type Process, type Ref, type RemoteFunction } from "@otp/core";
import { show } from "@otp/core/internal";

import { type Context, processOf, type ProcessContext, quietIn } from "../gen/context.ts";
import { checkDuration, type Timeout, timeoutOf } from "../gen/duration.ts";
import type { ChildSpec } from "../supervisor/child-spec.ts";
import { awaitResult, ignoreTask, ownerOf, shutDown, type TaskOutcome, yieldOutcome } from "./await.ts";
import type { TaskReply } from "./gathering.ts";
import { startAlone, startAsync } from "./launch.ts";
import { awaitAll, checkYieldMany, yieldAll, type YieldManyOptions } from "./many.ts";
import type { TaskArguments, TaskFunction, TaskPlace } from "./order.ts";
import { type StreamFunction, TaskStream, type ZippedOutcome } from "./stream.ts";
import type { StreamOptions } from "./stream-options.ts";
import type { StreamItem } from "./stream-consumer.ts";
import { TaskSupervisor } from "./task-supervisor.ts";

/** The results of a list of tasks, each in its place. */
export type TaskResults<Tasks extends readonly Task[]> = {
  -readonly [Index in keyof Tasks]: ResultOf<Tasks[Index]>;
};

/** What is known of a list of tasks, each in its place. */
export type YieldedTasks<Tasks extends readonly Task[]> = {
  -readonly [Index in keyof Tasks]: YieldedTask<ResultOf<Tasks[Index]>>;
};

/** A task and what is known of it. */
export interface YieldedTask<Result> {
  readonly task: Task<Result>;
  /** Undefined while it runs. */
  readonly outcome: TaskOutcome<Result> | undefined;
}

type ResultOf<Of> = Of extends Task<infer Result> ? Result : never;

const defaultTimeout = 5_000;

/** Only for the type: what a task results in. */
interface Resulting<out Result> {
  readonly "~result"?: () => Result;
}

/** A task under way: a plain object that only its owner can ask anything of (TASK-3). */
export abstract class Task<out Result = unknown> implements Resulting<Result> {
  /** For tasks as the children of a supervisor. */
  static readonly Supervisor: typeof TaskSupervisor = TaskSupervisor;

  /** Only for the type. */
  declare readonly "~result"?: () => Result;
  /** The process of the task; null for one that was complete from the start. */
  abstract readonly pid: Pid | null;
  /** Of its monitor, and of the message that brings its result. */
  abstract readonly ref: Ref;
  /** The process that may ask for the result. */
  abstract readonly owner: Pid;
  /** The name of its function. */
  abstract readonly fn: string;

  /**
   * Starts a task linked to `self`, its owner; it runs in a later turn. What becomes of it is told by one `TaskReply` and the
   * DOWN of the same ref (TASK-1), which `await` and its relatives take.
   *
   * @throws ArgumentError outside any process, and for a function that cannot go to `node`.
   */
  static async<Accepted, Args extends readonly unknown[], Result>(
    self: ProcessContext,
    fn: TaskFunction<Accepted, Args, Result>,
    ...args: Args
  ): Task<Awaited<Result>>;
  /** The same on another node. */
  static async<Accepted, Args extends readonly unknown[], Result>(
    self: ProcessContext,
    place: TaskPlace,
    fn: RemoteFunction<TaskFunction<Accepted, Args, Result>>,
    ...args: Args
  ): Task<Awaited<Result>>;
  static async(self: ProcessContext, ...given: TaskArguments): Task {
    return { ...startAsync(self, given), owner: processOf(self, "own a task").pid };
  }

  /** A task that is complete already, with `value` (TASK-7). */
  static completed<Value>(self: ProcessContext, value: Value): Task<Value> {
    const process = processOf(self, "own a task");
    const ref = process.makeRef();
    const reply: TaskReply = { type: "task_reply", ref, result: process.kernel.isolate(value) };
    process.accept(reply);
    return { pid: null, ref, owner: process.pid, fn: "completed" };
  }

  /**
   * Waits for the result, by default at most 5,000 ms. Afterwards neither message nor monitor is left (TASK-2).
   *
   * Rejects with a `CallError`: `reason` is `"timeout"` (the task goes on, and its result is dropped), `{ nodedown: node }`, or
   * what the task ended with. Uncaught it is what the owner ends with. A task can be awaited once.
   *
   * @throws ArgumentError when `self` is not the owner, or for a time limit that is none.
   */
  static await<Result>(self: ProcessContext, task: Task<Result>, timeout?: Timeout): Promise<Result> {
    const owner = ownerOf(self, task);
    const result = awaitResult(owner, task, timeoutOf(timeout, defaultTimeout));
    // The task's own function has made it.
    return quietIn(self, result) as Promise<Result>;
  }

  /**
   * Waits for all results, which come in the order of the tasks. The first task that fails, or the common time limit, is the
   * end of the wait for all of them: rejects like `await` (TASK-8).
   */
  static awaitMany<const Tasks extends readonly Task[]>(
    self: ProcessContext,
    tasks: Tasks,
    timeout?: Timeout,
  ): Promise<TaskResults<Tasks>> {
    const owner = ownerOf(self, ...tasks);
    const results = awaitAll(owner, tasks, timeoutOf(timeout, defaultTimeout));
    return quietIn(self, results) as Promise<TaskResults<Tasks>>;
  }

  /**
   * The outcome of the task, or undefined when there is none within the time limit, by default 5,000 ms; then it may be asked
   * again (TASK-5). Rejects with a `CallError`, `{ nodedown: node }`, when its node is lost.
   */
  static yield<Result>(
    self: ProcessContext,
    task: Task<Result>,
    timeout?: Timeout,
  ): Promise<TaskOutcome<Result> | undefined> {
    const owner = ownerOf(self, task);
    return quietIn(self, yieldOutcome(owner, task, timeoutOf(timeout, defaultTimeout))) as Promise<
      TaskOutcome<Result> | undefined
    >;
  }

  /** The outcomes that there are within the common time limit, in the order of the tasks (TASK-8). */
  static yieldMany<const Tasks extends readonly Task[]>(
    self: ProcessContext,
    tasks: Tasks,
    options?: YieldManyOptions | Duration,
  ): Promise<YieldedTasks<Tasks>> {
    const outcomes: Promise<unknown> = yieldAll(ownerOf(self, ...tasks), tasks, checkYieldMany(options));
    return quietIn(self, outcomes) as Promise<YieldedTasks<Tasks>>;
  }

  /**
   * Ends a task and waits for its end: politely, with `timeout` ms until it is killed (5,000 by default), or at once by
   * `"brutal_kill"`. Undefined when that is what ended it; else its outcome (TASK-6). Nothing of it is left.
   */
  static shutdown<Result>(
    self: ProcessContext,
    task: Task<Result>,
    timeout: Duration | "brutal_kill" = defaultTimeout,
  ): Promise<TaskOutcome<Result> | undefined> {
    const owner = ownerOf(self, task);
    const patience = timeout === "brutal_kill" ? timeout : checkDuration(timeout, "a timeout");
    return quietIn(self, shutDown(owner, task, patience)) as Promise<TaskOutcome<Result> | undefined>;
  }

  /** The outcome if there is one already; else lets the task go: unlinked, and its result dropped (TASK-7). */
  static ignore<Result>(self: ProcessContext, task: Task<Result>): Promise<TaskOutcome<Result> | undefined> {
    return quietIn(self, ignoreTask(ownerOf(self, task), task)) as Promise<TaskOutcome<Result> | undefined>;
  }

  /** Starts a task that nobody waits for, and whose failing is only reported (TASK-10). */
  static start<Accepted, Args extends readonly unknown[]>(
    context: Context,
    fn: TaskFunction<Accepted, Args, unknown>,
    ...args: Args
  ): Pid<Accepted>;
  /** The same on another node. */
  static start<Accepted, Args extends readonly unknown[]>(
    context: Context,
    place: TaskPlace,
    fn: RemoteFunction<TaskFunction<Accepted, Args, unknown>>,
    ...args: Args
  ): Pid<Accepted>;
  static start(context: Context, ...given: TaskArguments): Pid {
    return startAlone(context, given, "none");
  }

  /** Like `start`, linked to `self`: for a task under a supervisor, or one without which its starter cannot go on. */
  static startLink<Accepted, Args extends readonly unknown[]>(
    self: ProcessContext,
    fn: TaskFunction<Accepted, Args, unknown>,
    ...args: Args
  ): Pid<Accepted>;
  /** The same on another node. */
  static startLink<Accepted, Args extends readonly unknown[]>(
    self: ProcessContext,
    place: TaskPlace,
    fn: RemoteFunction<TaskFunction<Accepted, Args, unknown>>,
    ...args: Args
  ): Pid<Accepted>;
  static startLink(self: ProcessContext, ...given: TaskArguments): Pid {
    return startAlone(self, given, "link");
  }

  /**
   * Runs `fn` in a task of its own for each element of an iterable or async iterable, `maxConcurrency` at a time, and gives
   * the outcomes to a `for await` of `self` (STREAM-1).
   *
   * Unless `self` traps exits a failing task takes it along; else its outcome says so (STREAM-3). An element that takes too
   * long ends the loop with a `CallError` whose reason is `"timeout"`, or only itself (STREAM-2).
   *
   * @throws ArgumentError for options that make no sense.
   */
  static asyncStream<Item, Result>(
    self: ProcessContext,
    input: Iterable<Item> | AsyncIterable<Item>,
    fn: StreamFunction<Item, Result>,
    options: StreamOptions & { readonly zipInputOnExit: true },
  ): TaskStream<ZippedOutcome<Awaited<Result>, Item>>;
  /** The same without the element in outcomes. */
  static asyncStream<Item, Result>(
    self: ProcessContext,
    input: Iterable<Item> | AsyncIterable<Item>,
    fn: StreamFunction<Item, Result>,
    options?: StreamOptions,
  ): TaskStream<TaskOutcome<Awaited<Result>>>;
  static asyncStream(
    self: ProcessContext,
    input: unknown,
    fn: StreamFunction<never, unknown>,
    options: StreamOptions = {},
  ): TaskStream<StreamItem> {
    return new TaskStream(self, { input, fn, options, supervision: null, isLinked: true });
  }

  /** A task as the child of a supervisor, `[Task, fn]`: `temporary` unless the spec is changed (TASK-9). */
  static childSpec(fn: (self: Process) => unknown): ChildSpec<Pid> {
    if (typeof fn !== "function") throw new ArgumentError(`expected a function to run as a task. Got: ${show(fn)}`);
    return { id: "Task", restart: "temporary", start: (supervisor) => startAlone(supervisor, [fn], "link") };
  }
}
