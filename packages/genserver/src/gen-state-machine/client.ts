/** Calling a state machine: as a server, except that nobody is in a hurry (STATEM-9). */
import { callServer } from "../gen/call.ts";
import type { Context } from "../gen/context.ts";
import { type Timeout, timeoutOf } from "../gen/duration.ts";
import type { ServerTarget } from "../gen/server-name.ts";
import type { ReplyFrom, RequestAs, RequestTypes, UntypedTarget } from "../gen-server/protocol.ts";

/**
 * Like `call`, with no time limit by default, as `gen_statem:call/2` has none: a machine may postpone a request until it is
 * in the right state.
 */
export function callMachine(
  context: Context,
  machine: UntypedTarget,
  request: unknown,
  timeout?: Timeout,
): Promise<unknown>;
/** The same for machines whose protocol is known. */
export function callMachine<Server extends ServerTarget, const Type extends RequestTypes<Server>>(
  context: Context,
  machine: Server,
  request: RequestAs<Server, Type>,
  timeout?: Timeout,
): Promise<ReplyFrom<Server, Type>>;
/** Both. */
export function callMachine(
  context: Context,
  machine: ServerTarget,
  request: unknown,
  timeout?: Timeout,
): Promise<unknown> {
  const limit = timeoutOf(timeout, "infinity");
  return callServer(context, { operation: "call", target: machine, request, timeout: limit });
}
