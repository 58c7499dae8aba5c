/** For simulators: everything that is not deterministic. */
export type { RunQueue, Runtime, Task, TimerHandle } from "./runtime/runtime.ts";
export { macrotask, ManualRuntime } from "./runtime/manual.ts";
export { SystemRuntime } from "./runtime/system.ts";
