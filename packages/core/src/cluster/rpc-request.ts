/** A call that was begun and is waited for later (ERPC-4). */
import type { Kernel } from "../process/kernel.ts";
import { Alarm } from "./patience.ts";
import type { CallEnd, OpenCall } from "./rpc-agent.ts";
import { failOf } from "./rpc-results.ts";

/** A response that is there. */
export interface RpcResponse<Value> {
  readonly response: Value;
}

/** One call under way; its outcome is given once, to whoever asks first. */
export class RpcRequest<Value> {
  readonly #kernel: Kernel;
  readonly #node: string;
  readonly #open: OpenCall;
  #end: CallEnd | null = null;
  readonly #waiting = new Set<() => void>();

  constructor(kernel: Kernel, node: string, begin: (done: (end: CallEnd) => void) => OpenCall) {
    this.#kernel = kernel;
    this.#node = node;
    this.#open = begin((end) => {
      this.#end = end;
      for (const resume of this.#waiting) resume();
    });
  }

  /** Waits for the outcome, which fails as `call` does; after `timeoutMs` the call is given up (`RpcError` `timeout`). */
  async receiveResponse(timeoutMs: number | "infinity" = "infinity"): Promise<Value> {
    await this.#wait(timeoutMs);
    if (this.#end === null) {
      this.#open.cancel();
      this.#end = { type: "failure", failure: "timeout" };
    }
    return this.#take(this.#end);
  }

  /** Waits for the outcome up to `timeoutMs`; `"no_response"` leaves the call as it is. */
  async waitResponse(timeoutMs: number | "infinity" = 0): Promise<RpcResponse<Value> | "no_response"> {
    await this.#wait(timeoutMs);
    return this.#end === null ? "no_response" : { response: await this.#take(this.#end) };
  }

  /** Looks whether the outcome is there. */
  checkResponse(): Promise<RpcResponse<Value> | "no_response"> {
    return this.waitResponse(0);
  }

  #wait(timeoutMs: number | "infinity"): Promise<void> {
    if (this.#end !== null || timeoutMs === 0) return Promise.resolve();
    const { timers } = this.#kernel;
    return new Promise((resolve) => {
      const resume = (): void => {
        this.#waiting.delete(resume);
        timers.cancel(alarm);
        resolve();
      };
      const alarm = new Alarm(resume);
      this.#waiting.add(resume);
      if (timeoutMs !== "infinity") timers.start(alarm, timeoutMs);
    });
  }

  async #take(end: CallEnd): Promise<Value> {
    if (end.type !== "ok") return failOf(this.#node, end);
    // What the other node gives is of the type that its function has here.
    return end.value as Value;
  }
}
