/**
 * One clock, one queue and one trace for any number of nodes in one thread.
 *
 * One thing happens at a time: a turn of a process, a timer, a datagram. After each the host's microtasks are drained, so that
 * when nothing is left to happen every process waits, exactly and not as a guess. What happens next is asked of the schedule;
 * the plain answer is the oldest, and time stands still while there is anything to do.
 */
import type { ProcessControl } from "@otp/core/internal";
import { crank, type Cranked, type Machine } from "@otp/core/runtime";

import type { Schedule } from "../schedule/schedule.ts";
import { type Due, DueQueue, Lane, type Owner, type Ready, ReadyQueue } from "./events.ts";
import { Outside } from "./outside.ts";
import { awaitPoints, pointIn } from "./points.ts";
import { EscapeError, Instant, StuckError } from "./stuck.ts";
import { type Happening, Trace } from "./trace.ts";

/**
 * How time behaves. `eager`: it moves only when nobody has anything to do. `bounded`: so, and messages between nodes may take
 * so long that time limits pass. `adversarial`: a timer may also fire before what could happen now, as on a slow machine.
 *
 * @see simulate
 */
export type TimeModel = "eager" | "bounded" | "adversarial";

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
export class World implements Machine {
  readonly schedule: Schedule;
  readonly trace: Trace = new Trace();
  readonly outside: Outside = new Outside();
  readonly time: TimeModel;
  /** What happens from now on is no part of the run. */
  isOver = false;
  /** Virtual time in ms. */
  now = 0;
  /** When a process last had a turn. */
  lastTurn = 0;
  /** What is left of the budget of this step (JS-12). */
  budget: number = budgetPerStep;
  /** The lane whose turn it is, or was last. */
  current: Lane | null = null;
  /** Is told when the turn of a process is over and the microtasks are drained. */
  afterTurn: ((process: ProcessControl) => void) | null = null;
  /** How often something was put into the queues; tells whether something came from outside. */
  #activity = 0;
  readonly #limitMs: number;
  readonly #points = awaitPoints();
  readonly #point = pointIn(this);
  readonly #ready = new ReadyQueue();
  readonly #due = new DueQueue();
  readonly #lanes = new Map<string, Lane>();
  #waits: Wait[] = [];
  readonly #counts = new Map<string, number>();
  #order = 0;
  #timers = 0;
  #isSettled = false;
  #left = 0;
  #hasWaited = false;
  readonly #instant = new Instant();

  constructor({ schedule, time, limitMs }: WorldOptions) {
    this.#limitMs = limitMs;
    this.time = time;
    this.schedule = schedule;
    this.schedule.begin();
  }

  /** How many things can happen now. */
  get readyCount(): number {
    return this.#ready.size;
  }

  /** How often `name` has been counted, this time included. */
  count(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  tell(node: string, happening: Happening): void {
    if (!this.isOver) this.trace.add(this.now, node, happening);
  }

  /** The lane of that name. */
  lane(name: string, owner: Owner | null, process: ProcessControl | null = null): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined || lane.process !== process) {
      const before = lane;
      lane = new Lane(name, owner, process);
      // A pid of a former incarnation: the names of decisions must stay unique.
      if (before !== undefined) lane.count = before.count;
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  /** Lets `run` happen soon; what is in one lane keeps its order. */
  push(lane: Lane, owner: Owner | null, run: () => void): void {
    this.#activity += 1;
    lane.count += 1;
    this.#ready.push({ lane, owner, run, n: lane.count, pushes: 0, isDecided: false, isTimeAsked: false });
  }

  /** Lets `run` happen in `ms`. */
  after(ms: number, owner: Owner | null, run: () => void): Due {
    return this.#insert({ at: this.now + Math.max(0, ms), order: 0, owner, run, isTimer: false });
  }

  /** A timer of a node; `isUsers` when it is one that processes wait for. Returns how to cancel it. */
  timer(
    ms: number,
    { owner, isUsers }: { readonly owner: Owner; readonly isUsers: boolean },
    fire: () => void,
  ): () => void {
    const over = (): void => {
      owner.timers -= 1;
      if (isUsers) this.#timers -= 1;
    };
    owner.timers += 1;
    if (isUsers) this.#timers += 1;
    const run = (): void => {
      over();
      fire();
    };
    const due = this.#insert({ at: this.now + Math.max(0, ms), order: 0, owner, run, isTimer: isUsers });
    return () => {
      if (due.run === null) return;
      due.run = null;
      over();
    };
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

  /** Lets things happen until `promise` has settled; rejects when it cannot settle any more. */
  async drive<Result>(promise: Promise<Result>): Promise<Result> {
    this.#isSettled = false;
    const settle = (): void => {
      this.#isSettled = true;
    };
    promise.then(settle, settle);
    this.#hasWaited = true;
    try {
      await crank(this);
    } finally {
      this.#points.current = null;
    }
    return promise;
  }

  /** One thing happens; `crank` calls this when every process waits. */
  step(): Cranked {
    this.#endTurn();
    if (this.#isSettled) return "over";
    if (this.outside.isWaitedFor) {
      this.#hasWaited = true;
      return this.outside.done();
    }
    this.#points.current = this.#point;
    if (this.#waits.length > 0 && this.#endWaits()) return "again";
    if (!this.#step()) throw new StuckError("nothing can happen any more");
    if (this.now > this.#limitMs) throw new StuckError(`it is ${String(this.now)} ms later`);
    this.#instant.step(this.now);
    return "again";
  }

  leave(): void {
    this.#endTurn();
    this.#points.current = null;
    this.#left = this.#activity;
  }

  enter(): void {
    if (!this.#hasWaited && this.#left !== this.#activity)
      throw new EscapeError("something happened from outside the simulation");
    this.#hasWaited = false;
  }

  #endTurn(): void {
    const process = this.current?.process ?? null;
    if (process !== null) this.afterTurn?.(process);
    this.current = null;
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
    this.#ready.held = 0;
    for (let first = this.#ready.first; first !== undefined; first = this.#ready.first) {
      if (this.#isHeld(first)) {
        this.#ready.hold(first.lane);
      } else if (this.#isTimeFirst(first)) {
        return this.#passTime();
      } else {
        this.#ready.shift();
        this.#happen(first);
        return true;
      }
    }
    const due = this.#due.pop();
    if (due === undefined) return false;
    this.#happenAt(due);
    return true;
  }

  #isHeld(first: Ready): boolean {
    const { lane, n, pushes } = first;
    if (first.isDecided || lane.waiting === this.#ready.size) return false;
    const isHeld = this.schedule.holds({ question: lane.hold, n, pushes, ready: this.#ready, lane });
    if (isHeld) first.pushes += 1;
    else first.isDecided = true;
    return isHeld;
  }

  #isTimeFirst(first: Ready): boolean {
    if (this.time !== "adversarial" || first.isTimeAsked || this.#timers === 0) return false;
    first.isTimeAsked = true;
    return this.schedule.askAgain(first.lane.time, first.n) === 1;
  }

  /** Lets time pass until a timer has fired, and what comes before it. */
  #passTime(): boolean {
    for (let left = 100; left > 0; left -= 1) {
      const due = this.#due.pop();
      const isFired = due !== undefined && due.isTimer && due.run !== null;
      if (due !== undefined) this.#happenAt(due);
      if (isFired || due === undefined) break;
    }
    return true;
  }

  #happenAt(due: Due): void {
    const { owner, run } = due;
    if (run === null) return;
    this.now = Math.max(this.now, due.at);
    if (owner?.isPaused === true) {
      owner.held.push(due);
      return;
    }
    due.run = null;
    if (owner?.isDead !== true) run();
  }

  #happen({ lane, owner, run }: Ready): void {
    if (owner?.isDead === true) return;
    if (owner?.isPaused === true) {
      owner.held.push({ at: 0, order: 0, owner, run: () => this.#turn(lane, run), isTimer: false });
      return;
    }
    this.#turn(lane, run);
  }

  #turn(lane: Lane, run: () => void): void {
    this.current = lane;
    run();
  }

  #insert(due: Due): Due {
    this.#activity += 1;
    this.#order += 1;
    due.order = this.#order;
    this.#due.push(due);
    return due;
  }
}
