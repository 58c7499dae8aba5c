/** Calling, casting to and stopping servers (CALL-1 … CALL-14). */
import { type Duration, Pid } from "@otp/core";
import { type Kernel, ProcessControl } from "@otp/core/internal";

import { callServer } from "../gen/call.ts";
import { callerOf, type Context, kernelOf } from "../gen/context.ts";
import { type Timeout, timeoutOf } from "../gen/duration.ts";
import { findServer, type ServerTarget } from "../gen/server-name.ts";
import { stopServer } from "../gen/stop.ts";
import type { StartableClass } from "./callbacks.ts";
import type {
  CastOf,
  GlobalServer,
  ProtocolBehind,
  ReplyFrom,
  RequestAs,
  RequestTypes,
  UntypedTarget,
} from "./protocol.ts";

const defaultTimeout = 5_000;

/**
 * Sends a request and resolves to the reply, whose type follows from the message. The last argument is the time limit in ms,
 * by default 5000.
 *
 * Rejects with a `CallError` whose `reason` says why there is no reply: `"noproc"`, `"timeout"` (the outcome is unknown then,
 * and a late reply is dropped), `{ nodedown: node }`, `"calling_self"`, or the reason the server ended with (CALL-3 …
 * CALL-7). Uncaught in a process, the error is what that process ends with. A request that cannot be sent to the server's
 * node is a `CodecError`.
 *
 * @throws ArgumentError for a time limit or a server that can be none, before anything is sent (CALL-8).
 */
export function call(context: Context, server: UntypedTarget, request: unknown, timeout?: Timeout): Promise<unknown>;
/** The same for servers whose protocol is known. */
export function call<Server extends ServerTarget, const Type extends RequestTypes<Server>>(
  context: Context,
  server: Server,
  request: RequestAs<Server, Type>,
  timeout?: Timeout,
): Promise<ReplyFrom<Server, Type>>;
/** Both. */
export function call(context: Context, server: ServerTarget, request: unknown, timeout?: Timeout): Promise<unknown> {
  const limit = timeout === undefined ? defaultTimeout : timeoutOf(timeout, defaultTimeout);
  return callServer(context, { operation: "call", target: server, request, timeout: limit });
}

/**
 * Sends a message that gets no reply; `"ok"` at once, whether or not there is a server (CALL-10). It is handled before any
 * later call of the same process.
 *
 * @throws CodecError for a message that cannot be sent to another node.
 */
export function cast<Server extends ServerTarget>(
  context: Context,
  server: Server,
  message: CastOf<ProtocolBehind<Server>>,
): "ok" {
  if (context instanceof ProcessControl && server instanceof Pid) {
    context.assertAlive();
    const { resident } = server;
    const { kernel } = context;
    if (resident instanceof ProcessControl && resident.kernel === kernel) {
      resident.accept({ type: "$gen_cast", message: kernel.isolate(message) });
      return "ok";
    }
  }
  return castAs(context, server, (kernel) => kernel.isolate(message));
}

/** Sends what `make` gives, where there is anyone to send it to. */
export function castAs(context: Context, server: ServerTarget, make: (kernel: Kernel) => unknown): "ok" {
  const kernel = kernelOf(context);
  const caller = callerOf(context);
  const found = findQuietly(context, server);
  if (found === null) return "ok";
  const content = make(kernel);
  if (found instanceof ProcessControl) found.accept({ type: "$gen_cast", message: content });
  else kernel.send(caller?.pid ?? kernel.root, found, { type: "$gen_cast", message: content });
  return "ok";
}

/**
 * Ends a server with `reason`, by default `"normal"`, and resolves to `"ok"` once it has ended, after its `terminate`.
 *
 * Rejects with a `CallError`: `"noproc"`, `"calling_self"`, `"timeout"` (the server may still end), `{ nodedown }`, or the
 * reason the server ended with instead (CALL-14, PLIB-5).
 */
export function stop(
  context: Context,
  server: ServerTarget,
  reason: unknown = "normal",
  timeout: Timeout = "infinity",
): Promise<"ok"> {
  const limit: Duration = timeoutOf(timeout, "infinity");
  return stopServer(context, server, { reason, timeout: limit });
}

/**
 * A typed global name: calls through it are checked and infer their replies like calls to a pid of that class.
 *
 * @example
 * import { GenServer, globalName, ok } from "@otp/genserver";
 *
 * class Clock extends GenServer<number> {
 *   static readonly global = globalName<typeof Clock>("clock");
 *   override init() {
 *     return ok(0);
 *   }
 * }
 */
export function globalName<Class extends StartableClass>(term: unknown): GlobalServer<Class> {
  return { global: term };
}

/** A cast never says that its server cannot be found, not even that the registry of its name is gone. */
function findQuietly(context: Context, server: ServerTarget): ReturnType<typeof findServer> {
  const isVia = typeof server === "object" && server !== null && "via" in server;
  try {
    return findServer(kernelOf(context), server);
  } catch (error) {
    if (isVia) return null;
    throw error;
  }
}
