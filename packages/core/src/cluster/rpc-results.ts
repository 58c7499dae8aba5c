/** What came of calls, as values and as errors. */
import { formatReason } from "../process/format-reason.ts";
import {
  RemoteExceptionError,
  RemoteExitError,
  RemoteSignalError,
  RpcError,
  type RemoteError,
} from "./remote-error.ts";
import type { CallEnd } from "./rpc-agent.ts";

/** What one node of a `multicall` has given (ERPC-3). */
export type CallResult<Value> =
  | { readonly type: "ok"; readonly value: Value }
  | { readonly type: "throw"; readonly value: unknown }
  /** `{ exception: reason }` or `{ signal: reason }`. */
  | { readonly type: "exit"; readonly reason: unknown }
  /** `{ exception: error }`, or `{ erpc: failure }` when there is no answer of the function's own. */
  | { readonly type: "error"; readonly reason: unknown };

/** The end of a call as a value. */
export function resultOf(node: string, end: CallEnd): CallResult<unknown> {
  if (end.type === "ok" || end.type === "throw") return end;
  const { reason } = errorOf(node, end);
  return end.type === "exit" || end.type === "signal" ? { type: "exit", reason } : { type: "error", reason };
}

/** Fails as the end of a call calls for; what was thrown there is thrown here as it is. */
export function failOf(node: string, end: Exclude<CallEnd, { readonly type: "ok" }>): Promise<never> {
  return Promise.reject(end.type === "throw" ? end.value : errorOf(node, end));
}

function errorOf(node: string, end: Exclude<CallEnd, { readonly type: "ok" | "throw" }>): RemoteError {
  switch (end.type) {
    case "error":
      return new RemoteExceptionError(node, end.error);
    case "exit":
      return new RemoteExitError(node, { exception: end.reason }, { message: `exit: ${formatReason(end.reason)}` });
    case "signal":
      return new RemoteSignalError(node, { signal: end.reason }, { message: `ended by ${formatReason(end.reason)}` });
    case "failure":
      return new RpcError(node, end.failure);
  }
}
