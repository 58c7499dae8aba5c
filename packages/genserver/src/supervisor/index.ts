/** Supervisors, as users see them. */
export type {
  ChildCounts,
  ChildInfo,
  ChildSummary,
  DeleteChildResult,
  GetChildspecResult,
  RestartChildResult,
  StartChildFault,
  StartChildResult,
  StartedChild,
  TerminateChildResult,
} from "./admin.ts";
export type {
  ChildLike,
  ChildModule,
  ModuleArg,
  PidOfChild,
  RightChild,
  IfRight,
  RightChildren,
  SpecOverrides,
} from "./child-like.ts";
export type {
  ChildSpec,
  ChildStart,
  ChildType,
  FullChildSpec,
  SpecFault,
  Started,
  StartFunction,
} from "./child-spec.ts";
export { DynamicSupervisor, type DynamicSupervisorOptions } from "./dynamic.ts";
export type { DynamicFault, DynamicFlags, DynamicInit } from "./dynamic-flags.ts";
export type { DynamicProtocol, DynamicSupervisorPid, StartDynamicResult } from "./dynamic-server.ts";
export type { FlagsFault, IntensityOptions, SupervisorFlags } from "./flags.ts";
export type { ModuleArgs, ModuleClass } from "./plan.ts";
export { type PartitionOptions, PartitionSupervisor } from "./partition.ts";
export type { AutoShutdown, Strategy } from "./strategy.ts";
export { Supervisor, type SupervisorOptions } from "./supervisor.ts";
export type { SupervisorInit, SupervisorPid, SupervisorProtocol, SupervisorStartFault } from "./supervisor-server.ts";
