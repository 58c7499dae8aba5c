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
  callTimeout,
  keepMonitor,
  type ProcessControl,
  SettledCall,
  show,
  watch,
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
  const origin = originFrom(starter, { name, initialCall, isLinked: tie === "link" });
  const child = kernel.spawnFor((self) => makeBody(self, origin), starter?.groupLeader ?? kernel.leader);
  if (typeof name === "string") registerOrDiscard(child, name);
  const ref = starter === null ? kernel.noRef : tieTo(starter, child, tie);
  return { starter, child, ref };
}

/**
 * Waits until the new process acknowledges its start, and resolves to what it says. Rejects with a `StartError` when it
 * refuses, ends before, or takes too long; then it is killed (PLIB-3).
 */
export function awaitStart({ starter, child }: Born, timeout: Duration): Promise<unknown> {
  return settledBy((settle) => {
    const starting = new StartCall(child.kernel, starter, undefined, (outcome) => {
      if (outcome.ok) {
        settle(outcome.reply instanceof Refusal ? outcome.reply : { value: outcome.reply });
        return;
      }
      if (outcome === callTimeout) discard(child, starter);
      else forgetExit(starter, child.pid);
      settle(new Refusal(outcome.reason));
    });
    starting.watch(child, timeout);
  });
}

/** A start that fails before any process is made. */
export function refuseStart(context: Context, reason: unknown): Promise<unknown> {
  const kernel = kernelOf(context);
  const starter = callerOf(context);
  return settledBy((settle) => {
    new StartCall(kernel, starter, undefined, () => settle(new Refusal(reason))).fail(reason);
  });
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

/** A start that waits for its acknowledgement. */
class StartCall extends SettledCall {}

function startError(reason: unknown): StartError {
  const why = reason instanceof Error ? formatReason(reason) : show(reason);
  return new StartError(reason, `the process could not be started: ${why}`, { cause: reason });
}

type Settle = (result: Refusal | { readonly value: unknown }) => void;

function settledBy(begin: (settle: Settle) => void): Promise<unknown> {
  return new Promise<unknown>((resolve, reject) => {
    begin((result) => {
      if (!(result instanceof Refusal)) {
        resolve(result.value);
        return;
      }
      reject(startError(result.reason));
    });
  });
}

function tieTo(starter: ProcessControl, child: ProcessControl, how: Tie): Ref {
  if (how === "link") {
    addLink(starter, child.pid);
    addLink(child, starter.pid);
  }
  if (how !== "monitor") return starter.kernel.noRef;
  const ref = starter.makeRef();
  keepMonitor(starter, { ref, pid: child.pid, object: child.pid, tag: "DOWN", alias: null });
  watch(child, ref, { pid: starter.pid, name: null });
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
