/** For sibling packages only: what behaviours need of the machine. */
export { invariant } from "./base/invariant.ts";
export { show } from "./base/show.ts";
export { nothing, type Predicate } from "./mailbox/mailbox.ts";
export { Node } from "./node/node.ts";
export { SystemNames, type SystemHandler } from "./node/system-names.ts";
export type { Body } from "./process/body.ts";
export { type CallOutcome, callTimeout, PendingCall } from "./process/call.ts";
export type { ControlBlock } from "./process/control-block.ts";
export { ProcessControl } from "./process/control.ts";
export { formatReason } from "./process/format-reason.ts";
export { Kernel } from "./process/kernel.ts";
export { addLink } from "./process/links.ts";
export { keepMonitor, watch } from "./process/monitors.ts";
export type { Report } from "./process/report.ts";
export { FunctionBody } from "./process/spawn.ts";
export { TimerEntry, Timers } from "./runtime/timers.ts";
export { IdentityTable, NodeIdentity } from "./term/identity.ts";
export { lookupRemote, remoteTerm } from "./term/remote-function.ts";
