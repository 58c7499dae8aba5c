/**
 * Erlang's `timer` module (TIMER-11 … TIMER-13).
 *
 * Unlike the timers of a process (`self.sendAfter`) these answer with results instead of raising, do more than send, and can
 * repeat. They are functions on a handle to the process in whose name they act.
 */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { ProcessControl } from "./control.ts";
import { type Beat, Deed } from "./deed.ts";
import type { Process, ProcessFunction } from "./process.ts";

/** The arguments make no sense. */
export interface TimerRefusal {
  readonly ok: false;
  readonly reason: "badarg";
}

/** What starting a timer gives. */
export type TimerStart = { readonly ok: true; readonly ref: Ref } | TimerRefusal;

/** What cancelling a timer gives, also one that has fired or is cancelled already. */
export type TimerCancel = { readonly ok: true; readonly value: "cancel" } | TimerRefusal;

/** To whom timers send: a process, or whoever has the name when the time has come. */
export type TimerTarget = Pid<never> | string;

/** The process in whose name something is done: its `self`, whatever it accepts. */
export type TimerCaller = Pick<Process<never>, "pid">;

const badarg: TimerRefusal = { ok: false, reason: "badarg" };
const longest = 2 ** 48;

/** Sends `message` to `to`, by default the caller, in `ms`. */
function sendAfter(
  self: TimerCaller,
  ms: number,
  ...what: [message: unknown] | [to: TimerTarget, message: unknown]
): TimerStart {
  return send(self, { ms, isRepeated: false }, what);
}

/** Sends `message` to `to`, by default the caller, every `ms`, until cancelled or the receiving process has ended. */
function sendInterval(
  self: TimerCaller,
  ms: number,
  ...what: [message: unknown] | [to: TimerTarget, message: unknown]
): TimerStart {
  return send(self, { ms, isRepeated: true }, what);
}

/** Runs `fn` in a process of its own in `ms`; how it ends disturbs nobody. */
function applyAfter<Accepted, Args extends readonly unknown[]>(
  self: TimerCaller,
  ms: number,
  fn: ProcessFunction<Accepted, Args>,
  ...args: Args
): TimerStart {
  return apply(self, { ms, isRepeated: false }, [fn, args]);
}

/** Runs `fn` in a new process every `ms`, until cancelled or the caller has ended. */
function applyInterval<Accepted, Args extends readonly unknown[]>(
  self: TimerCaller,
  ms: number,
  fn: ProcessFunction<Accepted, Args>,
  ...args: Args
): TimerStart {
  return apply(self, { ms, isRepeated: true }, [fn, args]);
}

/** Sends an exit signal to `to`, by default the caller, in `ms`. */
function exitAfter(
  self: TimerCaller,
  ms: number,
  ...what: [reason: unknown] | [to: TimerTarget, reason: unknown]
): TimerStart {
  const process = controlOf(self);
  const { kernel } = process;
  const [to, given] = what.length === 2 ? what : [process.pid, what[0]];
  if (!isTarget(to)) return badarg;
  const reason = kernel.isolate(given);
  return start(process, { ms, isRepeated: false }, () => {
    const pid = typeof to === "string" ? kernel.names.whereis(to) : to;
    if (pid !== undefined) kernel.sendExit(process.pid, pid, reason);
  });
}

/** Kills `to`, by default the caller, in `ms`. */
function killAfter(self: TimerCaller, ms: number, to: TimerTarget = self.pid): TimerStart {
  return exitAfter(self, ms, to, "kill");
}

/** Stops a timer of this module; `badarg` for what is not a ref. */
function cancel(self: TimerCaller, ref: Ref): TimerCancel {
  const process = controlOf(self);
  if (!(ref instanceof Ref)) return badarg;
  if (ref.home === process.kernel.own) process.kernel.deeds.get(ref.number)?.stop();
  return { ok: true, value: "cancel" };
}

/**
 * Does things later: `sendAfter`, `sendInterval`, `applyAfter`, `applyInterval`, `exitAfter`, `killAfter`, and `cancel`. Like
 * Erlang's `timer` module; bad arguments give `{ ok: false, reason: "badarg" }`.
 *
 * @example
 * import { Node, timer } from "@otp/core";
 *
 * const node = await Node.start();
 * node.spawn(async (self) => {
 *   const beat = timer.sendInterval(self, 20, "beat");
 *   await self.receive(); // => "beat"
 *   if (beat.ok) timer.cancel(self, beat.ref);
 * });
 * await node.stop();
 */
export const timer: {
  readonly sendAfter: typeof sendAfter;
  readonly sendInterval: typeof sendInterval;
  readonly applyAfter: typeof applyAfter;
  readonly applyInterval: typeof applyInterval;
  readonly exitAfter: typeof exitAfter;
  readonly killAfter: typeof killAfter;
  readonly cancel: typeof cancel;
} = { sendAfter, sendInterval, applyAfter, applyInterval, exitAfter, killAfter, cancel };

function send(self: TimerCaller, beat: Beat, what: readonly unknown[]): TimerStart {
  const process = controlOf(self);
  const { kernel } = process;
  const [to, given] = what.length === 2 ? what : [process.pid, what[0]];
  if (!isTarget(to)) return badarg;
  const message = kernel.isolate(given);
  const act = (): void => kernel.deliverQuietly(to, message);
  return start(process, beat, act, to instanceof Pid ? kernel.localize(to) : null);
}

function apply(
  self: TimerCaller,
  beat: Beat,
  [fn, args]: readonly [fn: (...args: never) => unknown, args: readonly unknown[]],
): TimerStart {
  const process = controlOf(self);
  if (typeof fn !== "function") return badarg;
  const { kernel, groupLeader: leader } = process;
  // In Erlang, too, only the intervals end with their caller.
  return start(process, beat, () => kernel.spawnFunction(fn, args, { leader }), beat.isRepeated ? process.pid : null);
}

/** Starts a deed that ends with `owner`, if that is a process of this node. */
function start({ kernel }: ProcessControl, beat: Beat, act: () => void, owner: Pid | null = null): TimerStart {
  const { ms, isRepeated } = beat;
  if (!Number.isInteger(ms) || ms < (isRepeated ? 1 : 0) || ms > longest) return badarg;
  const deed = new Deed(kernel, beat, act);
  const isLocal = owner !== null && kernel.isOwnPid(owner);
  const process = isLocal ? kernel.find(owner) : null;
  if (!isLocal || process !== null) deed.start();
  if (process !== null) deed.endWith(process);
  return { ok: true, ref: deed.ref };
}

function isTarget(to: unknown): to is TimerTarget {
  return to instanceof Pid || typeof to === "string";
}

/** The process behind the handle that its code was given. */
function controlOf(self: TimerCaller): ProcessControl {
  const given: unknown = self;
  if (!(given instanceof ProcessControl))
    throw new ArgumentError(`expected the process itself: self. Got: ${show(given)}`);
  given.assertAlive();
  return given;
}
