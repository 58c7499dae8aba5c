/** Starting servers: `start`, `startLink`, `startMonitor` (GS-1 … GS-8). */
import { UndefError, type Ref } from "@otp/core";

import { type Context, type ProcessContext, quietIn } from "../gen/context.ts";
import { checkDuration } from "../gen/duration.ts";
import { settle } from "../gen/settle.ts";
import { type Boot, type Booted, startProcess, type Started, type StartOptions } from "../gen/start.ts";
import type { Tie } from "../gen/starting.ts";
import { debugFrom, type DebugOption } from "../sys/debug.ts";
import type { StartableClass } from "./callbacks.ts";
import { ServerLoop } from "./loop.ts";
import type { ArgOf, ProtocolOf, ServerPid } from "./protocol.ts";
import { ignore, Result } from "./result.ts";

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
  return quietIn(
    context,
    startServer(context, Class, { tie: "none", rest }).then(({ pid }) => pid),
  );
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
  return quietIn(
    context,
    startServer(context, Class, { tie: "link", rest }).then(({ pid }) => pid),
  );
}

/** Like `start`, with a monitor on the server, set before it runs. */
export function startMonitor<Class extends StartableClass>(
  context: ProcessContext,
  Class: Class,
  ...rest: StartArgs<Class>
): Promise<MonitoredServer<ProtocolOf<Class>>> {
  return quietIn(context, startServer(context, Class, { tie: "monitor", rest }));
}

/** What the three functions have in common. */
export function startServer(
  context: Context,
  Class: StartableClass,
  { tie, rest }: { readonly tie: Tie; readonly rest: readonly [arg?: unknown, options?: ServerOptions] },
): Promise<Started> {
  const [arg, options] = rest;
  checkDuration(options?.hibernateAfter ?? "infinity", "hibernateAfter");
  return startProcess(context, {
    boot: bootServer(Class, arg, options),
    initialCall: `${Class.name}.init`,
    tie,
    options,
  });
}

/** Makes the instance and calls its `init`, in the new process. */
function bootServer(Class: StartableClass, arg: unknown, options: ServerOptions | undefined): Boot {
  return (self, origin) => {
    const server = new Class(self);
    if ("~boot" in server) return server["~boot"](self, origin, { arg, debug: options?.debug });
    if (typeof server.init !== "function") throw new UndefError(`${Class.name}.init is undefined`);
    return settle(() => server.init(arg), {
      returned: (result) => judgeInit(result, () => new ServerLoop(self, origin, server)),
      threw: (thrown) => {
        // A thrown result counts as returned (GS-3).
        if (thrown instanceof Error) throw thrown;
        return judgeInit(thrown, () => new ServerLoop(self, origin, server));
      },
    });

    function judgeInit(result: unknown, makeLoop: () => ServerLoop): Booted {
      if (result === ignore) return { kind: "ignore" };
      if (result instanceof Result && result.kind === "stop") return { kind: "refuse", reason: result.reason };
      if (!(result instanceof Result) || result.kind !== "ok") {
        return { kind: "refuse", reason: { badReturnValue: result } };
      }
      const loop = makeLoop();
      loop.debug = debugFrom(self, options?.debug);
      return { kind: "run", body: loop, first: () => loop.begin(result.state, result.next) };
    }
  };
}
