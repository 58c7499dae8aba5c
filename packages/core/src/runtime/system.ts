/**
 * The real runtime: the host's clock, timers, entropy and event loop.
 *
 * The host's functions are taken once, at import, so that tests that replace the globals do not stop the machine.
 */
import { randomBytes } from "node:crypto";

import { Queue } from "../base/queue.ts";
import type { RunQueue, Runtime, Task, TimerHandle } from "./runtime.ts";

const { setTimeout, clearTimeout, setImmediate, performance, Date, Math } = globalThis;
const nextTick = process.nextTick.bind(process);
const longestTimeout = 2 ** 31 - 1;
const settled = Promise.resolve();

/** Messages handled before timers and I/O get their turn: about a millisecond's worth (JS-12) … */
const reductions = 4_000;
/** … unless handling them takes long; then it is time that counts, in ms. */
const patience = 5;
/** Messages between two looks at the clock. */
const glance = 16;

/** A run queue drained in microtasks, and through a macrotask each time the budget is used up. */
class FairRunQueue implements RunQueue {
  readonly #tasks = new Queue<Task>();
  #budget = reductions;
  #untilGlance = glance;
  #since = performance.now();
  #isScheduled = false;
  readonly #drain = (): void => {
    this.#run();
  };
  readonly #drainAfresh = (): void => {
    this.#budget = reductions;
    this.#since = performance.now();
    this.#run();
  };

  get size(): number {
    return this.#tasks.size;
  }

  push(task: Task): void {
    this.#tasks.push(task);
    if (!this.#isScheduled) this.#schedule();
  }

  spend(amount: number): boolean {
    this.#budget -= amount;
    this.#untilGlance -= amount;
    if (this.#untilGlance <= 0) this.#lookAtClock();
    return this.#budget > 0;
  }

  #lookAtClock(): void {
    this.#untilGlance = glance;
    if (performance.now() - this.#since > patience) this.#budget = 0;
  }

  #schedule(): void {
    this.#isScheduled = true;
    if (this.#budget > 0) void settled.then(this.#drain);
    else setImmediate(this.#drainAfresh);
  }

  #run(): void {
    const tasks = this.#tasks;
    try {
      while (this.#budget > 0) {
        const task = tasks.shift();
        if (task === undefined) return;
        this.spend(1);
        // A resumed continuation stands in the microtask queue by now: whoever comes next must come after it (JS-4).
        if (task.runTurn()) return;
      }
    } finally {
      if (tasks.size > 0) this.#schedule();
      else this.#isScheduled = false;
    }
  }
}

/** Time, chance and scheduling of the host process; the default runtime of a node. */
export class SystemRuntime implements Runtime {
  now(): number {
    return performance.now();
  }

  wallTime(): number {
    return Date.now();
  }

  setTimer(ms: number, fire: () => void, background: boolean): TimerHandle {
    const timer = setTimeout(fire, Math.min(Math.ceil(ms), longestTimeout));
    if (background) timer.unref();
    return {
      cancel: () => clearTimeout(timer),
      hold: (isHeld) => {
        if (isHeld) timer.ref();
        else timer.unref();
      },
    };
  }

  defer(run: () => void): void {
    // Comes when no microtask is left, thus after every process that has something to do at the moment has done it: what
    // they sent to other nodes leaves together.
    nextTick(run);
  }

  randomBytes(length: number): Uint8Array {
    return randomBytes(length);
  }

  pick(bound: number): number {
    return Math.floor(Math.random() * bound);
  }

  createRunQueue(): RunQueue {
    return new FairRunQueue();
  }
}
