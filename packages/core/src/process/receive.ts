/**
 * Waiting: for a message, for time to pass, or both.
 *
 * A message that is there already is handed over in a resolved promise without any detour; otherwise the process is
 * resumed by the run queue, the only place that settles a promise of user code.
 */
import { ArgumentError, ConcurrentReceiveError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { nothing, type Predicate } from "../mailbox/mailbox.ts";
import { type Matcher, predicateOf, refOf } from "../mailbox/match.ts";
import { type Task } from "../runtime/runtime.ts";
import { TimerEntry } from "../runtime/timers.ts";
import type { ControlBlock } from "./control-block.ts";
import { type Duration, type ReceiveOptions, TIMEOUT } from "./process.ts";

const everything: Predicate = () => true;
/** Of a process that hibernates: any message wakes it, and stays where it is. */
const peek: Predicate = () => true;

/** The end of a receive's patience. */
class Alarm extends TimerEntry {
  readonly #process: ControlBlock;

  constructor(process: ControlBlock) {
    super();
    this.#process = process;
  }

  override expire(): void {
    this.#process.setOutOfTime(true);
    this.#process.schedule();
  }
}

/** Ends the receive that is in progress, if one is, without settling it. */
export function stopWaiting(process: ControlBlock): void {
  if (process.resolve === null) return;
  process.resolve = null;
  process.wanted = null;
  process.setOutOfTime(false);
  const { parts } = process;
  if (parts === null || parts.alarm === null) return;
  process.kernel.timers.cancel(parts.alarm);
  parts.alarm = null;
}

/** Begins a receive of whatever comes next. */
export function receiveAny(process: ControlBlock): Promise<unknown> {
  process.assertAlive();
  if (process.resolve !== null) return Promise.reject(concurrent(process));
  const { mailbox, kernel } = process;
  if (mailbox !== null && mailbox.size > 0 && kernel.queue.spend(1)) return Promise.resolve(mailbox.shift());
  return wait(process, everything);
}

/** Begins a receive; the arguments are those of `Process.receive`. */
export function receive(
  process: ControlBlock,
  first: Matcher | ReceiveOptions | undefined,
  second: ReceiveOptions | undefined,
): Promise<unknown> {
  process.assertAlive();
  if (process.resolve !== null) return Promise.reject(concurrent(process));
  if (second !== undefined && (typeof second !== "object" || second === null)) {
    throw new ArgumentError(`expected { after } as the options of a receive. Got: ${show(second)}`);
  }
  if (!isReceiveOptions(first)) return begin(process, first, second?.after);
  // With options behind it, an object that has only `after` is a pattern after all.
  return second === undefined
    ? begin(process, undefined, first.after)
    : begin(process, { after: first.after }, second.after);
}

function begin(process: ControlBlock, matcher: Matcher | undefined, limit: Duration | undefined): Promise<unknown> {
  const after = limit === undefined ? "infinity" : checkTimeout(limit);
  const { mailbox } = process;
  if (matcher === undefined) {
    if (mailbox !== null && mailbox.size > 0 && process.kernel.queue.spend(1)) return Promise.resolve(mailbox.shift());
    return waitUntil(process, everything, after);
  }
  const wanted = predicateOf(matcher);
  if (mailbox !== null && mailbox.size > 0) {
    if (process.isLatestRef(refOf(matcher))) mailbox.rescanFromMark();
    else mailbox.rescan();
    if (process.kernel.queue.spend(1)) {
      try {
        const message = mailbox.takeUnscanned(wanted);
        if (message !== nothing) return Promise.resolve(message);
      } catch (error) {
        return Promise.reject(asError(error));
      }
      // The predicate is the user's code: it may have ended the process, or begun a receive of its own.
      process.assertAlive();
      if (process.resolve !== null) return Promise.reject(concurrent(process));
    }
  }
  return waitUntil(process, wanted, after);
}

/** Suspends until any message is queued, without taking it (PROC-10). */
export function hibernate(process: ControlBlock): Promise<void> {
  process.assertAlive();
  if (process.resolve !== null) return Promise.reject(concurrent(process));
  return wait(process, peek).then(() => undefined);
}

/** Takes up the receive that is in progress, in the process's turn; true when user code was resumed. */
export function resumeReceive(process: ControlBlock, resolve: (value: unknown) => void): boolean {
  const { mailbox, wanted } = process;
  let outcome: unknown = nothing;
  if (mailbox !== null && mailbox.size > 0) {
    if (wanted === everything) outcome = mailbox.shift();
    else if (wanted === peek) outcome = undefined;
    else if (wanted !== null) {
      try {
        outcome = mailbox.takeUnscanned(wanted);
      } catch (error) {
        if (process.isAlive) outcome = Promise.reject(asError(error));
      }
      // A predicate that has ended its process has ended this receive as well (JS-4).
      if (!process.isAlive) return false;
    }
  }
  if (outcome === nothing) {
    if (!process.isOutOfTime) return false;
    outcome = TIMEOUT;
  }
  stopWaiting(process);
  resolve(outcome);
  return true;
}

/** Time that has to pass before a promise of a process settles. */
class Sleeper extends TimerEntry implements Task {
  readonly process: ControlBlock;
  readonly resolve: () => void;

  constructor(process: ControlBlock, resolve: () => void) {
    super();
    this.process = process;
    this.resolve = resolve;
  }

  override expire(): void {
    this.process.parts?.sleepers?.delete(this);
    this.process.kernel.queue.push(this);
  }

  runTurn(): boolean {
    if (!this.process.isAlive) return false;
    this.resolve();
    return true;
  }
}

/** Waits `ms` without looking at the mailbox (RECV-8, TIMER-14). */
export function sleep(process: ControlBlock, ms: Duration): Promise<void> {
  process.assertAlive();
  if (ms !== "infinity" && !(Number.isInteger(ms) && ms >= 0)) {
    throw new ArgumentError(`expected a whole number of milliseconds or "infinity" to sleep. Got: ${show(ms)}`);
  }
  return new Promise((resolve) => {
    if (ms === "infinity") return;
    const sleeper = new Sleeper(process, resolve);
    process.kernel.timers.start(sleeper, ms);
    process.ownTimer(sleeper);
  });
}

function wait(process: ControlBlock, wanted: Predicate): Promise<unknown> {
  const { deferral } = process.kernel;
  const promise = deferral.promise();
  process.resolve = deferral.take();
  process.wanted = wanted;
  // What is there already waits for the next turn, when the budget of this one is used up.
  if (process.mailbox !== null && process.mailbox.size > 0) process.schedule();
  return promise;
}

function waitUntil(process: ControlBlock, wanted: Predicate, after: Duration): Promise<unknown> {
  const promise = wait(process, wanted);
  if (after === 0) {
    // Looks once, in the process's next turn, so that a loop of them starves nobody (JS-12).
    process.setOutOfTime(true);
    process.schedule();
  } else if (after !== "infinity") {
    const alarm = new Alarm(process);
    process.needParts().alarm = alarm;
    process.kernel.timers.start(alarm, after);
  }
  return promise;
}

function isReceiveOptions(value: Matcher | ReceiveOptions | undefined): value is ReceiveOptions {
  if (typeof value !== "object" || value === null || !("after" in value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === "after";
}

function checkTimeout(after: unknown): Duration {
  if (after === "infinity") return after;
  if (typeof after === "number" && Number.isInteger(after) && after >= 0 && after < 2 ** 32) return after;
  throw new ArgumentError(
    `timeout_value: expected "infinity" or a whole number of milliseconds from 0 to 4294967295. Got: ${show(after)}`,
  );
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}

function concurrent(process: ControlBlock): ConcurrentReceiveError {
  return new ConcurrentReceiveError(
    `${process.pid} already waits in a receive; a process has one at a time, so await the first before the second`,
  );
}
