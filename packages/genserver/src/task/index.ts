/** Tasks, as users see them. */
export type { TaskReply } from "./gathering.ts";
export type { YieldManyOptions } from "./many.ts";
export type { TaskPlace } from "./order.ts";
export {
  Task,
  type TaskFunction,
  type TaskOutcome,
  type TaskResults,
  type YieldedTask,
  type YieldedTasks,
} from "./task.ts";
