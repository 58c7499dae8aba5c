/**
 * A process's mailbox: first in, first out, with selective receive.
 *
 * A ring in which taken messages leave holes, so that a receive skips by index and never copies (RECV-2). Positions are
 * counted from the first message ever, which lets a waiting receive remember how far it has looked, and a fresh ref how
 * much of the mailbox is older than it: neither looks at those messages again (RECV-7).
 */
import { invariant } from "../base/invariant.ts";
import { emptySlots } from "../base/slots.ts";

/** What a look into the mailbox gives when nothing matches; no message can be it. */
export const nothing: unique symbol = Symbol("nothing");

const hole: unique symbol = Symbol("hole");
const smallest = 8;

/** Decides whether a message is wanted. */
export type Predicate = (message: unknown) => boolean;

/** The queue of one process. */
export class Mailbox {
  #slots: unknown[] = [];
  #mask = -1;
  #head = 0;
  #tail = 0;
  #holes = 0;
  /** Every message before this position has been refused by the receive that is waiting. */
  #scanned = 0;
  /** The position at which the process's latest ref was made. */
  #mark = 0;
  /** Looks in progress; predicates are foreign code, which may send, take and look again meanwhile. */
  #looks = 0;

  /** How many messages are queued. */
  get size(): number {
    return this.#tail - this.#head - this.#holes;
  }

  /** Adds a message at the end. */
  push(message: unknown): void {
    if (this.#tail - this.#head > this.#mask) this.#makeRoom();
    this.#slots[this.#tail & this.#mask] = message;
    this.#tail += 1;
  }

  /** Takes the oldest message, `nothing` when empty. */
  shift(): unknown {
    while (this.#head < this.#tail) {
      const at = this.#head & this.#mask;
      const message = this.#slots[at];
      this.#slots[at] = undefined;
      this.#head += 1;
      if (message !== hole) {
        if (this.#head === this.#tail) this.#shrink();
        return message;
      }
      this.#holes -= 1;
    }
    return nothing;
  }

  /** Takes the oldest message that `wanted` accepts (RECV-1); a predicate that throws leaves everything in place (RECV-6). */
  take(wanted: Predicate): unknown {
    return this.#takeFrom(this.#head, wanted);
  }

  /** Like `take`, but only among what no receive since `rescan()` has refused. */
  takeUnscanned(wanted: Predicate): unknown {
    return this.#takeFrom(Math.max(this.#head, this.#scanned), wanted);
  }

  /** Begins a new receive, which has refused nothing yet. */
  rescan(): void {
    this.#scanned = this.#head;
  }

  /** Notes that a ref was made now: what is queued so far cannot contain it. */
  mark(): void {
    this.#mark = this.#tail;
  }

  /** Begins a new receive for messages that contain the latest ref. */
  rescanFromMark(): void {
    this.#scanned = Math.max(this.#head, this.#mark);
  }

  /** Removes the first message that `unwanted` accepts; false when there is none. */
  remove(unwanted: Predicate): boolean {
    const scanned = this.#scanned;
    const removed = this.take(unwanted) !== nothing;
    this.#scanned = Math.max(this.#head, Math.min(scanned, this.#tail));
    return removed;
  }

  /** The queued messages, oldest first. */
  messages(): unknown[] {
    const all: unknown[] = [];
    for (let at = this.#head; at < this.#tail; at += 1) {
      const message = this.#slots[at & this.#mask];
      if (message !== hole) all.push(message);
    }
    return all;
  }

  #takeFrom(start: number, wanted: Predicate): unknown {
    this.#looks += 1;
    try {
      for (let at = start; at < this.#tail; at += 1) {
        const message = this.#slots[at & this.#mask];
        if (message === hole || !wanted(message)) continue;
        // What the predicate has taken itself is no longer there to be taken.
        if (at < this.#head || this.#slots[at & this.#mask] !== message) continue;
        this.#scanned = at;
        this.#vacate(at);
        return message;
      }
    } finally {
      this.#looks -= 1;
    }
    this.#scanned = this.#tail;
    return nothing;
  }

  #vacate(at: number): void {
    if (at === this.#head) {
      this.#slots[at & this.#mask] = undefined;
      this.#head += 1;
    } else if (at === this.#tail - 1) {
      this.#slots[at & this.#mask] = undefined;
      this.#tail -= 1;
      if (this.#mark > this.#tail) this.#mark = this.#tail;
    } else {
      this.#slots[at & this.#mask] = hole;
      this.#holes += 1;
    }
    if (this.#tail - this.#head === this.#holes) this.#empty();
  }

  #empty(): void {
    if (this.#holes > 0) this.#slots.fill(undefined);
    this.#head = this.#tail;
    this.#holes = 0;
    this.#shrink();
  }

  /** A ring that a burst has blown up is given back once it is empty. */
  #shrink(): void {
    if (this.#mask < 1024) return;
    this.#slots = [];
    this.#mask = -1;
  }

  /** Makes room for one more: by closing the holes where they are many, else by doubling. */
  #makeRoom(): void {
    const isClosing = this.#holes > this.size && this.#looks === 0;
    const capacity = isClosing ? this.#mask + 1 : Math.max(smallest, 2 * (this.#mask + 1));
    const slots = emptySlots<unknown>(capacity);
    if (isClosing) this.#closeHoles(slots);
    else for (let at = this.#head; at < this.#tail; at += 1) slots[at & (capacity - 1)] = this.#slots[at & this.#mask];
    this.#slots = slots;
    this.#mask = capacity - 1;
  }

  /** Copies the messages together and moves the positions that are remembered with them. */
  #closeHoles(slots: unknown[]): void {
    const { size } = this;
    let to = this.#head;
    let scanned = to;
    let mark = to;
    for (let at = this.#head; at < this.#tail; at += 1) {
      if (at <= this.#scanned) scanned = to;
      if (at <= this.#mark) mark = to;
      const message = this.#slots[at & this.#mask];
      if (message === hole) continue;
      slots[to & this.#mask] = message;
      to += 1;
    }
    this.#scanned = this.#scanned >= this.#tail ? to : scanned;
    this.#mark = this.#mark >= this.#tail ? to : mark;
    this.#tail = to;
    this.#holes = 0;
    invariant(this.size === size, "K2", "messages were lost between holes");
  }
}
