/** Stopping a behaviour in order and waiting for its end (PLIB-5, CALL-14). */
import { isDeepStrictEqual } from "node:util";

import { type Duration } from "@otp/core";
import { callTimeout } from "@otp/core/internal";

import { callAnd } from "./call.ts";
import type { Context } from "./context.ts";
import type { ServerTarget } from "./server-name.ts";

/** How a server is to be stopped. */
export interface StopPlan {
  readonly reason: unknown;
  readonly timeout: Duration;
}

/**
 * Asks the server to stop with `reason` and resolves to `"ok"` once it has ended so. Rejects with a `CallError`: `noproc`,
 * `calling_self`, `timeout` (the server is left alone), or the reason with which it ended instead.
 */
export function stopServer(context: Context, target: ServerTarget, { reason, timeout }: StopPlan): Promise<"ok"> {
  const request = { type: "stop", reason };
  return callAnd<"ok">(
    context,
    { operation: "stop", type: "$system", target, request, shown: reason, timeout },
    (outcome, { resolve, fail }) => {
      if (outcome.ok) return;
      if (outcome !== callTimeout && isDeepStrictEqual(outcome.reason, reason)) resolve("ok");
      else fail(outcome.reason);
    },
  );
}
