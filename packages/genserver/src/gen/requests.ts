/**
 * Requests whose answer is fetched later (CALL-13): a process sends one, does something else, and waits for the response or
 * finds it among its messages.
 */
import { TIMEOUT } from "@otp/core";
import { SettledCall, type ProcessControl } from "@otp/core/internal";
import type { Ref } from "@otp/core";

import { openCall } from "./call.ts";
import { type Context, processOf } from "./context.ts";
import { type Timeout, timeoutOf } from "./duration.ts";
import { findServer, type ServerTarget } from "./server-name.ts";

/** A request under way. */
export interface RequestId<out Reply = unknown> {
  readonly ref: Ref;
  readonly server: ServerTarget;
  /** Only for the type. */
  readonly "~reply"?: Reply;
  /** Gives the request up; its response is dropped. */
  abandon(): void;
}

/** How a request ended. */
export type Response<Reply = unknown> =
  | { readonly type: "reply"; readonly reply: Reply }
  | { readonly type: "error"; readonly reason: unknown; readonly server: ServerTarget };

/** The message in which a response arrives. */
interface ResponseMessage {
  readonly type: "$response";
  readonly ref: Ref;
  readonly response: Response;
}

/** Sends a request in the name of a process, whose mailbox the response will be put in. */
export function openRequest(context: Context, server: ServerTarget, request: unknown): RequestId {
  const self = processOf(context, "send a request");
  const { kernel } = self;
  const ref = self.makeRef();
  let isAbandoned = false;
  const call = new SettledCall(kernel, self, kernel.isolate(request), (outcome) => {
    if (isAbandoned) return;
    const response: Response = outcome.ok
      ? { type: "reply", reply: outcome.reply }
      : { type: "error", reason: outcome.reason, server };
    deliver(self, { type: "$response", ref, response });
  });
  openCall(call, findServer(kernel, server), { type: "$gen_call", timeout: "infinity" });
  return {
    ref,
    server,
    abandon(): void {
      isAbandoned = true;
      call.abandon();
    },
  };
}

/** Waits for the response; after a timeout the request goes on and can be waited for again. */
export async function waitResponse<Reply>(
  context: Context,
  request: RequestId<Reply>,
  timeout?: Timeout,
): Promise<Response<Reply> | { readonly type: "timeout" }> {
  const self = processOf(context, "wait for a response");
  const message = await self.receive(
    { type: "$response", ref: request.ref },
    { after: timeoutOf(timeout, "infinity") },
  );
  return message === TIMEOUT ? { type: "timeout" } : responseIn<Reply>(message);
}

/** Waits for the response; after a timeout the request is given up, and its response dropped. */
export async function receiveResponse<Reply>(
  context: Context,
  request: RequestId<Reply>,
  timeout?: Timeout,
): Promise<Response<Reply> | { readonly type: "timeout" }> {
  const response = await waitResponse(context, request, timeout);
  if (response.type === "timeout") request.abandon();
  return response;
}

/** The response in a message that a process has taken from its mailbox; `{ type: "no_reply" }` when it is another one. */
export function checkResponse<Reply>(
  message: unknown,
  request: RequestId<Reply>,
): Response<Reply> | { readonly type: "no_reply" } {
  return isResponse(message) && message.ref === request.ref ? responseIn<Reply>(message) : { type: "no_reply" };
}

function deliver(self: ProcessControl, message: ResponseMessage): void {
  self.accept(message);
}

/** The server is trusted to reply what its protocol says. */
function responseIn<Reply>(message: { readonly [field: string]: unknown } | ResponseMessage): Response<Reply> {
  return message["response"] as Response<Reply>;
}

function isResponse(message: unknown): message is ResponseMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "$response" &&
    "ref" in message &&
    "response" in message
  );
}
