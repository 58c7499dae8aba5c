/**
 * One clock, one queue and one medium for any number of nodes in one thread.
 *
 * One thing happens at a time: a turn of a process, a timer, a datagram. After each the host's microtasks are drained by a
 * macrotask, so that when nothing is left to happen every process waits, exactly and not as a guess. What happens next is
 * asked of the schedule; the plain answer is the oldest, and time stands still while there is anything to do.
 */
import { macrotask } from "@otp/core/runtime";

import type { Schedule } from "../schedule/schedule.ts";
import { type Happening, Trace } from "./trace.ts";

/** Whom an event belongs to: it waits while its owner stands still, and vanishes with it. */
export interface Owner {
  readonly name: string;
  isDead: boolean;
  isPaused: boolean;
  readonly held: Due[];
}

/** Something that can happen now. */
interface Ready {
  readonly lane: string;
  readonly owner: Owner | null;
  readonly run: () => void;
  wasAsked: boolean;
}

/** Something that happens at a time. */
export interface Due {
  at: number;
  readonly order: number;
  readonly lane: string;
  readonly owner: Owner | null;
  run: (() => void) | null;
  wasAsked: boolean;
}

/** How time behaves: only when nothing else can happen, or also before (a slow machine). */
export type TimeModel = "eager" | "adversarial";

/** What a world is made of. */
export interface WorldOptions {
  readonly schedule: Schedule;
  readonly time: TimeModel;
  /** How much virtual time a run may take, in ms. */
  readonly limitMs: number;
}

interface Wait {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
}

const budgetPerStep = 2_000;

/** The clock, the queue and the trace of a run. */
export class World {
  readonly schedule: Schedule;
  readonly trace: Trace = new Trace();
  /** Virtual time in ms. */
  now = 0;
  /** When a process last had a turn. */
  lastTurn = 0;
  /** What is left of the budget of this step (JS-12). */
  budget: number = budgetPerStep;
  readonly #options: WorldOptions;
  #ready: Ready[] = [];
  readonly #due: Due[] = [];
  #waits: Wait[] = [];
  readonly #foreign = new Set<Promise<unknown>>();
  readonly #counts = new Map<string, number>();
  #order = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.schedule = options.schedule;
    this.schedule.begin();
  }

  /** How many things can happen now. */
  get readyCount(): number {
    return this.#ready.length;
  }

  /** How often `name` has been counted, this time included. */
  count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  tell(node: string, happening: Happening): void {
    this.trace.add(this.now, node, happening);
  }

  /** Lets `run` happen soon; what is in one lane keeps its order. */
  push(lane: string, owner: Owner | null, run: () => void): void {
    this.#ready.push({ lane, owner, run, wasAsked: false });
  }

  /** Lets `run` happen in `ms`. */
  after(ms: number, lane: string, owner: Owner | null, run: () => void): Due {
    this.#order += 1;
    const due: Due = { at: this.now + Math.max(0, ms), order: this.#order, lane, owner, run, wasAsked: false };
    this.#insert(due);
    return due;
  }

  /** How many timers an owner has that were not cancelled. */
  timersOf(owner: Owner): number {
    // What the medium has for it is not its own.
    return this.#due.filter(
      ({ owner: whose, run, lane }) => whose === owner && run !== null && lane.startsWith("timer"),
    ).length;
  }

  /** Lets what an owner has missed while it stood still happen now. */
  release(owner: Owner): void {
    for (const due of owner.held.splice(0)) {
      due.at = this.now;
      this.#insert(due);
    }
  }

  /** Resolves when `isOver` says so; looked at after each step. */
  wait(isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waits.push({ isOver, resolve });
    });
  }

  /** Lets the world stand still until something outside it is done. */
  foreign<Result>(work: () => Promise<Result>): Promise<Result> {
    const promise = work();
    const settled: Promise<unknown> = promise.then(
      () => this.#foreign.delete(settled),
      () => this.#foreign.delete(settled),
    );
    this.#foreign.add(settled);
    return promise;
  }

  /** Lets things happen until `promise` has settled; rejects when it cannot settle any more. */
  async drive<Result>(promise: Promise<Result>): Promise<Result> {
    let isSettled = false;
    const noted = promise.finally(() => {
      isSettled = true;
    });
    noted.catch(() => undefined);
    for (;;) {
      await macrotask();
      while (this.#foreign.size > 0) {
        await Promise.all(this.#foreign);
        await macrotask();
      }
      if (isSettled) return noted;
      if (this.#endWaits()) continue;
      if (!this.#step()) throw stuck("nothing can happen any more");
      if (this.now > this.#options.limitMs) throw stuck(`it is ${String(this.now)} ms later`);
    }
  }

  #endWaits(): boolean {
    const over = this.#waits.filter(({ isOver }) => isOver());
    if (over.length === 0) return false;
    this.#waits = this.#waits.filter((wait) => !over.includes(wait));
    for (const { resolve } of over) resolve();
    return true;
  }

  #step(): boolean {
    this.budget = budgetPerStep;
    if (this.#ready.length > 0 && !this.#isTimeFirst()) {
      this.#runReady();
      return true;
    }
    const due = this.#due.shift();
    if (due === undefined) return false;
    if (due.run === null || due.owner?.isDead === true) return true;
    if (due.owner?.isPaused === true) {
      due.owner.held.push(due);
      return true;
    }
    this.now = Math.max(this.now, due.at);
    const { run } = due;
    due.run = null;
    run();
    return true;
  }

  #isTimeFirst(): boolean {
    if (this.#options.time === "eager") return false;
    const first = this.#due.find(({ run }) => run !== null);
    if (first === undefined || first.wasAsked || !first.lane.startsWith("timer")) return false;
    first.wasAsked = true;
    return this.schedule.ask(`time ${first.lane}@${String(this.count(`time ${first.lane}`))}`, 2) === 1;
  }

  #runReady(): void {
    for (;;) {
      const [first] = this.#ready;
      if (first === undefined) return;
      if (!first.wasAsked) {
        first.wasAsked = true;
        const question = `hold ${first.lane}@${String(this.count(`hold ${first.lane}`))}`;
        const isAlone = this.#ready.every(({ lane }) => lane === first.lane);
        if (!isAlone && this.schedule.ask(question, 2) === 1) {
          // The lane goes behind everything that can happen now, in its order.
          const { lane } = first;
          this.#ready = [
            ...this.#ready.filter((ready) => ready.lane !== lane),
            ...this.#ready.filter((ready) => ready.lane === lane),
          ];
          continue;
        }
      }
      this.#ready.shift();
      const { owner, lane, run } = first;
      if (owner?.isDead === true) continue;
      if (owner?.isPaused === true)
        owner.held.push({ at: 0, order: (this.#order += 1), lane, owner, run, wasAsked: true });
      else run();
      return;
    }
  }

  #insert(due: Due): void {
    let at = this.#due.length;
    while (at > 0) {
      const before = this.#due[at - 1];
      if (before === undefined || before.at < due.at || (before.at === due.at && before.order < due.order)) break;
      at -= 1;
    }
    this.#due.splice(at, 0, due);
  }
}

function stuck(why: string): Error {
  return new Error(
    `the test still waits, and ${why}: what it waits for cannot come, or comes from outside the simulation. ` +
      "Wait for that within sim.foreign(…).",
  );
}
