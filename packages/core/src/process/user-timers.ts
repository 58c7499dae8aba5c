/** `sendAfter` and its relatives: timers that send a message (TIMER-1 … TIMER-10). */
import { ArgumentError } from "../base/errors.ts";
import { invariant } from "../base/invariant.ts";
import { show } from "../base/show.ts";
import { TimerEntry } from "../runtime/timers.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import type { ControlBlock } from "./control-block.ts";
import type { Kernel } from "./kernel.ts";
import type { TimerOptions, TimerQueryOptions } from "./process.ts";

const longest = 2 ** 48;

/** A message under way to `to`. */
export class UserTimer extends TimerEntry {
  readonly kernel: Kernel;
  readonly ref: Ref;
  readonly to: Pid<never> | Ref | string;
  readonly message: unknown;
  /** The process that will get it, while it lives; its death discards the timer (TIMER-9). */
  receiver: ControlBlock | null = null;
  before: UserTimer | null = null;
  after: UserTimer | null = null;

  constructor(kernel: Kernel, to: Pid<never> | Ref | string, makeMessage: (ref: Ref) => unknown) {
    super();
    this.kernel = kernel;
    this.ref = kernel.makeRef();
    this.to = to;
    this.message = makeMessage(this.ref);
  }

  override expire(): void {
    invariant(this.kernel.userTimers.get(this.ref.number) === this, "T1", "a timer fires that was cancelled");
    this.forget();
    this.kernel.deliverQuietly(this.to, this.message);
  }

  /** Joins the list of the process that will get the message. */
  aimAt(receiver: ControlBlock): void {
    const parts = receiver.needParts();
    this.receiver = receiver;
    this.after = parts.timers;
    if (parts.timers !== null) parts.timers.before = this;
    parts.timers = this;
  }

  /** Leaves all tables. */
  forget(): void {
    this.kernel.userTimers.delete(this.ref.number);
    const { receiver } = this;
    if (receiver === null) return;
    this.receiver = null;
    if (this.before !== null) this.before.after = this.after;
    else if (receiver.parts !== null) receiver.parts.timers = this.after;
    if (this.after !== null) this.after.before = this.before;
    this.before = null;
    this.after = null;
  }
}

/** Where, what and when a timer sends. */
export interface TimerPlan {
  readonly to: Pid<never> | Ref | string;
  readonly makeMessage: (ref: Ref) => unknown;
  readonly ms: number;
  readonly options: TimerOptions | undefined;
}

/** Starts a timer and returns its ref. */
export function startTimer(kernel: Kernel, { to, makeMessage, ms, options }: TimerPlan): Ref {
  const isAbsolute = options?.abs === true;
  if (typeof ms !== "number" || (isAbsolute ? !Number.isFinite(ms) : !Number.isInteger(ms) || ms < 0) || ms > longest) {
    throw new ArgumentError(`expected a time of 0 to 2^48 whole milliseconds. Got: ${show(ms)}`);
  }
  if (!(to instanceof Pid) && !(to instanceof Ref) && typeof to !== "string") {
    throw new ArgumentError(`expected a pid, an alias or a name as the receiver of a timer. Got: ${show(to)}`);
  }
  if (to instanceof Pid && !kernel.isOwnPid(kernel.localize(to))) {
    throw new ArgumentError(`expected a process of this node as the receiver of a timer. Got: ${to}`);
  }
  const timer = new UserTimer(kernel, to, makeMessage);
  const delay = isAbsolute ? Math.max(0, ms - kernel.runtime.now()) : ms;
  if (to instanceof Pid) {
    const receiver = kernel.find(kernel.localize(to));
    if (receiver === null) return timer.ref;
    timer.aimAt(receiver);
  }
  kernel.userTimers.set(timer.ref.number, timer);
  kernel.timers.start(timer, delay);
  return timer.ref;
}

/** The milliseconds that a timer has left, or false; with `cancel` it is stopped. */
function queryTimer(kernel: Kernel, ref: Ref, query: { readonly cancel: boolean }): number | false {
  if (!(ref instanceof Ref)) throw new ArgumentError(`expected a timer's ref. Got: ${show(ref)}`);
  const timer = ref.home === kernel.own ? kernel.userTimers.get(ref.number) : undefined;
  if (timer === undefined) return false;
  const left = Math.max(0, Math.ceil(timer.deadline - kernel.runtime.now()));
  if (query.cancel) {
    kernel.timers.cancel(timer);
    timer.forget();
  }
  return left;
}

/** `cancelTimer` and `readTimer` with their options (TIMER-7). */
export function queryTimerFor(
  process: ControlBlock,
  ref: Ref,
  query: { readonly cancel: boolean; readonly options: TimerQueryOptions | undefined },
): number | false | "ok" {
  const result = queryTimer(process.kernel, ref, query);
  const wantsInfo = query.options?.info !== false;
  if (query.options?.async === true) {
    if (wantsInfo) process.accept({ type: query.cancel ? "cancelTimer" : "readTimer", ref, result });
    return "ok";
  }
  return wantsInfo ? result : "ok";
}
