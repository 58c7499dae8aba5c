/** Starting servers: `start`, `startLink`, `startMonitor` (GS-1 … GS-8). */
import { type Pid, type Ref, UndefError } from "@otp/core";

import { type Context, type ProcessContext } from "../gen/context.ts";
import { checkDuration } from "../gen/duration.ts";
import { isPromise } from "../gen/settle.ts";
import {
  type Boot,
  type Booted,
  startMonitored,
  type StartOptions,
  type StartPlan,
  startProcess,
} from "../gen/start.ts";
import type { Tie } from "../gen/starting.ts";
import { debugFrom, type DebugOption } from "../sys/debug.ts";
import type { StartableClass } from "./callbacks.ts";
import { ServerLoop } from "./loop.ts";
import type { ArgOf, ProtocolOf, ServerPid } from "./protocol.ts";
import { ignore, type Next, Result } from "./result.ts";

/** Options of the start functions of servers. */
export interface ServerOptions extends StartOptions {
  /** Accepted for familiarity (GS-20). */
  readonly hibernateAfter?: number | "infinity" | undefined;
  /** What `sys` records of the server from its first message on. */
  readonly debug?: readonly DebugOption[] | undefined;
}

/** What follows the class: its argument, which may be left out where `init` takes none, and options. */
export type StartArgs<Class> =
  undefined extends ArgOf<Class>
    ? readonly [arg?: ArgOf<Class>, options?: ServerOptions]
    : readonly [arg: ArgOf<Class>, options?: ServerOptions];

/** A server and the monitor on it. */
export interface MonitoredServer<P> {
  readonly pid: ServerPid<P>;
  readonly ref: Ref;
}

/**
 * Starts a server and resolves to its pid when `init` has returned.
 *
 * Rejects with a `StartError`, whose `reason` is `{ type: "already_started", pid }`, `"ignore"`, `"timeout"`, or why `init`
 * failed; the name is free again by then.
 */
export function start<Class extends StartableClass>(
  context: Context,
  Class: Class,
  ...rest: StartArgs<Class>
): Promise<ServerPid<ProtocolOf<Class>>> {
  return startServer(context, Class, { tie: "none", rest });
}

/**
 * Like `start`, with a link between the calling process and the server: the server ends when the caller does, and a failing
 * start is an exit signal as well (GS-5).
 */
export function startLink<Class extends StartableClass>(
  context: ProcessContext,
  Class: Class,
  ...rest: StartArgs<Class>
): Promise<ServerPid<ProtocolOf<Class>>> {
  return startServer(context, Class, { tie: "link", rest });
}

/** Like `start`, with a monitor on the server, set before it runs. */
export function startMonitor<Class extends StartableClass>(
  context: ProcessContext,
  Class: Class,
  ...rest: StartArgs<Class>
): Promise<MonitoredServer<ProtocolOf<Class>>> {
  return startMonitored(context, planOf(Class, "monitor", rest));
}

/** Starts a server that is linked or not. */
export function startServer(
  context: Context,
  Class: StartableClass,
  { tie, rest }: { readonly tie: "none" | "link"; readonly rest: readonly [arg?: unknown, options?: ServerOptions] },
): Promise<Pid> {
  return startProcess(context, planOf(Class, tie, rest));
}

function planOf(Class: StartableClass, tie: Tie, rest: readonly [arg?: unknown, options?: ServerOptions]): StartPlan {
  const [arg, options] = rest;
  checkDuration(options?.hibernateAfter ?? "infinity", "hibernateAfter");
  return { boot: bootServer(Class, arg, options), initialCall: `${Class.name}.init`, tie, options };
}

/** Makes the instance and calls its `init`, in the new process. */
function bootServer(Class: StartableClass, arg: unknown, options: ServerOptions | undefined): Boot {
  return (self, origin) => {
    const server = new Class(self);
    if ("~boot" in server) return server["~boot"](self, origin, { arg, debug: options?.debug });
    if (typeof server.init !== "function") throw new UndefError(`${Class.name}.init is undefined`);
    const loop = new ServerLoop(self, origin, server);
    let result: unknown;
    try {
      result = server.init(arg);
    } catch (thrown) {
      return judgeInit(returnedBy(thrown), loop, options);
    }
    if (!isPromise(result)) return judgeInit(result, loop, options);
    return Promise.resolve(result).then(
      (later) => judgeInit(later, loop, options),
      (thrown: unknown) => judgeInit(returnedBy(thrown), loop, options),
    );
  };
}

/** A thrown result counts as returned (GS-3). */
function returnedBy(thrown: unknown): unknown {
  if (thrown instanceof Error) throw thrown;
  return thrown;
}

function judgeInit(result: unknown, loop: ServerLoop, options: ServerOptions | undefined): Booted {
  if (result === ignore) return { kind: "ignore" };
  if (result instanceof Result && result.kind === "stop") return { kind: "refuse", reason: result.reason };
  if (!(result instanceof Result) || result.kind !== "ok") {
    return { kind: "refuse", reason: { badReturnValue: result } };
  }
  const next: Next | null = result.next;
  loop.state = result.state;
  if (options?.debug !== undefined) loop.debug = debugFrom(loop.self, options.debug);
  return next === null ? { kind: "run", body: loop } : { kind: "run", body: loop, first: () => loop.goOn(next) };
}
