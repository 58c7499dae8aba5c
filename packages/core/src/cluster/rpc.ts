/**
 * `node.rpc`: calling functions on other nodes, after Erlang's module `erpc`; `node.rpc.classic` is its module `rpc`.
 *
 * Each call runs in a process of its own on the node that is called. When the caller gives up, that process is killed, and
 * its abort signal fires; a deadline goes with the call and holds there, too.
 */
import { show } from "../base/show.ts";
import type { Kernel } from "../process/kernel.ts";
import { ClassicRpc } from "./classic-rpc.ts";
import { RpcError } from "./remote-error.ts";
import { type CallEnd, type OpenCall, RpcAgent } from "./rpc-agent.ts";
import {
  type AskedCall,
  type Callable,
  checkCall,
  type CheckedCall,
  type ProcessCallable,
  type RpcLimit,
  type RpcOptions,
} from "./rpc-options.ts";
import { type CallResult, failOf, resultOf } from "./rpc-results.ts";
import { RpcRequest } from "./rpc-request.ts";

/** Calls on other nodes, of one node. Functions must be made by `remote` to be called elsewhere than here. */
export class Rpc {
  /** The older functions, whose failures are values such as `{ badrpc: "nodedown" }`. */
  readonly classic: ClassicRpc;
  readonly #kernel: Kernel;
  #agent: RpcAgent | null = null;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.classic = new ClassicRpc(kernel, (asked, done) => this.#begin(asked, done));
  }

  /**
   * Calls `fn(...args)` on `node` and returns its value. What the function throws that is no `Error` is thrown as it is; all else
   * is a `RemoteError`:
   *
   * - `RemoteExceptionError`: it threw an `Error`, or is not known there (its `error` is an `UndefError`);
   * - `RemoteExitError`: it called `exit(reason)`; `RemoteSignalError`: its process was ended by a signal;
   * - `RpcError`: `timeout`, `noconnection`, `notsup` (the node does not allow it) or `badarg`.
   *
   * After a timeout the function may have run (ERPC-2).
   *
   * @example
   * import { Node, remote } from "@otp/core";
   *
   * const add = remote("math/add", (a: number, b: number) => a + b);
   * const node = await Node.start();
   * await node.rpc.call(node.name, add, [1, 2], 5_000); // => 3
   * await node.stop();
   */
  call<Args extends readonly unknown[], Result>(
    node: string,
    fn: ProcessCallable<Args, Result>,
    args: Args,
    options: RpcOptions & { readonly pass: "self" },
  ): Promise<Awaited<Result>>;
  call<Args extends readonly unknown[], Result>(
    node: string,
    fn: Callable<Args, Result>,
    args: Args,
    limit?: RpcLimit,
  ): Promise<Awaited<Result>>;
  async call(node: string, fn: unknown, args: unknown, limit?: unknown): Promise<unknown> {
    const end = await this.#run({ node, fn, args, limit });
    return end.type === "ok" ? end.value : failOf(node, end);
  }

  /** Calls the function on several nodes at once, under one deadline; what came of it, in the order of `nodes` (ERPC-3). */
  multicall<Args extends readonly unknown[], Result>(
    nodes: readonly string[],
    fn: ProcessCallable<Args, Result>,
    args: Args,
    options: RpcOptions & { readonly pass: "self" },
  ): Promise<CallResult<Awaited<Result>>[]>;
  multicall<Args extends readonly unknown[], Result>(
    nodes: readonly string[],
    fn: Callable<Args, Result>,
    args: Args,
    limit?: RpcLimit,
  ): Promise<CallResult<Awaited<Result>>[]>;
  async multicall(
    nodes: readonly string[],
    fn: unknown,
    args: unknown,
    limit?: unknown,
  ): Promise<CallResult<unknown>[]> {
    const calls = checkNodes(nodes).map((node) => checkCall(this.#kernel.own.name, { node, fn, args, limit }));
    return Promise.all(calls.map(async (call) => resultOf(call.order.node, await this.#runChecked(call))));
  }

  /** Has the function run on `node`, whatever becomes of it; `"ok"`. @throws RpcError `badarg` for malformed arguments. */
  cast<Args extends readonly unknown[]>(node: string, fn: Callable<Args, unknown>, args: Args): "ok" {
    this.#calling().cast(checkCall(this.#kernel.own.name, { node, fn, args }).order);
    return "ok";
  }

  /** Has the function run on several nodes. */
  multicast<Args extends readonly unknown[]>(nodes: readonly string[], fn: Callable<Args, unknown>, args: Args): "ok" {
    for (const node of checkNodes(nodes)) this.cast(node, fn, args);
    return "ok";
  }

  /** Begins a call, to be waited for later (ERPC-4). */
  sendRequest<Args extends readonly unknown[], Result>(
    node: string,
    fn: Callable<Args, Result>,
    args: Args,
  ): RpcRequest<Awaited<Result>> {
    return new RpcRequest(this.#kernel, node, (done) => this.#begin({ node, fn, args }, done));
  }

  /** What came of a call, however it ended. */
  #run(asked: AskedCall): Promise<CallEnd> {
    return this.#runChecked(checkCall(this.#kernel.own.name, asked));
  }

  #runChecked(call: CheckedCall): Promise<CallEnd> {
    const { signal } = call;
    return new Promise((resolve, reject) => {
      if (signal === undefined) {
        this.#start(call, resolve);
        return;
      }
      const giveUp = (): void => {
        open?.cancel();
        reject(signal.reason);
      };
      const open = signal.aborted
        ? null
        : this.#start(call, (end) => {
            signal.removeEventListener("abort", giveUp);
            resolve(end);
          });
      if (open === null) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  #begin(asked: AskedCall, done: (end: CallEnd) => void): OpenCall {
    return this.#start(checkCall(this.#kernel.own.name, asked), done);
  }

  #start({ order }: CheckedCall, done: (end: CallEnd) => void): OpenCall {
    return this.#calling().call({ ...order, done });
  }

  #calling(): RpcAgent {
    if (this.#agent === null || !this.#agent.isAlive) this.#agent = new RpcAgent(this.#kernel);
    return this.#agent;
  }
}

function checkNodes(nodes: unknown): readonly string[] {
  if (Array.isArray(nodes) && nodes.every((node) => typeof node === "string")) return nodes;
  throw new RpcError("", "badarg", `expected the names of nodes. Got: ${show(nodes)}`);
}
