/** What an owner asks of its tasks one by one: results, ends, and to be left alone (TASK-2, TASK-5 … TASK-7). */
import { ArgumentError, type CallError, type DownMessage, type Duration, type Pid, type Ref } from "@otp/core";
import { type ProcessControl, show } from "@otp/core/internal";

import { exitedIn } from "../gen/call-error.ts";
import { type Context, processOf } from "../gen/context.ts";
import { abandon, gather, takeNews, type TaskNews } from "./gathering.ts";

/** A task, whatever its result. */
export interface AnyTask {
  readonly pid: Pid | null;
  readonly ref: Ref;
  readonly owner: Pid;
}

/** How a task ended: with a result, or without one for `reason`. */
export type TaskOutcome<Result> =
  | { readonly ok: true; readonly value: Result }
  | { readonly ok: false; readonly reason: unknown };

type Outcome = TaskOutcome<unknown>;

/** What was being waited for, for the error. */
export interface Wait {
  readonly operation: string;
  readonly target: unknown;
  readonly timeout: Duration | "brutal_kill";
}

/** The process that owns all of `tasks`. @throws ArgumentError when one is another's (TASK-3). */
export function ownerOf(context: Context, ...tasks: readonly AnyTask[]): ProcessControl {
  const self = processOf(context, "wait for tasks");
  for (const task of tasks) {
    if (self.kernel.localize(task.owner) === self.pid) continue;
    throw new ArgumentError(`task ${show(task)} must be queried from the owner but was queried from ${self.pid}`);
  }
  return self;
}

/** The result, or a rejection (TASK-2). */
export function awaitResult(self: ProcessControl, task: AnyTask, timeout: Duration): Promise<unknown> {
  const wait: Wait = { operation: "Task.await", target: task, timeout };
  return gather(self, [task.ref], {
    timeout,
    abandons: true,
    read: (heard) => {
      const news = heard.get(task.ref);
      if (news?.type === "task_reply") return news.result;
      throw taskError(news === undefined ? "timeout" : reasonIn(news), wait);
    },
  });
}

/** The outcome, if there is one in time (TASK-5). */
export function yieldOutcome(self: ProcessControl, task: AnyTask, timeout: Duration): Promise<Outcome | undefined> {
  const wait: Wait = { operation: "Task.yield", target: task, timeout };
  return gather(self, [task.ref], { timeout, abandons: false, read: (heard) => outcomeIn(heard.get(task.ref), wait) });
}

/** Looks once, and wants to hear no more of the task (TASK-7). */
export function ignoreTask(self: ProcessControl, task: AnyTask): Promise<Outcome | undefined> {
  const wait: Wait = { operation: "Task.ignore", target: task, timeout: 0 };
  const pid = pidIn(task);
  return gather(self, [task.ref], {
    timeout: 0,
    abandons: true,
    read: (heard) => {
      const news = heard.get(task.ref);
      if (news?.type !== "DOWN") self.unlink(pid);
      return outcomeIn(news, wait);
    },
  });
}

/** Ends the task and waits for its end (TASK-6). */
export async function shutDown(
  self: ProcessControl,
  task: AnyTask,
  timeout: Duration | "brutal_kill",
): Promise<Outcome | undefined> {
  const pid = pidIn(task);
  const wait: Wait = { operation: "Task.shutdown", target: task, timeout };
  const isBrutal = timeout === "brutal_kill";
  // A monitor of its own: that of the task may have fired long ago.
  const end = self.monitor(pid);
  self.unlink(pid);
  self.sendExit(pid, isBrutal ? "kill" : "shutdown");
  const inTime = await endOf(self, end, isBrutal ? "infinity" : timeout);
  if (inTime === undefined) self.sendExit(pid, "kill");
  const down = inTime ?? (await endOf(self, end, "infinity"));
  const news = takeNews(self, task.ref);
  abandon(self, task.ref);
  if (news?.type === "task_reply") return { ok: true, value: news.result };
  // Who had ended before has told its reason to the task's own monitor only.
  const last = down?.reason === "noproc" ? (news ?? down) : down;
  return last?.reason === (isBrutal ? "killed" : "shutdown") ? undefined : outcomeIn(last, wait);
}

/** What news of a task mean. @throws CallError when they are that its node is lost. */
export function outcomeIn(news: TaskNews | undefined, wait: Wait): Outcome | undefined {
  if (news === undefined) return undefined;
  if (news.type === "task_reply") return { ok: true, value: news.result };
  if (isLoss(news)) throw taskError(reasonIn(news), wait);
  return { ok: false, reason: news.reason };
}

/** Why a task ended; a lost connection names the node (TASK-2). */
export function reasonIn(news: DownMessage): unknown {
  return isLoss(news) ? { nodedown: news.object.node } : news.reason;
}

/** The error of a wait that ended without a result. */
export function taskError(reason: unknown, { operation, target, timeout }: Wait): CallError {
  const timeoutMs = timeout === "brutal_kill" ? "infinity" : timeout;
  return exitedIn(reason, { operation, target, request: undefined, timeoutMs }, show(target));
}

function pidIn(task: AnyTask): Pid {
  if (task.pid !== null) return task.pid;
  throw new ArgumentError(`task ${show(task)} does not have an associated task process`);
}

function isLoss({ reason }: DownMessage): boolean {
  return reason === "noconnection";
}

function endOf(self: ProcessControl, monitor: Ref, timeout: Duration): Promise<DownMessage | undefined> {
  return gather(self, [monitor], {
    timeout,
    abandons: false,
    read: (heard) => {
      const news = heard.get(monitor);
      return news?.type === "DOWN" ? news : undefined;
    },
  });
}
