/** Erlang's older module `rpc`: failures are values, and what was thrown is indistinguishable from what was returned (RPC-1). */
import type { Kernel } from "../process/kernel.ts";
import { Alarm } from "./patience.ts";
import type { CallEnd, OpenCall } from "./rpc-agent.ts";
import type { AskedCall, Callable } from "./rpc-options.ts";

/** A call that failed: `"timeout"`, `"nodedown"`, or the exit reason, which is an `Error` when one was thrown. */
export interface BadRpc {
  readonly badrpc: "timeout" | "nodedown" | "notsup" | "badarg" | { readonly EXIT: unknown };
}

/** What `multicall` gives: the results of the nodes that were reached, in order, and the names of the others (RPC-2). */
export interface ClassicResults<Value> {
  readonly results: readonly (Value | BadRpc)[];
  readonly badNodes: readonly string[];
}

type Begin = (asked: AskedCall, done: (end: CallEnd) => void) => OpenCall;

/** An asynchronous call, to be given to `yield` or `nbYield`. */
export interface AsyncCall<Value> {
  readonly result: Promise<Value | BadRpc>;
}

/** The functions of `node.rpc.classic`. */
export class ClassicRpc {
  readonly #kernel: Kernel;
  readonly #begin: Begin;

  constructor(kernel: Kernel, begin: Begin) {
    this.#kernel = kernel;
    this.#begin = begin;
  }

  /** Calls `fn(...args)` on `node`; gives its value, what it threw, or a `BadRpc`. */
  call<Args extends readonly unknown[], Result>(
    node: string,
    fn: Callable<Args, Result>,
    args: Args,
    timeoutMs: number | "infinity" = "infinity",
  ): Promise<Awaited<Result> | BadRpc> {
    return new Promise((resolve) => {
      // What the other node gives is of the type that its function has here.
      this.#begin({ node, fn, args, limit: timeoutMs }, (end) =>
        resolve(classicResult(end) as Awaited<Result> | BadRpc),
      );
    });
  }

  /** Calls the function on several nodes at once (RPC-2). */
  async multicall<Args extends readonly unknown[], Result>(
    nodes: readonly string[],
    fn: Callable<Args, Result>,
    args: Args,
    timeoutMs: number | "infinity" = "infinity",
  ): Promise<ClassicResults<Awaited<Result>>> {
    const all = await Promise.all(
      nodes.map(async (node) => ({ node, result: await this.call(node, fn, args, timeoutMs) })),
    );
    const isBad = ({ result }: { readonly result: unknown }): boolean => isBadRpc(result) && isUnreached(result);
    return {
      results: all.filter((one) => !isBad(one)).map(({ result }) => result),
      badNodes: all.filter(isBad).map(({ node }) => node),
    };
  }

  /** Begins a call; `yield` and `nbYield` wait for it. */
  asyncCall<Args extends readonly unknown[], Result>(
    node: string,
    fn: Callable<Args, Result>,
    args: Args,
  ): AsyncCall<Awaited<Result>> {
    return { result: this.call(node, fn, args) };
  }

  /** Waits for an asynchronous call. */
  yield<Value>({ result }: AsyncCall<Value>): Promise<Value | BadRpc> {
    return result;
  }

  /** Waits for an asynchronous call up to `timeoutMs`; after `"timeout"` it can be waited for again. */
  nbYield<Value>(
    { result }: AsyncCall<Value>,
    timeoutMs: number = 0,
  ): Promise<{ readonly value: Value | BadRpc } | "timeout"> {
    const { timers } = this.#kernel;
    return new Promise((resolve, reject) => {
      const alarm = new Alarm(() => resolve("timeout"));
      timers.start(alarm, timeoutMs);
      result.then((value) => {
        timers.cancel(alarm);
        resolve({ value });
      }, reject);
    });
  }
}

/** Whether a result is a failure. */
export function isBadRpc(result: unknown): result is BadRpc {
  return typeof result === "object" && result !== null && "badrpc" in result;
}

function isUnreached({ badrpc }: BadRpc): boolean {
  return badrpc === "nodedown" || badrpc === "timeout";
}

function classicResult(end: CallEnd): unknown {
  switch (end.type) {
    case "ok":
    case "throw":
      return end.value;
    case "exit":
    case "signal":
      return { badrpc: { EXIT: end.reason } };
    case "error":
      return { badrpc: { EXIT: end.error } };
    case "failure":
      return { badrpc: end.failure === "noconnection" ? "nodedown" : end.failure };
  }
}
