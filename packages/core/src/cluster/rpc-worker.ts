/** What runs a call on the node that is called: the function in a process of its own, with a deadline (ERPC-2). */
import { ArgumentError, CodecError, ExitError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { ProcessControl } from "../process/control.ts";
import type { Process } from "../process/process.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { isRemoteFunction, remote, type RemoteFunction, remoteTerm } from "../term/remote-function.ts";
import { Alarm } from "./patience.ts";

/** What a function has done. */
export type Outcome =
  | { readonly type: "ok"; readonly value: unknown }
  /** It threw something that is no `Error`. */
  | { readonly type: "throw"; readonly value: unknown }
  | { readonly type: "exit"; readonly reason: unknown }
  | { readonly type: "error"; readonly error: Error };

/** One call, as it travels. */
export interface RpcOrder {
  readonly fn: (...args: never) => unknown;
  readonly args: readonly unknown[];
  /** Whether the process goes in front of the arguments. */
  readonly passesSelf: boolean;
  /** How long the function may run; null for ever. */
  readonly timeoutMs: number | null;
  /** Who waits for the outcome, null for nobody. */
  readonly caller: { readonly pid: Pid; readonly ref: Ref } | null;
}

/** The message that brings an outcome. */
export interface RpcReply {
  readonly type: "rpc_reply";
  readonly ref: Ref;
  readonly outcome: Outcome;
}

/** The code of a process that runs one call. */
export const runOrder: RemoteFunction<(self: Process, order: RpcOrder) => Promise<void>> = remote(
  "otp/rpc/run",
  async (self: Process, given: RpcOrder): Promise<void> => {
    const order = checkOrder(given);
    const { caller, timeoutMs } = order;
    if (timeoutMs !== null && self instanceof ProcessControl) {
      // The caller has its own clock; this one counts when the connection is slow, or the caller gone.
      const deadline = new Alarm(() => self.terminate("timeout"));
      self.ownTimer(deadline);
      self.kernel.timers.start(deadline, timeoutMs);
    }
    const outcome = await outcomeOf(self, order);
    if (caller === null) return;
    const message: RpcReply = { type: "rpc_reply", ref: caller.ref, outcome };
    try {
      self.send(caller.pid, message);
    } catch (error) {
      // The value, or the error, is of a kind that does not travel.
      if (!(error instanceof CodecError)) throw error;
      self.send(caller.pid, { ...message, outcome: { type: "error", error } });
    }
  },
);

/** What runs other functions: calls, and the tasks of the behaviours. */
const runners: ReadonlySet<string> = new Set([runOrder[remoteTerm].name, "otp/task/run"]);

/** The function that a spawn request is about: one that has a function run is about that. */
export function spawnedName(name: string, args: readonly unknown[]): string {
  const [order] = args;
  if (!runners.has(name) || typeof order !== "object" || order === null || !("fn" in order)) return name;
  return isRemoteFunction(order.fn) ? order.fn[remoteTerm].name : name;
}

/** An order that may have come from another node. @throws ArgumentError for what is none. */
function checkOrder(given: unknown): RpcOrder {
  if (isOrder(given)) return given;
  throw new ArgumentError(`expected the order of a call. Got: ${show(given)}`);
}

function isOrder(value: unknown): value is RpcOrder {
  if (typeof value !== "object" || value === null) return false;
  if (!("fn" in value && "args" in value && "passesSelf" in value && "timeoutMs" in value && "caller" in value))
    return false;
  const { fn, args, passesSelf, timeoutMs, caller } = value;
  if (typeof fn !== "function" || !Array.isArray(args) || typeof passesSelf !== "boolean") return false;
  // One that is no number would stop the clock of the whole node.
  const isLimit = timeoutMs === null || (typeof timeoutMs === "number" && Number.isFinite(timeoutMs) && timeoutMs >= 0);
  return isLimit && (caller === null || isCaller(caller));
}

function isCaller(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("pid" in value && "ref" in value)) return false;
  return value.pid instanceof Pid && value.ref instanceof Ref;
}

/** Whether a message is a reply; it comes from another node. */
export function isRpcReply(message: unknown): message is RpcReply {
  if (typeof message !== "object" || message === null || !("outcome" in message) || !("ref" in message)) return false;
  const { outcome, ref } = message;
  if (typeof outcome !== "object" || outcome === null || !("type" in outcome) || !(ref instanceof Ref)) return false;
  switch (outcome.type) {
    case "ok":
    case "throw":
      return "value" in outcome;
    case "exit":
      return "reason" in outcome;
    case "error":
      return "error" in outcome && outcome.error instanceof Error;
    default:
      return false;
  }
}

async function outcomeOf(self: Process, { fn, args, passesSelf }: RpcOrder): Promise<Outcome> {
  try {
    const value: unknown = await Reflect.apply(fn, undefined, passesSelf ? [self, ...args] : args);
    return { type: "ok", value };
  } catch (error) {
    if (error instanceof ExitError && !error.isCrash) return { type: "exit", reason: error.exitReason };
    return error instanceof Error ? { type: "error", error } : { type: "throw", value: error };
  }
}
