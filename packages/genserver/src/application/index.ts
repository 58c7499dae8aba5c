/** Applications and programs, as users see them. */
export { Application } from "./application.ts";
export type {
  ApplicationCallbacks,
  ApplicationClass,
  ApplicationOptions,
  Dependency,
  EnvArgs,
  EnvOf,
  TopOf,
} from "./callbacks.ts";
export type { ProgramHost, StopSignal } from "./program-host.ts";
export { type Configuration, type ProgramClass, run } from "./run.ts";
