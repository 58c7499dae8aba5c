/** What can happen in a world: now, in an order that is free, or at a time. */
import type { ProcessControl } from "@otp/core/internal";

import { Question } from "../schedule/chance.ts";
import type { Rival } from "../schedule/order.ts";

/** Whom an event belongs to: it waits while its owner stands still, and vanishes with it. */
export interface Owner {
  readonly name: string;
  isDead: boolean;
  isPaused: boolean;
  /** What its time has come for while it stood still. */
  readonly held: Due[];
  /** How many of its timers are set. */
  timers: number;
}

/** Events that keep their order among themselves. */
export class Lane implements Rival {
  readonly name: string;
  readonly owner: Owner | null;
  /** Whose turns they are, when they are turns of one process. */
  readonly process: ProcessControl | null;
  readonly hold: Question;
  readonly time: Question;
  /** How many there were. */
  count = 0;
  /** How many can happen now. */
  waiting = 0;

  constructor(name: string, owner: Owner | null, process: ProcessControl | null) {
    this.name = name;
    this.owner = owner;
    this.process = process;
    this.hold = new Question(`hold ${name}`);
    this.time = new Question(`time<${name}`);
  }
}

/** Something that can happen now. */
export interface Ready {
  readonly lane: Lane;
  readonly owner: Owner | null;
  readonly run: () => void;
  /** The how-manieth of its lane it is. */
  readonly n: number;
  /** How often it was held back. */
  pushes: number;
  /** It was decided that it is not held back (any more). */
  isDecided: boolean;
  isTimeAsked: boolean;
}

/** What can happen now, the oldest first but for what was held back. */
export class ReadyQueue {
  /** How many were held back in this step. */
  held = 0;
  #events: (Ready | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#events.length - this.#head;
  }

  get first(): Ready | undefined {
    return this.#events[this.#head];
  }

  push(event: Ready): void {
    event.lane.waiting += 1;
    this.#events.push(event);
  }

  shift(): Ready | undefined {
    const event = this.#events[this.#head];
    if (event === undefined) return undefined;
    this.#events[this.#head] = undefined;
    this.#head += 1;
    event.lane.waiting -= 1;
    if (this.#head > 64 && this.#head * 2 > this.#events.length) this.#compact();
    return event;
  }

  /** Puts a lane behind everything else that can happen now, in its order. */
  hold(lane: Lane): void {
    this.held += 1;
    if (lane.waiting === 1) {
      const event = this.#events[this.#head];
      this.#events[this.#head] = undefined;
      this.#head += 1;
      this.#events.push(event);
      return;
    }
    const others = this.#events.slice(this.#head);
    this.#events = [
      ...others.filter((event) => event?.lane !== lane),
      ...others.filter((event) => event?.lane === lane),
    ];
    this.#head = 0;
  }

  /** The lanes that something can happen in. */
  lanes(): ReadonlySet<Lane> {
    const lanes = new Set<Lane>();
    for (let at = this.#head; at < this.#events.length; at += 1) {
      const event = this.#events[at];
      if (event !== undefined) lanes.add(event.lane);
    }
    return lanes;
  }

  #compact(): void {
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }
}

/** Something that happens at a time. */
export interface Due {
  at: number;
  order: number;
  readonly owner: Owner | null;
  /** A timer that user code waits for. */
  readonly isTimer: boolean;
  /** Null once it has happened or was cancelled. */
  run: (() => void) | null;
}

/** What happens at a time, the earliest first; of equal times the oldest. */
export class DueQueue {
  readonly #heap: Due[] = [];

  push(due: Due): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(due);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(due, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = due;
  }

  pop(): Due | undefined {
    const heap = this.#heap;
    const [least] = heap;
    const last = heap.pop();
    if (least === undefined || last === undefined || heap.length === 0) return least;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      let smaller = heap[child];
      if (smaller === undefined) break;
      const other = heap[child + 1];
      if (other !== undefined && isBefore(other, smaller)) {
        child += 1;
        smaller = other;
      }
      if (!isBefore(smaller, last)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
    return least;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
