/**
 * Asking a server and waiting for its answer: what `call`, `stop` and every function of `sys` are made of.
 *
 * One `PendingCall` of the kernel does it all, for servers here and on other nodes: the first of reply, server's end, lost
 * connection and timeout ends it, and nothing of it is left behind (CALL-1, G1). Failures are settled through the run
 * queue like successes, so that a loop of failing calls starves nobody (JS-12).
 */
import { type Duration } from "@otp/core";
import { type Kernel, PendingCall, ProcessControl } from "@otp/core/internal";

import { callError } from "./call-error.ts";
import { callerOf, type Context, kernelOf } from "./context.ts";
import { findServer, type Found, type ServerTarget } from "./server-name.ts";

/** How a request is tagged in the server's mailbox: `$system` is what every behaviour answers (`sys`, `stop`). */
export type CallType = "$gen_call" | "$system";

/** What is asked, of whom, and for how long. */
export interface CallPlan {
  /** The name of the function, for the error. */
  readonly operation: string;
  readonly target: ServerTarget;
  readonly request: unknown;
  readonly timeout: Duration;
  /** Whether the request is isolated already (JS-6). */
  readonly isIsolated?: boolean;
}

/** A call whose outcome settles a promise; subclasses may judge the outcome in their own way. */
export class Question<Value> extends PendingCall {
  readonly operation: string;
  readonly target: ServerTarget;
  readonly timeout: Duration;
  readonly promise: Promise<Value>;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(kernel: Kernel, caller: ProcessControl | null, plan: CallPlan) {
    super(kernel, caller, plan.isIsolated === true ? plan.request : kernel.isolate(plan.request));
    const { deferral } = kernel;
    this.operation = plan.operation;
    this.target = plan.target;
    this.timeout = plan.timeout;
    // Settled by what a server is trusted to reply.
    this.promise = deferral.fallible() as Promise<Value>;
    this.#resolve = deferral.take();
    this.#reject = deferral.takeReject();
  }

  override replied(value: unknown): void {
    this.#resolve(value);
  }

  override failed(reason: unknown, _isTimeout: boolean): void {
    this.reject(reason);
  }

  resolve(value: Value): void {
    this.#resolve(value);
  }

  /** What the error shows as the request. */
  get shown(): unknown {
    return this.request;
  }

  /** Rejects with `failure` as it is. */
  refuse(failure: unknown): void {
    // Whoever waits in a process hears of it; if nobody waits, the failure must not end the whole program (JS-9).
    if (this.caller !== null) this.promise.catch(nobody);
    this.#reject(failure);
  }

  /** Rejects with the `CallError` of that reason. */
  reject(reason: unknown): void {
    const { operation, target, timeout } = this;
    this.refuse(callError(reason, { operation, target, request: this.shown, timeoutMs: timeout }));
  }
}

function nobody(): void {}

/** Sends `plan.request` as a call of a server, and waits for its reply. */
export function callServer(context: Context, plan: CallPlan): Promise<unknown> {
  const kernel = kernelOf(context);
  const caller = callerOf(context);
  const server = findServer(kernel, plan.target);
  return pose(new Question<unknown>(kernel, caller, plan), server, "$gen_call");
}

/** Puts a question on its way and gives its promise, which is rejected when the question cannot be sent. */
export function pose<Value>(question: Question<Value>, server: Found, type: CallType): Promise<Value> {
  if (type === "$gen_call" && server instanceof ProcessControl && server !== question.caller) {
    question.open(server, question.timeout);
    return question.promise;
  }
  try {
    openCall(question, server, { type, timeout: question.timeout });
  } catch (error) {
    question.refuse(error);
  }
  return question.promise;
}

/**
 * Puts a call on its way, or ends it at once where there is nobody to ask.
 *
 * @throws CodecError when it cannot be sent to the server's node.
 */
export function openCall(
  call: PendingCall,
  server: Found,
  { type, timeout }: { readonly type: CallType; readonly timeout: Duration },
): void {
  if (server === null) call.fail("noproc");
  else if (server === call.caller) call.fail("calling_self");
  else if (!(server instanceof ProcessControl)) call.openRemote(server, type, timeout);
  else if (type === "$gen_call") call.open(server, timeout);
  else {
    call.watch(server, timeout);
    server.accept({ type, from: call, request: call.request });
  }
}
