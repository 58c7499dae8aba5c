/** The front door of `@otp/core`. */
export * from "./base/errors.ts";
export { Global } from "./cluster/global.ts";
export { type GroupMonitor, type Members, ProcessGroups, type ScopeMonitor, type Subscriber } from "./cluster/pg.ts";
export type { GroupMessage } from "./cluster/scope.ts";
export type { LockId } from "./cluster/lock-id.ts";
export { type AsyncCall, type BadRpc, type ClassicResults, ClassicRpc, isBadRpc } from "./cluster/classic-rpc.ts";
export {
  RemoteError,
  RemoteExceptionError,
  RemoteExitError,
  RemoteSignalError,
  RpcError,
  type RpcFailure,
} from "./cluster/remote-error.ts";
export { Rpc } from "./cluster/rpc.ts";
export type { Callable, ProcessCallable, RpcLimit, RpcOptions } from "./cluster/rpc-options.ts";
export { RpcRequest, type RpcResponse } from "./cluster/rpc-request.ts";
export type { CallResult } from "./cluster/rpc-results.ts";
export {
  type GlobalResolver,
  notifyAllName,
  randomExitName,
  randomNotifyName,
  type RemoteResolver,
} from "./cluster/resolvers.ts";
export type { InputStream, OutputStream, Stdio } from "./io/console.ts";
export type { Device, IoContext } from "./io/client.ts";
export type { DeviceStep } from "./io/device.ts";
export * as IO from "./io/io.ts";
export type { Amount, InspectOptions, TextArguments } from "./io/io.ts";
export type {
  Encoding,
  IoReplyMessage,
  IoRequest,
  IoRequestMessage,
  PutChars,
  ReadRequest,
  Refusal,
  TextFunction,
} from "./io/protocol.ts";
export * as StringIO from "./io/string-io.ts";
export type { Contents, StringIoOptions } from "./io/string-io.ts";
export type { Matched, Pattern } from "./mailbox/match.ts";
export { Node } from "./node/node.ts";
export type { AutoConnect, DistributionStart, NodeOptions } from "./node/options.ts";
export type { NodeInfo } from "./node/node-monitors.ts";
export type { LossCause } from "./dist/channel.ts";
export type { DistributionCounters } from "./dist/contract.ts";
export type { NodeKind } from "./node/peers-options.ts";
export { Dictionary } from "./process/dictionary.ts";
export type { Violation } from "./process/check.ts";
export type { InfoItem, ProcessInfo } from "./process/info.ts";
export {
  type DemonitorOptions,
  type DownMessage,
  type Duration,
  EOF,
  type Eof,
  type ExitMessage,
  type MonitorNodesOptions,
  type MonitorOptions,
  type Process,
  type ProcessFunction,
  type ProcessIo,
  type ReceiveOptions,
  type SpawnedMonitor,
  type SpawnOptions,
  type SpawnReplyMessage,
  type SpawnRequestOptions,
  TIMEOUT,
  type Timeout,
  type TimeoutMessage,
  type TimerOptions,
  type TimerQueryOptions,
} from "./process/process.ts";
export {
  timer,
  type TimerCaller,
  type TimerCancel,
  type TimerRefusal,
  type TimerStart,
  type TimerTarget,
} from "./process/timer.ts";
export type { SendOptions, SendOutcome } from "./process/send.ts";
export { formatReason } from "./process/format-reason.ts";
export type { Address, GlobalName, RemoteName, ViaModule, ViaName } from "./term/address.ts";
export { type ExitReason, isShutdownReason, type KnownExitReason } from "./term/exit-reason.ts";
export { isSamePid, Pid } from "./term/pid.ts";
export { isSameRef, Ref } from "./term/ref.ts";
export {
  isRemoteFunction,
  remote,
  type RemoteFunction,
  type SourceOptions,
  type SourceReader,
} from "./term/remote-function.ts";
export { type MemoryHub, type MemoryHubOptions, memoryHub } from "./dist/memory.ts";
