/**
 * All timers of one node on a single timer of the runtime.
 *
 * Timers of one duration expire in the order in which they were started, so they stand in one linked list per duration;
 * a heap holds the lists by their first deadline. Starting and cancelling cost a few pointer writes, also for a million
 * call timeouts of 5 s. A timer never fires before its deadline on the runtime's clock (TIMER-2), and deadlines may lie
 * further away than the host's timers reach (TIMER-3).
 */
import { Heap } from "../base/heap.ts";
import type { Runtime, TimerHandle } from "./runtime.ts";

/** Something that expires; subclasses say what happens then. */
export abstract class TimerEntry {
  /** On the runtime's clock, in ms; meaningless while not started. */
  deadline: number = 0;
  /** The how-manieth entry this is that was started: of equal deadlines the first started expires first. */
  order: number = 0;
  /** Links within the list of this duration; `list` is null while not started. */
  list: DurationList | null = null;
  previous: TimerEntry | null = null;
  next: TimerEntry | null = null;

  /** Called once when the deadline has passed and the entry was not cancelled. */
  abstract expire(): void;
}

/** The entries of one duration, in the order of their deadlines, which is that of their coming. */
export class DurationList {
  readonly ms: number;
  first: TimerEntry | null = null;
  last: TimerEntry | null = null;
  /** The deadline under which the list stands in the heap; NaN when it does not. */
  due: number = Number.NaN;
  /** The order of the entry that the deadline is of. */
  order = 0;
  /** Where entries of this duration stand until their turn is over and they get their deadlines; made on first use. */
  waiting: DurationList | null = null;
  /** Whether the end of this turn will look at what is waiting. */
  isUndated = false;

  constructor(ms: number) {
    this.ms = ms;
  }
}

/** The timers of one node. */
export class Timers {
  readonly #runtime: Runtime;
  readonly #lists = new Map<number, DurationList>();
  readonly #heap = new Heap<DurationList>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order));
  /** The list that was asked for last. */
  #latest: DurationList | null = null;
  #armed: TimerHandle | null = null;
  #armedFor = Number.POSITIVE_INFINITY;
  #order = 0;
  #count = 0;
  /** The lists with entries that have been started in this turn and have no deadlines yet. */
  readonly #undated: DurationList[] = [];
  #isHeld = false;
  readonly #date = (): void => {
    this.#dateAll();
  };
  readonly #fire = (): void => {
    this.#armed = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#expireDue();
  };

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** How many timers are running. */
  get size(): number {
    return this.#count;
  }

  /** Starts `entry`, which must not be running, to expire `ms` from now. */
  start(entry: TimerEntry, ms: number): void {
    const list = this.#listOf(ms);
    entry.deadline = this.#runtime.now() + ms;
    this.#append(entry, list);
    this.#hold();
    this.#expect(list);
  }

  /**
   * The same, counted from the end of this turn of the host, for limits that are seldom reached: what has ended by then, as
   * most calls have, has never read the clock.
   */
  startAfterTurn(entry: TimerEntry, ms: number): void {
    const list = this.#listOf(ms);
    const waiting = (list.waiting ??= new DurationList(ms));
    if (!list.isUndated) {
      list.isUndated = true;
      if (this.#undated.length === 0) this.#runtime.defer(this.#date);
      this.#undated.push(list);
    }
    this.#append(entry, waiting);
  }

  /** Stops `entry`; false when it was not running. */
  cancel(entry: TimerEntry): boolean {
    const { list } = entry;
    if (list === null) return false;
    this.#unlink(entry, list);
    if (this.#count === 0) this.#rest();
    return true;
  }

  /** Stops all. */
  clear(): void {
    for (const list of this.#lists.values()) {
      while (list.first !== null) this.#unlink(list.first, list);
      if (list.waiting !== null) while (list.waiting.first !== null) this.#unlink(list.waiting.first, list.waiting);
    }
    this.#disarm();
  }

  #listOf(ms: number): DurationList {
    if (this.#latest?.ms === ms) return this.#latest;
    let list = this.#lists.get(ms);
    if (list === undefined) {
      list = new DurationList(ms);
      this.#lists.set(ms, list);
    }
    this.#latest = list;
    return list;
  }

  #append(entry: TimerEntry, list: DurationList): void {
    entry.order = this.#order += 1;
    entry.list = list;
    entry.previous = list.last;
    entry.next = null;
    if (list.last === null) list.first = entry;
    else list.last.next = entry;
    list.last = entry;
    this.#count += 1;
  }

  #expect(list: DurationList): void {
    if (list.first === null || !Number.isNaN(list.due)) return;
    this.#enlist(list, list.first);
    if (list.due < this.#armedFor) this.#arm(list.due);
  }

  /** Gives their deadlines to all that were started in the turn that has ended. */
  #dateAll(): void {
    const lists = this.#undated.splice(0);
    const now = this.#runtime.now();
    for (const list of lists) {
      list.isUndated = false;
      while (list.waiting !== null && list.waiting.first !== null) {
        const entry = list.waiting.first;
        this.#unlink(entry, list.waiting);
        entry.deadline = now + list.ms;
        this.#append(entry, list);
      }
      if (list.first === null) this.#forget(list);
      else this.#hold();
      this.#expect(list);
    }
  }

  #hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#armed?.hold?.(true);
  }

  /** A list that nothing stands in is given up. */
  #forget(list: DurationList): void {
    if (list.first !== null || !Number.isNaN(list.due) || list.isUndated) return;
    this.#lists.delete(list.ms);
    if (this.#latest === list) this.#latest = null;
  }

  #unlink(entry: TimerEntry, list: DurationList): void {
    if (entry.previous === null) list.first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === null) list.last = entry.previous;
    else entry.next.previous = entry.previous;
    entry.list = null;
    entry.previous = null;
    entry.next = null;
    this.#count -= 1;
  }

  #enlist(list: DurationList, first: TimerEntry): void {
    list.due = first.deadline;
    list.order = first.order;
    this.#heap.push(list);
  }

  #arm(due: number): void {
    this.#armed?.cancel();
    this.#armedFor = due;
    this.#armed = this.#runtime.setTimer(Math.max(0, due - this.#runtime.now()), this.#fire, false);
  }

  /** Nothing is running: the next start will most likely need the host's timer again. */
  #rest(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (this.#armed?.hold === undefined) this.#disarm();
    else this.#armed.hold(false);
  }

  #disarm(): void {
    this.#armed?.cancel();
    this.#armed = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    this.#isHeld = false;
    for (let list = this.#heap.pop(); list !== undefined; list = this.#heap.pop()) this.#retire(list);
  }

  #retire(list: DurationList): void {
    list.due = Number.NaN;
    this.#forget(list);
  }

  #expireDue(): void {
    const now = this.#runtime.now();
    for (;;) {
      const list = this.#heap.peek();
      if (list === undefined || list.due > now) break;
      this.#heap.pop();
      const entry = list.first;
      if (entry !== null && entry.deadline <= now) {
        this.#unlink(entry, list);
        this.#requeue(list);
        entry.expire();
      } else {
        this.#requeue(list);
      }
    }
    const next = this.#heap.peek();
    if (this.#count === 0) this.#disarm();
    else if (next !== undefined && next.due < this.#armedFor) this.#arm(next.due);
  }

  /** Arming waits until all that is due has expired. */
  #requeue(list: DurationList): void {
    if (list.first === null) this.#retire(list);
    else this.#enlist(list, list.first);
  }
}
