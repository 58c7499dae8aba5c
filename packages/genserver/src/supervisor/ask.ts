/** Asking supervisors, and answering: like any call, except that what is handed over may be code. */
import { CodecError } from "@otp/core";
import { type Kernel, PendingCall } from "@otp/core/internal";

import { callServer } from "../gen/call.ts";
import { type Context, kernelOf } from "../gen/context.ts";
import type { ServerTarget } from "../gen/server-name.ts";
import { type From, replyTo } from "../gen/from.ts";
import type { ReplyTo } from "../gen-server/protocol.ts";

/** Sends a request to a supervisor and waits for its answer, however long it is busy (SUP-26). */
export function ask<Request extends { readonly type: string }>(
  context: Context,
  target: ServerTarget,
  operation: string,
  request: Request,
): Promise<ReplyTo<Request>> {
  const reply = callServer(context, {
    operation,
    target,
    request: isolateData(kernelOf(context), request),
    isIsolated: true,
    timeout: "infinity",
  });
  return reply as Promise<ReplyTo<Request>>;
}

/** Answers a request of `ask`; what cannot go to the node that asks is refused by name, and does not end the supervisor. */
export function answer(from: From, value: unknown): void {
  try {
    if (from instanceof PendingCall) from.reply(isolateData(from.kernel, value));
    else replyTo(from, value);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    replyTo(from, { ok: false, reason: { notSendable: error.path } });
  }
}

/** Start functions of specs are code, which stays on its node unless it is registered; a copy of them is they themselves. */
export function isolateData(kernel: Kernel, value: unknown): unknown {
  try {
    return kernel.isolate(value);
  } catch (error) {
    if (error instanceof CodecError) return value;
    throw error;
  }
}
