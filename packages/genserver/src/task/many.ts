/** Several tasks at once, under one time limit (TASK-8). */
import { ArgumentError, type Duration } from "@otp/core";
import { type ProcessControl, show } from "@otp/core/internal";

import {
  type AnyTask,
  ignoreTask,
  type TaskOutcome,
  outcomeIn,
  reasonIn,
  shutDown,
  taskError,
  type Wait,
} from "./await.ts";
import { checkDuration } from "../gen/duration.ts";
import { gather, type Heard } from "./gathering.ts";

/** What `yieldMany` may be told. */
export interface YieldManyOptions {
  /** Milliseconds for all together. Default 5,000. */
  readonly timeout?: Duration;
  /** What becomes of tasks that are not ready by then. Default `"nothing"`: they go on and can be asked again. */
  readonly onTimeout?: "nothing" | "ignore" | "kill_task";
  /** As many outcomes are enough. Default: all. */
  readonly limit?: number;
}

/** All results in the order of the tasks; the first failure, or the time limit, ends the wait for all. */
export function awaitAll(self: ProcessControl, tasks: readonly AnyTask[], timeout: Duration): Promise<unknown> {
  const wait: Wait = { operation: "Task.awaitMany", target: tasks, timeout };
  return gather(self, refsOf(tasks), {
    timeout,
    abandons: true,
    isEnough: (news) => news.type === "DOWN",
    read: (heard) => {
      for (const news of heard.values()) if (news.type === "DOWN") throw taskError(reasonIn(news), wait);
      return tasks.map(({ ref }) => {
        const news = heard.get(ref);
        if (news?.type !== "task_reply") throw taskError("timeout", wait);
        return news.result;
      });
    },
  });
}

/** The outcomes that there are in time, in the order of the tasks. */
export async function yieldAll(
  self: ProcessControl,
  tasks: readonly AnyTask[],
  options: Required<YieldManyOptions>,
): Promise<{ readonly task: AnyTask; readonly outcome: TaskOutcome<unknown> | undefined }[]> {
  const { timeout, onTimeout, limit } = options;
  const wait: Wait = { operation: "Task.yieldMany", target: tasks, timeout };
  const refs = refsOf(tasks);
  const wanted = Math.min(limit, refs.length);
  const heard = await gather(self, refs, {
    timeout,
    abandons: false,
    isEnough: (_news, count) => count >= wanted,
    read: (heard: Heard) => heard,
  });
  const isLate = heard.size < wanted;
  const outcomes = tasks.map((task) => outcomeIn(heard.get(task.ref), wait));
  const give = (task: AnyTask): Promise<TaskOutcome<unknown> | undefined> | undefined => {
    if (!isLate || onTimeout === "nothing") return undefined;
    return onTimeout === "ignore" ? ignoreTask(self, task) : shutDown(self, task, "brutal_kill");
  };
  const results = tasks.map(async (task, index) => ({ task, outcome: outcomes[index] ?? (await give(task)) }));
  return Promise.all(results);
}

/** Fills in the defaults. @throws ArgumentError for options that make no sense. */
export function checkYieldMany(given: YieldManyOptions | Duration | undefined): Required<YieldManyOptions> {
  const options: YieldManyOptions = typeof given === "object" ? given : given === undefined ? {} : { timeout: given };
  const { timeout = 5_000, onTimeout = "nothing", limit = Number.MAX_SAFE_INTEGER } = options;
  if (onTimeout !== "nothing" && onTimeout !== "ignore" && onTimeout !== "kill_task") {
    throw new ArgumentError(`expected onTimeout to be "nothing", "ignore" or "kill_task". Got: ${show(onTimeout)}`);
  }
  if (!(Number.isInteger(limit) && limit > 0)) {
    throw new ArgumentError(`expected limit to be a whole number from 1. Got: ${show(limit)}`);
  }
  return { timeout: checkDuration(timeout, "a timeout"), onTimeout, limit };
}

function refsOf(tasks: readonly AnyTask[]): readonly AnyTask["ref"][] {
  return [...new Set(tasks.map(({ ref }) => ref))];
}
