/**
 * Waiting for a new process to say that it is ready (PLIB-1), for behaviours and for plain functions.
 *
 * A start is a `PendingCall` in the new process's list of open calls: the acknowledgement is its reply, the process's end
 * before that ends it, and nothing is acknowledged twice (G4). Failures, too, come through the run queue (JS-12).
 */
import { ArgumentError, type Duration, formatReason, type Pid, type Ref, StartError } from "@otp/core";
import {
  addLink,
  type Body,
  monitorLocal,
  type Kernel,
  PendingCall,
  type ProcessControl,
  show,
} from "@otp/core/internal";

import { callerOf, type Context, kernelOf } from "./context.ts";
import { type Origin, originFrom } from "./origin.ts";
import type { ServerName } from "./server-name.ts";

/** How the starter is tied to the new process. */
export type Tie = "none" | "link" | "monitor";

/** A process to be started. */
export interface Birth {
  readonly makeBody: (self: ProcessControl, origin: Origin) => Body;
  /** For reports, such as `Counter.init`. */
  readonly initialCall: string;
  readonly tie: Tie;
  readonly name: ServerName | null;
}

/** A process that has been started. */
export interface Born {
  readonly starter: ProcessControl | null;
  readonly child: ProcessControl;
  /** Of the monitor, if one was wanted. */
  readonly ref: Ref;
}

/** The acknowledgement of a start that has failed. */
class Refusal {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** Starts a process, gives it its local name and ties it to the starter. */
export function bear(context: Context, { makeBody, initialCall, tie, name }: Birth): Born {
  const kernel = kernelOf(context);
  const starter = callerOf(context);
  if (tie !== "none" && starter === null) {
    throw new ArgumentError(`expected the calling process (self) to ${tie} to the new one. Got: ${show(context)}`);
  }
  const origin = originFrom(starter, { name, initialCall, hasParent: tie !== "none" });
  const child = kernel.spawnFor(makeBody, origin, starter?.groupLeader ?? kernel.leader);
  if (typeof name === "string") registerOrDiscard(child, name);
  const ref = starter === null ? kernel.noRef : tieTo(starter, child, tie);
  return { starter, child, ref };
}

/** A process that has been started with a monitor, as its start function gives it. */
export interface Started {
  readonly pid: Pid;
  readonly ref: Ref;
}

/**
 * Waits until the new process acknowledges its start, and resolves to what it says. Rejects with a `StartError` when it
 * refuses, ends before, or takes too long; then it is killed (PLIB-3).
 */
export function awaitStart(born: Born, timeout: Duration): Promise<unknown> {
  return waitFor(new StartCall(born, "value"), timeout);
}

/** The same, and resolves to the pid. */
export function awaitPid(born: Born, timeout: Duration): Promise<Pid> {
  return waitFor(new StartCall(born, "pid"), timeout) as Promise<Pid>;
}

/** The same for a process that is monitored, if only while its start goes well. */
export function awaitMonitored(born: Born, timeout: Duration): Promise<Started> {
  return waitFor(new StartCall(born, "monitored"), timeout) as Promise<Started>;
}

/** A start that fails before any process is made; told in a turn of its own, as failures of processes are. */
export function refuseStart(context: Context, reason: unknown): Promise<never> {
  const refusal = new RefusedStart(kernelOf(context), callerOf(context), reason);
  refusal.fail(reason);
  return refusal.promise;
}

/** Acknowledges the start of this process with `value`; without effect when that has been done (G4). */
export function acknowledge(self: ProcessControl, value: unknown): void {
  // The start is the oldest call of all.
  for (let call = self.calls; call !== null; call = call.olderCall) {
    if (call instanceof StartCall) {
      call.reply(value);
      return;
    }
  }
}

/** Has the start of this process fail with `reason`. */
export function refuse(self: ProcessControl, reason: unknown): void {
  acknowledge(self, new Refusal(reason));
}

/** What a start gives: what the process has said, its pid, or that and the monitor. */
type Gift = "value" | "pid" | "monitored";

/** A start that waits for its acknowledgement, and settles the promise of the start function. */
class StartCall extends PendingCall {
  readonly promise: Promise<unknown>;
  readonly #born: Born;
  readonly #gift: Gift;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;

  constructor(born: Born, gift: Gift) {
    const { kernel } = born.child;
    super(kernel, born.starter, undefined);
    this.#born = born;
    this.#gift = gift;
    this.promise = kernel.deferral.fallible();
    this.#resolve = kernel.deferral.take();
    this.#reject = kernel.deferral.takeReject();
  }

  /** The process that is to acknowledge. */
  get child(): ProcessControl {
    return this.#born.child;
  }

  override replied(value: unknown): void {
    const { child, ref } = this.#born;
    if (value instanceof Refusal) this.refuse(value.reason);
    else if (this.#gift === "value") this.#resolve(value);
    else this.#resolve(this.#gift === "pid" ? child.pid : { pid: child.pid, ref });
  }

  override failed(reason: unknown, isTimeout: boolean): void {
    const { child, starter } = this.#born;
    if (isTimeout) discard(child, starter);
    else forgetExit(starter, child.pid);
    this.refuse(reason);
  }

  refuse(reason: unknown): void {
    const { starter, ref } = this.#born;
    if (this.#gift === "monitored") starter?.demonitor(ref, { flush: true });
    // Whoever waits in a process hears of it; if nobody does, the failure must not end the whole program (JS-9).
    if (starter !== null) this.promise.catch(nobody);
    this.#reject(startError(reason));
  }
}

/** The failure of a start that has made no process. */
class RefusedStart extends PendingCall {
  readonly promise: Promise<never>;
  readonly #reject: (error: unknown) => void;

  constructor(kernel: Kernel, starter: ProcessControl | null, reason: unknown) {
    super(kernel, starter, reason);
    this.promise = kernel.deferral.fallible() as Promise<never>;
    this.#reject = kernel.deferral.takeReject();
  }

  override replied(): void {}

  override failed(reason: unknown): void {
    if (this.caller !== null) this.promise.catch(nobody);
    this.#reject(startError(reason));
  }
}

function nobody(): void {}

function waitFor(call: StartCall, timeout: Duration): Promise<unknown> {
  call.watch(call.child, timeout);
  return call.promise;
}

function startError(reason: unknown): StartError {
  const why = reason instanceof Error ? formatReason(reason) : show(reason);
  return new StartError(reason, `the process could not be started: ${why}`, { cause: reason });
}

function tieTo(starter: ProcessControl, child: ProcessControl, how: Tie): Ref {
  if (how === "link") {
    addLink(starter, child.pid);
    addLink(child, starter.pid);
  }
  if (how !== "monitor") return starter.kernel.noRef;
  const ref = starter.makeRef();
  monitorLocal(starter, child, ref);
  return ref;
}

function registerOrDiscard(child: ProcessControl, name: string): void {
  try {
    child.kernel.register(name, child.pid);
  } catch (error) {
    child.terminate("normal");
    throw error;
  }
}

/** Kills a process that took too long, so that no EXIT of it arrives (PLIB-3). */
function discard(child: ProcessControl, starter: ProcessControl | null): void {
  if (starter !== null) starter.unlink(child.pid);
  child.kernel.endings.end(child, "killed");
}

/** A process that ended without a word is reported by the failing start alone. */
function forgetExit(starter: ProcessControl | null, pid: Pid): void {
  starter?.mailbox?.remove(
    (message) =>
      typeof message === "object" &&
      message !== null &&
      "type" in message &&
      message.type === "EXIT" &&
      "from" in message &&
      message.from === pid,
  );
}
