/** The front door of `@otp/core`. */
export * from "./base/errors.ts";
export { Pid, isSamePid } from "./term/pid.ts";
export { Ref, isSameRef } from "./term/ref.ts";
export type { Address, GlobalName, RemoteName, ViaModule, ViaName } from "./term/address.ts";
export { type ExitReason, type KnownExitReason, isShutdownReason } from "./term/exit-reason.ts";
export { type RemoteFunction, isRemoteFunction, remote } from "./term/remote-function.ts";
