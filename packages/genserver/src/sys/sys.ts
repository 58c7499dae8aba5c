/**
 * Looking into behaviours and controlling them from outside, while they run (SYS-1 … SYS-9).
 *
 * Every function takes the context, the process, and a time limit of 5 s by default. It rejects with a `CallError`: `noproc`,
 * `timeout` when the process is no behaviour or is busy for too long, `{ nodedown }`.
 */
import { type Pid } from "@otp/core";

import { pose, Question } from "../gen/call.ts";
import { callerOf, type Context, kernelOf } from "../gen/context.ts";
import { type Timeout, timeoutOf } from "../gen/duration.ts";
import { findServer, type ServerTarget } from "../gen/server-name.ts";
import type { DebugEvent, DebugFunction, Statistics } from "./debug.ts";
import type { SystemRequest } from "./handle.ts";

/** What is known of a behaviour (SYS-4). */
export interface SystemStatus {
  readonly type: "status";
  readonly pid: Pid;
  /** The name of the behaviour's class. */
  readonly module: string;
  readonly dictionary: readonly (readonly [unknown, unknown])[];
  readonly status: "running" | "suspended";
  readonly parent: Pid | null;
  /** What is recorded at the moment. */
  readonly debug: readonly string[];
  /** The state as its `formatStatus` shows it. */
  readonly state: unknown;
  readonly log: readonly unknown[];
}

/** The state of a behaviour as it is. For looking at, not for working with. */
export function getState(context: Context, server: ServerTarget, timeout?: Timeout): Promise<unknown> {
  return ask(context, server, { operation: "sys.getState", request: { type: "getState" }, timeout });
}

/**
 * Replaces the state by what `change` makes of it, and gives the new one. When `change` throws the state stays, and the
 * error has the reason `{ callbackFailed }`. For another node `change` must be a function made by `remote`.
 */
export function replaceState(
  context: Context,
  server: ServerTarget,
  change: (state: never) => unknown,
  timeout?: Timeout,
): Promise<unknown> {
  return ask(context, server, { operation: "sys.replaceState", request: { type: "replaceState", change }, timeout });
}

/** What is known of a behaviour. */
export function getStatus(context: Context, server: ServerTarget, timeout?: Timeout): Promise<SystemStatus> {
  return ask(context, server, { operation: "sys.getStatus", request: { type: "getStatus" }, timeout });
}

/** Lets a behaviour handle system messages only; others wait (SYS-2). */
export function suspend(context: Context, server: ServerTarget, timeout?: Timeout): Promise<"ok"> {
  return ask(context, server, { operation: "sys.suspend", request: { type: "suspend" }, timeout });
}

/** Ends `suspend`. */
export function resume(context: Context, server: ServerTarget, timeout?: Timeout): Promise<"ok"> {
  return ask(context, server, { operation: "sys.resume", request: { type: "resume" }, timeout });
}

/** Counts messages from now on (true), stops counting (false), or gives the numbers (`"get"`; SYS-5). */
export function statistics(
  context: Context,
  server: ServerTarget,
  flag: "get",
  timeout?: Timeout,
): Promise<Statistics | "no_statistics">;
/** Switches counting on or off. */
export function statistics(context: Context, server: ServerTarget, flag: boolean, timeout?: Timeout): Promise<"ok">;
/** Both. */
export function statistics(
  context: Context,
  server: ServerTarget,
  flag: boolean | "get",
  timeout?: Timeout,
): Promise<Statistics | "no_statistics" | "ok"> {
  return ask(context, server, { operation: "sys.statistics", request: { type: "statistics", flag }, timeout });
}

/** Keeps the last events, 10 or as many as said, from now on; forgets them (false); or gives them (`"get"`). */
export function log(
  context: Context,
  server: ServerTarget,
  flag: "get",
  timeout?: Timeout,
): Promise<readonly DebugEvent[]>;
/** Switches logging on or off. */
export function log(context: Context, server: ServerTarget, flag: boolean | number, timeout?: Timeout): Promise<"ok">;
/** Both. */
export function log(
  context: Context,
  server: ServerTarget,
  flag: boolean | number | "get",
  timeout?: Timeout,
): Promise<readonly DebugEvent[] | "ok"> {
  return ask(context, server, { operation: "sys.log", request: { type: "log", flag }, timeout });
}

/** Writes each event to the node's log, or no longer. */
export function trace(context: Context, server: ServerTarget, flag: boolean, timeout?: Timeout): Promise<"ok"> {
  return ask(context, server, { operation: "sys.trace", request: { type: "trace", flag }, timeout });
}

/** A function to be called for each event, with the state it begins with. */
export interface Installation {
  readonly fn: DebugFunction;
  readonly state: unknown;
  /** Under which it is installed once only; default: the function itself. */
  readonly id?: unknown;
}

/** Has `fn(state, event, pid)` called for each event until it gives `"done"` or fails (SYS-6). */
export function install(
  context: Context,
  server: ServerTarget,
  { fn, state, id = fn }: Installation,
  timeout?: Timeout,
): Promise<"ok"> {
  return ask(context, server, { operation: "sys.install", request: { type: "install", id, fn, state }, timeout });
}

/** Removes an installed function, by its id or itself. */
export function remove(context: Context, server: ServerTarget, id: unknown, timeout?: Timeout): Promise<"ok"> {
  return ask(context, server, { operation: "sys.remove", request: { type: "remove", id }, timeout });
}

/** Ends a behaviour as a stop result does, after `terminate`; resolves when it has begun to (SYS-8). */
export function terminate(context: Context, server: ServerTarget, reason: unknown, timeout?: Timeout): Promise<"ok"> {
  return ask(context, server, { operation: "sys.terminate", request: { type: "terminate", reason }, timeout });
}

/** What a behaviour is to know about its changed code. */
export interface CodeChange {
  readonly module?: unknown;
  readonly oldVersion?: unknown;
  readonly extra?: unknown;
}

/**
 * Has a suspended behaviour adapt its state by `codeChange`; `{ error }` when that fails, and then the state is as it was
 * (SYS-7).
 */
export function changeCode(
  context: Context,
  server: ServerTarget,
  { module, oldVersion, extra }: CodeChange,
  timeout?: Timeout,
): Promise<"ok" | { readonly error: unknown }> {
  const request: SystemRequest = { type: "changeCode", module, oldVersion, extra };
  return ask(context, server, { operation: "sys.changeCode", request, timeout });
}

interface Order {
  readonly operation: string;
  readonly request: unknown;
  readonly timeout: Timeout | undefined;
}

function ask<Answer>(context: Context, target: ServerTarget, { operation, request, timeout }: Order): Promise<Answer> {
  const limit = timeoutOf(timeout, 5_000);
  const kernel = kernelOf(context);
  const caller = callerOf(context);
  const server = findServer(kernel, target);
  const question = new SystemQuestion<Answer>(kernel, caller, { operation, target, request, timeout: limit });
  return pose(question, server, "$system");
}

/** A question to a behaviour, whose reply says whether it has gone well. */
class SystemQuestion<Answer> extends Question<Answer> {
  override replied(reply: unknown): void {
    if (typeof reply !== "object" || reply === null) this.reject({ badReply: reply });
    // A behaviour is trusted to answer what it was asked.
    else if ("ok" in reply) this.resolve(reply.ok as Answer);
    else this.reject("error" in reply ? reply.error : { badReply: reply });
  }
}
