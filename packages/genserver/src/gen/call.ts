/**
 * Asking a server and waiting for its answer: what `call`, `stop` and every function of `sys` are made of.
 *
 * One `PendingCall` of the kernel does it all, for servers here and on other nodes: the first of reply, server's end, lost
 * connection and timeout ends it, and nothing of it is left behind (CALL-1, G1). Failures are settled through the run
 * queue like successes, so that a loop of failing calls starves nobody (JS-12).
 */
import { type Duration } from "@otp/core";
import { type CallOutcome, PendingCall, ProcessControl } from "@otp/core/internal";

import { callError } from "./call-error.ts";
import { callerOf, type Context, kernelOf } from "./context.ts";
import { findServer, type Found, type ServerTarget } from "./server-name.ts";

/** What is asked, of whom, and for how long. */
export interface CallPlan {
  /** The name of the function, for the error. */
  readonly operation: string;
  /** How the request is tagged in the server's mailbox. */
  readonly type: "$gen_call" | "$system";
  readonly target: ServerTarget;
  readonly request: unknown;
  readonly timeout: Duration;
  /** Whether the request is isolated already (JS-6). */
  readonly isIsolated?: boolean;
  /** What the error shows as the request, where it is not the request itself. */
  readonly shown?: unknown;
}

/** Sends the request and waits: the reply, or a rejection with a `CallError`. */
export function callServer(context: Context, plan: CallPlan): Promise<unknown> {
  return callAnd<unknown>(context, plan, (outcome, { resolve, fail }) => {
    if (outcome.ok) resolve(outcome.reply);
    else fail(outcome.reason);
  });
}

/** How the promise of a call is settled. */
export interface Verdict<Value> {
  readonly resolve: (value: Value) => void;
  /** Rejects with the `CallError` of that reason. */
  readonly fail: (reason: unknown) => void;
}

/** Like `callServer`, for callers that judge the outcome themselves. */
export function callAnd<Value>(
  context: Context,
  plan: CallPlan,
  judge: (outcome: CallOutcome, verdict: Verdict<Value>) => void,
): Promise<Value> {
  const kernel = kernelOf(context);
  const caller = callerOf(context);
  const server = findServer(kernel, plan.target);
  const promise = new Promise<Value>((resolve, reject) => {
    const fail = (reason: unknown): void => {
      // Whoever waits in a process hears of it; if nobody waits, the failure must not end the whole program (JS-9).
      if (caller !== null) promise.catch(() => undefined);
      const { operation, target, timeout } = plan;
      reject(callError(reason, { operation, target, request: plan.shown ?? plan.request, timeoutMs: timeout }));
    };
    const request = plan.isIsolated === true ? plan.request : kernel.isolate(plan.request);
    const call = new PendingCall(kernel, caller, request, (outcome) => {
      judge(outcome, { resolve, fail });
    });
    openCall(call, server, { type: plan.type, timeout: plan.timeout, caller });
  });
  return promise;
}

/** Puts a call on its way, or ends it at once where there is nobody to ask. */
export function openCall(
  call: PendingCall,
  server: Found,
  {
    type,
    timeout,
    caller,
  }: {
    readonly type: "$gen_call" | "$system";
    readonly timeout: Duration;
    readonly caller: ProcessControl | null;
  },
): void {
  if (server === null) call.close({ ok: false, reason: "noproc" });
  else if (server === caller) call.close({ ok: false, reason: "calling_self" });
  else if (!(server instanceof ProcessControl)) call.openRemote(server, type, timeout);
  else if (type === "$gen_call") call.open(server, timeout);
  else {
    call.watch(server, timeout);
    server.accept({ type, from: call, request: call.request });
  }
}
