/** One message to servers of one name on many nodes (CALL-12), and requests whose reply is fetched later (CALL-13). */
import { ArgumentError, CallError } from "@otp/core";
import { show } from "@otp/core/internal";

import { callServer } from "../gen/call.ts";
import { type Context, kernelOf, type ProcessContext } from "../gen/context.ts";
import { type Timeout, timeoutOf } from "../gen/duration.ts";
import { openRequest, type RequestId } from "../gen/requests.ts";
import type { ServerTarget } from "../gen/server-name.ts";
import { cast } from "./client.ts";
import type { ReplyFrom, RequestAs, RequestTypes, UntypedTarget } from "./protocol.ts";

/** Servers of one name, each on its node. */
export interface NamedEverywhere {
  readonly name: string;
  /** Default: this node and those connected to it. */
  readonly nodes?: readonly string[];
}

/** What came of a `multiCall`. */
export interface MultiCallResult {
  /** One entry per node that has answered, in the order of the nodes. */
  readonly replies: readonly (readonly [node: string, reply: unknown])[];
  /** The nodes that have not: no such server there, no connection, a failure, or too slow. */
  readonly badNodes: readonly string[];
}

/**
 * Calls the server of that name on each node, all at once, and waits for all; replies that come later are dropped. The time
 * limit is by default `"infinity"`.
 */
export async function multiCall(
  context: Context,
  { name, nodes }: NamedEverywhere,
  request: unknown,
  timeout?: Timeout,
): Promise<MultiCallResult> {
  const limit = timeoutOf(timeout, "infinity");
  const asked = nodesOf(context, name, nodes);
  const outcomes = await Promise.all(
    asked.map((node) =>
      callServer(context, {
        operation: "multiCall",
        target: { name, node },
        request,
        timeout: limit,
      }).then(
        (reply) => ({ reply }),
        (error: unknown) => {
          if (error instanceof CallError) return null;
          throw error;
        },
      ),
    ),
  );
  const replies: (readonly [string, unknown])[] = [];
  const badNodes: string[] = [];
  for (const [at, node] of asked.entries()) {
    const outcome = outcomes[at];
    if (outcome === null || outcome === undefined) badNodes.push(node);
    else replies.push([node, outcome.reply]);
  }
  return { replies, badNodes };
}

/** Casts to the server of that name on each node; unknown and unreachable ones are no failure. */
export function abcast(context: Context, { name, nodes }: NamedEverywhere, message: unknown): "abcast" {
  for (const node of nodesOf(context, name, nodes)) cast(context, { name, node }, message);
  return "abcast";
}

/**
 * Sends a request and goes on; the response comes as a message of its own, for `waitResponse`, `receiveResponse` or
 * `checkResponse`.
 */
export function sendRequest(context: ProcessContext, server: UntypedTarget, request: unknown): RequestId;
/** The same for servers whose protocol is known. */
export function sendRequest<Server extends ServerTarget, const Type extends RequestTypes<Server>>(
  context: ProcessContext,
  server: Server,
  request: RequestAs<Server, Type>,
): RequestId<ReplyFrom<Server, Type>>;
/** Both. */
export function sendRequest(context: ProcessContext, server: ServerTarget, request: unknown): RequestId {
  return openRequest(context, server, request);
}

function nodesOf(context: Context, name: unknown, nodes: readonly string[] | undefined): readonly string[] {
  if (typeof name !== "string") throw new ArgumentError(`expected the local name of servers. Got: ${show(name)}`);
  if (nodes !== undefined) return nodes;
  const { host, own } = kernelOf(context);
  return [own.name, ...host.list()];
}
