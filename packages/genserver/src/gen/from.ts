/** The caller of a request, as the server sees it, and answering it (GS-19, CALL-9). */
import { ArgumentError, Pid, Ref } from "@otp/core";
import { PendingCall, show } from "@otp/core/internal";

/** Who asked. It may be kept, and sent to other processes and nodes, until somebody answers. */
export interface From<in Reply = unknown> {
  /** The calling process; for code outside any process a pid that no process has. */
  readonly pid: Pid;
  /** Only for the type. */
  readonly "~reply"?: (reply: Reply) => void;
}

/** A caller in a message that has crossed nodes. */
export interface RemoteFrom extends From {
  readonly type: "$from";
  readonly alias: Ref;
}

/** True for what a caller on another node is known by. */
export function isRemoteFrom(value: unknown): value is RemoteFrom {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    value.pid instanceof Pid &&
    "alias" in value &&
    value.alias instanceof Ref
  );
}

/**
 * Answers a call, from the server or from any other process, also on another node. The first answer counts; later ones, and
 * answers to callers that are gone or wait no longer, are dropped.
 *
 * @example
 * import { GenServer, noreply, ok, replyTo, type Call, type From } from "@otp/genserver";
 *
 * class Waiter extends GenServer<From<string>[], { call: Call<"wait", string>; cast: { type: "release" } }> {
 *   override init() {
 *     return ok([]);
 *   }
 *   override handleCall(_request: Call<"wait", string>, from: From<string>, waiting: From<string>[]) {
 *     return noreply([...waiting, from]);
 *   }
 *   override handleCast(_message: { type: "release" }, waiting: From<string>[]) {
 *     for (const from of waiting) replyTo(from, "released");
 *     return noreply([]);
 *   }
 * }
 */
export function replyTo<Reply>(from: From<Reply>, value: Reply): "ok" {
  if (from instanceof PendingCall) from.reply(from.kernel.isolate(value));
  else if (isRemoteFrom(from)) from.alias.home.table.courier?.sendToAlias(from.alias, value);
  else throw new ArgumentError(`expected the from of a call to reply to. Got: ${show(from)}`);
  return "ok";
}

/** Who a caller is, for reports. */
export function describeClient(from: From, node: string): Readonly<Record<string, unknown>> {
  const { pid } = from;
  if (pid.node !== node) return { client: String(pid), clientStatus: `remote on node ${pid.node}` };
  if (pid.number === 0) return { client: String(pid), clientStatus: "outside any process" };
  return { client: String(pid), clientStatus: pid.resident === null ? "dead" : "alive" };
}
