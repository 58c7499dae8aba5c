/** For simulators: everything that is not deterministic. */
export type { RunQueue, Runtime, Task, TimerHandle } from "./runtime/runtime.ts";
