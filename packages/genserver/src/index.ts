/** The front door of `@otp/genserver`. */
export type { Context, ProcessContext } from "./gen/context.ts";
export type { Timeout } from "./gen/duration.ts";
export { type From, replyTo } from "./gen/from.ts";
export * as procLib from "./gen/proc-lib.ts";
export { checkResponse, receiveResponse, type RequestId, type Response, waitResponse } from "./gen/requests.ts";
export { type ServerName, type ServerTarget, whereis } from "./gen/server-name.ts";
export type { StartOptions } from "./gen/start.ts";
export type { ChildOptions, Restart, Shutdown } from "./gen-server/child-spec.ts";
export { call, cast, globalName, stop } from "./gen-server/client.ts";
export { type Awaitable, GenServer } from "./gen-server/gen-server.ts";
export { abcast, multiCall, type MultiCallResult, type NamedEverywhere, sendRequest } from "./gen-server/many.ts";
export type {
  AnyProtocol,
  ArgOf,
  Call,
  GlobalServer,
  Protocol,
  ProtocolOf,
  ReplyTo,
  ServerPid,
  ServerRef,
} from "./gen-server/protocol.ts";
export {
  type CallResult,
  type CastResult,
  type Ignore,
  ignore,
  type InitResult,
  type Next,
  type Noreply,
  noreply,
  type Ok,
  ok,
  type Reply,
  reply,
  type Stop,
  type StopReply,
  stopWith,
} from "./gen-server/result.ts";
export { type MonitoredServer, type ServerOptions, start, startLink, startMonitor } from "./gen-server/start.ts";
export { CallError, StartError } from "@otp/core";
export type { DebugEvent, DebugFunction, DebugOption, Statistics } from "./sys/debug.ts";
export * as sys from "./sys/sys.ts";
export type { ShownStatus, Status } from "./sys/status.ts";
export * from "./supervisor/index.ts";
export * from "./registry/index.ts";
export * from "./task/index.ts";
export * from "./agent/index.ts";
export * from "./gen-state-machine/index.ts";
export * from "./application/index.ts";
