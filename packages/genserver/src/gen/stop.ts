/** Stopping a behaviour in order and waiting for its end (PLIB-5, CALL-14). */
import { isDeepStrictEqual } from "node:util";

import type { Duration } from "@otp/core";
import type { Kernel, ProcessControl } from "@otp/core/internal";

import { pose, Question } from "./call.ts";
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
  return pose(new StopQuestion(kernel, caller, { target, ...plan }), server, "$system");
}

/** A stop: the server's end is its answer. */
class StopQuestion extends Question<"ok"> {
  readonly #reason: unknown;

  constructor(
    kernel: Kernel,
    caller: ProcessControl | null,
    { target, reason, timeout }: StopPlan & { readonly target: ServerTarget },
  ) {
    super(kernel, caller, { operation: "stop", target, request: { type: "stop", reason }, timeout });
    this.#reason = reason;
  }

  override replied(): void {}

  override failed(reason: unknown, isTimeout: boolean): void {
    if (!isTimeout && isDeepStrictEqual(reason, this.#reason)) this.resolve("ok");
    else this.reject(reason);
  }

  override get shown(): unknown {
    return this.#reason;
  }
}
