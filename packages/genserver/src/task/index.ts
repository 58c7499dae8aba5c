/** Tasks, as users see them. */
export type { TaskReply } from "./gathering.ts";
export type { YieldManyOptions } from "./many.ts";
export type { TaskFunction, TaskPlace } from "./order.ts";
export type { SupervisedOptions, Under } from "./supervised.ts";
export { Task, type TaskOutcome, type TaskResults, type YieldedTask, type YieldedTasks } from "./task.ts";
export type { TaskSupervisor, TaskSupervisorOptions } from "./task-supervisor.ts";
