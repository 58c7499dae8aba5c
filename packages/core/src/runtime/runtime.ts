/**
 * Everything that is not deterministic, as one injected object.
 *
 * The kernel and all above it take time, timers, chance and scheduling from here and from nowhere else (a lint rule sees
 * to it), so that a whole cluster can run on a virtual clock from one seed. `SystemRuntime` is the real one;
 * `ManualRuntime` moves only when told.
 */

import type { Secrecy } from "./secrecy.ts";

/** What a timer of the runtime is cancelled with. */
export interface TimerHandle {
  /** Stops the timer; harmless when it has fired. */
  cancel(): void;
  /**
   * Whether the timer keeps the host process alive, from now on. Where a runtime offers it, a timer that nobody needs at the
   * moment is let go and held again instead of being stopped and set anew.
   */
  hold?(isHeld: boolean): void;
}

/** One unit of work in the run queue. */
export interface Task {
  /**
   * Does its work and returns true when it has resumed user code, which then must run before any other task does: a
   * process whose continuation is due must not be killed by a task that merely stood behind it (JS-4).
   */
  runTurn(): boolean;
}

/** The order in which the processes of one node run. */
export interface RunQueue {
  /** Lets `task` run in a later turn; tasks run in the order in which they came. */
  push(task: Task): void;
  /**
   * Counts `amount` messages against the budget of this macrotask and tells whether there is any left; when there is
   * none the rest has to go through `push`, so that timers and I/O get their turn (JS-12).
   */
  spend(amount: number): boolean;
  /** How many tasks wait. */
  readonly size: number;
}

/** Time, timers, chance and scheduling, for one node. */
export interface Runtime {
  /** Monotonic time in ms, with fractions; never goes back. */
  now(): number;
  /** Wall-clock time in ms since 1970; only for people. */
  wallTime(): number;
  /**
   * Calls `fire` once, `ms` or more from now; the caller checks the clock again, for a runtime may be early by less than
   * a millisecond. `background` timers do not keep the host process alive.
   */
  setTimer(ms: number, fire: () => void, background: boolean): TimerHandle;
  /** Calls `run` soon: when the processes that can run have run, or the budget is used up, and before I/O. */
  defer(run: () => void): void;
  /** `length` bytes nobody can guess (in production). */
  randomBytes(length: number): Uint8Array;
  /** A whole number in 0 … `bound`-1, for decisions that need no secrecy. */
  pick(bound: number): number;
  /** What sessions are sealed with; where it is left out, what the host offers. */
  readonly secrecy?: Secrecy;
  /** A run queue of its own for a node. */
  createRunQueue(): RunQueue;
}
