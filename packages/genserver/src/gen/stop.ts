/** Stopping a behaviour in order and waiting for its end (PLIB-5, CALL-14). */
import { isDeepStrictEqual } from "node:util";

import type { Duration } from "@otp/core";
import type { Kernel, ProcessControl } from "@otp/core/internal";

import { type CallPlan, pose, Question } from "./call.ts";
import { callerOf, type Context, kernelOf } from "./context.ts";
import { findServer, type ServerTarget } from "./server-name.ts";

/** How a server is to be stopped. */
export interface StopPlan {
  readonly reason: unknown;
  readonly timeout: Duration;
}

/**
 * Asks the server to stop with `reason` and resolves to `"ok"` once it has ended so. Rejects with a `CallError`: `noproc`,
 * `calling_self`, `timeout` (the server is left alone), or the reason with which it ended instead.
 */
export function stopServer(context: Context, target: ServerTarget, plan: StopPlan): Promise<"ok"> {
  const kernel = kernelOf(context);
  const caller = callerOf(context);
  const server = findServer(kernel, target);
  return pose(new StopQuestion(kernel, caller, planOf(target, plan)), server, "$system");
}

interface StopRequest {
  readonly type: "stop";
  readonly reason: unknown;
}

function planOf(target: ServerTarget, { reason, timeout }: StopPlan): CallPlan & { readonly request: StopRequest } {
  return { operation: "stop", target, request: { type: "stop", reason }, timeout };
}

/** A stop: the server's end is its answer. */
class StopQuestion extends Question<"ok"> {
  readonly #reason: unknown;

  constructor(kernel: Kernel, caller: ProcessControl | null, plan: CallPlan & { readonly request: StopRequest }) {
    super(kernel, caller, plan);
    this.#reason = plan.request.reason;
  }

  override replied(): void {}

  override failed(reason: unknown, isTimeout: boolean): void {
    if (!isTimeout && (reason === this.#reason || isDeepStrictEqual(reason, this.#reason))) this.resolve("ok");
    else this.reject(reason);
  }

  override get shown(): unknown {
    return this.#reason;
  }
}
