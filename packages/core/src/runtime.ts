/** For simulators: everything that is not deterministic. */
export type { RunQueue, Runtime, Task, TimerHandle } from "./runtime/runtime.ts";
export { macrotask, ManualRuntime } from "./runtime/manual.ts";
export { SystemRuntime } from "./runtime/system.ts";
export type { KeyPair, Lock, Secrecy, Stretching } from "./runtime/secrecy.ts";
export { crank, type Cranked, type Machine } from "./runtime/crank.ts";
export { type HostResource, watchResources } from "./runtime/resources.ts";
