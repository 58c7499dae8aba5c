/** Tasks, as users see them. */
export type { TaskOutcome } from "./await.ts";
export type { TaskReply } from "./gathering.ts";
export type { YieldManyOptions } from "./many.ts";
export type { TaskFunction, TaskPlace } from "./order.ts";
export type { StreamFunction, TaskStream, ZippedOutcome } from "./stream.ts";
export type { StreamOptions } from "./stream-options.ts";
export type { SupervisedOptions, Under } from "./supervised.ts";
export { Task, type TaskResults, type YieldedTask, type YieldedTasks } from "./task.ts";
export type { TaskSupervisor, TaskSupervisorOptions, UnderStream } from "./task-supervisor.ts";
