/** What a call on another node is asked for with, checked (ERPC-2: malformed arguments are `badarg`). */
import { show } from "../base/show.ts";
import type { Process } from "../process/process.ts";
import { isRemoteFunction } from "../term/remote-function.ts";
import { RpcError } from "./remote-error.ts";
import type { CallOrder } from "./rpc-agent.ts";

/** How a call may be varied. */
export interface RpcOptions {
  /** How long to wait, in ms. Default: for ever. */
  readonly timeoutMs?: number | "infinity";
  /**
   * `"self"` puts the process that runs the function in front of its arguments: `self.signal` is aborted when the caller gives
   * up.
   */
  readonly pass?: "self";
  /** Gives the call up when it is aborted, as `self.signal` is at the end of a process. */
  readonly signal?: AbortSignal;
}

/** A timeout, or more, of a call whose function gets its arguments only. */
export type RpcLimit = number | "infinity" | Omit<RpcOptions, "pass">;

/** A function that can be called: on other nodes one made by `remote`, on the own node any. */
export type Callable<Args extends readonly unknown[], Result> = (...args: Args) => Result;

/** A function that gets its process in front. */
export type ProcessCallable<Args extends readonly unknown[], Result> = Callable<readonly [Process, ...Args], Result>;

/** A call that makes sense. */
export interface CheckedCall {
  readonly order: Omit<CallOrder, "done">;
  readonly signal: AbortSignal | undefined;
}

/** A call, as it is asked for. */
export interface AskedCall {
  readonly node: unknown;
  readonly fn: unknown;
  readonly args: unknown;
  readonly limit?: unknown;
}

/** @throws RpcError `badarg` that says what is wrong. */
export function checkCall(own: string, { node, fn, args, limit }: AskedCall): CheckedCall {
  if (typeof node !== "string") throw badarg(own, `expected the name of a node. Got: ${show(node)}`);
  if (!isFunction(fn)) throw badarg(node, `expected a function to call. Got: ${show(fn)}`);
  if (node !== own && !isRemoteFunction(fn))
    throw badarg(node, `expected a function made by remote("name", …), since code does not travel. Got: ${show(fn)}`);
  if (!Array.isArray(args)) throw badarg(node, `expected the arguments as an array. Got: ${show(args)}`);
  const options = readLimit(node, limit);
  const { timeoutMs = "infinity", pass, signal } = options;
  if (timeoutMs !== "infinity" && !(Number.isFinite(timeoutMs) && timeoutMs >= 0))
    throw badarg(node, `expected a timeout in milliseconds, or "infinity". Got: ${show(timeoutMs)}`);
  if (pass !== undefined && pass !== "self") throw badarg(node, `expected pass to be "self". Got: ${show(pass)}`);
  const order = {
    node,
    fn,
    args: [...(args as readonly unknown[])],
    passesSelf: pass === "self",
    timeoutMs: timeoutMs === "infinity" ? null : timeoutMs,
  };
  return { order, signal };
}

function readLimit(node: string, limit: unknown): RpcOptions {
  if (limit === undefined) return {};
  if (typeof limit === "number" || limit === "infinity") return { timeoutMs: limit };
  if (isOptions(limit)) return limit;
  throw badarg(node, `expected a timeout in milliseconds, "infinity" or options. Got: ${show(limit)}`);
}

function isOptions(limit: unknown): limit is RpcOptions {
  return typeof limit === "object" && limit !== null;
}

function isFunction(fn: unknown): fn is (...args: never) => unknown {
  return typeof fn === "function";
}

function badarg(node: string, message: string): RpcError {
  return new RpcError(node, "badarg", message);
}
