/**
 * A runtime that is cranked by hand: nothing moves until told, and the same cranking gives the same run.
 *
 * One instance may drive many nodes. After each task the host's microtasks are drained by a macrotask hop, which makes
 * quiescence exact: when no task is left, every process waits.
 */
import { Heap } from "../base/heap.ts";
import { Queue } from "../base/queue.ts";
import type { RunQueue, Runtime, Task, TimerHandle } from "./runtime.ts";

const { setImmediate } = globalThis;

interface ManualTimer {
  readonly due: number;
  readonly order: number;
  readonly fire: () => void;
  isCancelled: boolean;
}

const budgetPerStep = 2_000;

/** Virtual time, seeded chance, and a run queue that is stepped. */
export class ManualRuntime implements Runtime {
  readonly #tasks = new Queue<Task>();
  readonly #deferred = new Queue<() => void>();
  readonly #timers = new Heap<ManualTimer>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));
  #time = 0;
  #order = 0;
  #budget = budgetPerStep;
  #state: number;

  /** `seed` decides every random choice. */
  constructor(seed = 1) {
    this.#state = seed >>> 0 || 1;
  }

  now(): number {
    return this.#time;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#time;
  }

  setTimer(ms: number, fire: () => void, _background: boolean): TimerHandle {
    const timer: ManualTimer = {
      due: this.#time + Math.max(0, ms),
      order: (this.#order += 1),
      fire,
      isCancelled: false,
    };
    this.#timers.push(timer);
    return {
      cancel(): void {
        timer.isCancelled = true;
      },
    };
  }

  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.pick(256));
  }

  pick(bound: number): number {
    // xorshift32: small, fast, and the same everywhere.
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }

  createRunQueue(): RunQueue {
    const tasks = this.#tasks;
    const spend = (amount: number): boolean => {
      this.#budget -= amount;
      return this.#budget > 0;
    };
    return {
      push: (task) => tasks.push(task),
      spend,
      get size(): number {
        return tasks.size;
      },
    };
  }

  /** Runs one task or deferred call; false when there is none. Microtasks it caused are still to be drained. */
  step(): boolean {
    this.#budget = budgetPerStep;
    const deferred = this.#deferred.shift();
    if (deferred !== undefined) {
      deferred();
      return true;
    }
    const task = this.#tasks.shift();
    if (task === undefined) return false;
    task.runTurn();
    return true;
  }

  /** Runs until every process waits; time stands still. */
  async settle(): Promise<void> {
    await macrotask();
    while (this.step()) await macrotask();
  }

  /** Moves the clock on by `ms`, firing the timers on the way in order, and settles after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#time + ms;
    await this.settle();
    for (;;) {
      const next = this.#timers.peek();
      if (next === undefined || next.due > end) break;
      this.#timers.pop();
      if (next.isCancelled) continue;
      this.#time = Math.max(this.#time, next.due);
      next.fire();
      await this.settle();
    }
    this.#time = end;
  }

  /** How many timers are set and not cancelled; for leak checks. */
  get pendingTimers(): number {
    let count = 0;
    const kept: ManualTimer[] = [];
    for (let timer = this.#timers.pop(); timer !== undefined; timer = this.#timers.pop()) {
      kept.push(timer);
      if (!timer.isCancelled) count += 1;
    }
    for (const timer of kept) this.#timers.push(timer);
    return count;
  }
}

/** Resolves when the host's microtasks have run, however many cause others: what could go on has gone on. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
