/**
 * A process's mailbox: first in, first out, with selective receive.
 *
 * A chain of small blocks, in which messages stand without gaps: a flood of messages is never copied as a whole, what is
 * taken out of the middle moves the few beside it (RECV-2), and a block that is used up is given back. A position is a block
 * and a place in it, which lets a waiting receive remember how far it has looked, and a fresh ref how much of the mailbox is
 * older than it: neither looks at those messages again (RECV-7).
 */
import { invariant } from "../base/invariant.ts";
import { emptySlots } from "../base/slots.ts";

/** What a look into the mailbox gives when nothing matches; no message can be it. */
export const nothing: unique symbol = Symbol("nothing");

const smallest = 4;
const largest = 64;

/** Decides whether a message is wanted. */
export type Predicate = (message: unknown) => boolean;

/** Some messages, from `start` to before `end`. Only the last block of a mailbox may be empty. */
class Block {
  readonly slots: unknown[];
  start = 0;
  end = 0;
  previous: Block | null;
  next: Block | null = null;

  constructor(capacity: number, previous: Block | null) {
    this.slots = emptySlots(capacity);
    this.previous = previous;
  }
}

/** A place between messages: before what stands in slot `at` of the block, or what comes after it. */
class Position {
  block: Block;
  at: number;

  constructor(block: Block, at: number) {
    this.block = block;
    this.at = at;
  }
}

/** The queue of one process. Its helpers are static, for private methods would make every mailbox larger. */
export class Mailbox {
  /** The message, where it is the only one: then it stands in no block, and most mailboxes never have any. */
  #only: unknown = nothing;
  #head: Block | null = null;
  #tail: Block | null = null;
  #size = 0;
  /** Every message before this position has been refused by the receive that is waiting; null for none. */
  #scanned: Position | null = null;
  /** The position at which the process's latest ref was made. */
  #mark: Position | null = null;
  /** Changes with every message that is taken: predicates are foreign code, which may take some while they are asked. */
  #taken = 0;

  /** How many messages are queued. */
  get size(): number {
    return this.#size;
  }

  /** Adds a message at the end. */
  push(message: unknown): void {
    if (this.#size === 0) {
      this.#only = message;
    } else {
      if (this.#only !== nothing) Mailbox.#spill(this);
      Mailbox.#append(this, message);
    }
    this.#size += 1;
  }

  /** Takes the oldest message, `nothing` when empty. */
  shift(): unknown {
    if (this.#only !== nothing) return Mailbox.#takeOnly(this);
    const head = this.#head;
    if (head === null || this.#size === 0) return nothing;
    const at = head.start;
    const message = head.slots[at];
    head.slots[at] = undefined;
    head.start = at + 1;
    this.#size -= 1;
    this.#taken = (this.#taken + 1) | 0;
    if (at + 1 === head.end) Mailbox.#leave(this, head);
    return message;
  }

  /** Takes the oldest message that `wanted` accepts (RECV-1); a predicate that throws leaves everything in place (RECV-6). */
  take(wanted: Predicate): unknown {
    this.rescan();
    return this.takeUnscanned(wanted);
  }

  /** Like `take`, but only among what no receive since `rescan()` has refused. */
  takeUnscanned(wanted: Predicate): unknown {
    const only = this.#only;
    const taken = this.#taken;
    let isScanned = false;
    if (only !== nothing) {
      const isWanted = wanted(only);
      const isStillThere = Object.is(this.#only, only) && taken === this.#taken;
      if (isWanted && isStillThere) return Mailbox.#takeOnly(this);
      isScanned = isStillThere;
    }
    Mailbox.#spill(this);
    const head = Mailbox.#needHead(this);
    this.#scanned ??= new Position(head, 0);
    if (!isScanned) return Mailbox.#search(this, this.#scanned, wanted);
    Mailbox.#move(this.#scanned, head, head.end);
    return nothing;
  }

  /** Begins a new receive, which has refused nothing yet. */
  rescan(): void {
    const scanned = this.#scanned;
    if (scanned === null) return;
    scanned.block = Mailbox.#needHead(this);
    scanned.at = 0;
  }

  /** Notes that a ref was made now: what is queued so far cannot contain it. */
  mark(): void {
    Mailbox.#spill(this);
    const tail = this.#tail ?? Mailbox.#needHead(this);
    if (this.#mark === null) {
      this.#mark = new Position(tail, tail.end);
    } else {
      this.#mark.block = tail;
      this.#mark.at = tail.end;
    }
  }

  /** Begins a new receive for messages that contain the latest ref. */
  rescanFromMark(): void {
    const head = Mailbox.#needHead(this);
    this.#scanned ??= new Position(head, 0);
    this.#scanned.block = this.#mark?.block ?? head;
    this.#scanned.at = this.#mark?.at ?? 0;
  }

  /** Removes the first message that `unwanted` accepts, whatever is scanned; false when there is none. */
  remove(unwanted: Predicate): boolean {
    Mailbox.#spill(this);
    return Mailbox.#search(this, new Position(Mailbox.#needHead(this), 0), unwanted) !== nothing;
  }

  /** The queued messages, oldest first. */
  messages(): unknown[] {
    const all: unknown[] = this.#only === nothing ? [] : [this.#only];
    for (let block: Block | null = this.#head; block !== null; block = block.next) {
      for (let at = block.start; at < block.end; at += 1) all.push(block.slots[at]);
    }
    invariant(all.length === this.#size, "K2", "messages were lost between blocks");
    return all;
  }

  static #append(mailbox: Mailbox, message: unknown): void {
    let tail = mailbox.#tail ?? Mailbox.#needHead(mailbox);
    if (tail.end === tail.slots.length) {
      tail = new Block(Math.min(largest, 4 * tail.end), tail);
      if (tail.previous !== null) tail.previous.next = tail;
      mailbox.#tail = tail;
    }
    tail.slots[tail.end] = message;
    tail.end += 1;
  }

  static #needHead(mailbox: Mailbox): Block {
    if (mailbox.#head !== null) return mailbox.#head;
    const block = new Block(smallest, null);
    mailbox.#head = block;
    mailbox.#tail = block;
    return block;
  }

  /** Puts the only message into a block. */
  static #spill(mailbox: Mailbox): void {
    const only = mailbox.#only;
    if (only === nothing) return;
    mailbox.#only = nothing;
    Mailbox.#append(mailbox, only);
  }

  static #takeOnly(mailbox: Mailbox): unknown {
    const only = mailbox.#only;
    mailbox.#only = nothing;
    mailbox.#size = 0;
    mailbox.#taken = (mailbox.#taken + 1) | 0;
    return only;
  }

  /** Takes the first message from `cursor` on that is wanted, and moves the cursor to where it has stood. */
  static #search(mailbox: Mailbox, cursor: Position, wanted: Predicate): unknown {
    let { block } = cursor;
    let at = Math.max(cursor.at, block.start);
    for (;;) {
      const { slots, end } = block;
      const taken = mailbox.#taken;
      let message: unknown = nothing;
      let isWanted = false;
      for (; at < end; at += 1) {
        message = slots[at];
        isWanted = wanted(message);
        if (isWanted || taken !== mailbox.#taken) break;
      }
      if (taken !== mailbox.#taken) {
        Mailbox.#spill(mailbox);
        const place = Mailbox.#find(mailbox, message);
        block = place?.block ?? Mailbox.#needHead(mailbox);
        at = place?.at ?? block.start;
        // What the predicate has taken itself is no longer there to be taken.
        if (place === null) continue;
        if (!isWanted) at += 1;
      }
      if (isWanted) {
        cursor.block = block;
        cursor.at = at;
        Mailbox.#takeOut(mailbox, block, at);
        return message;
      }
      if (at < block.end) continue;
      if (block.next === null) break;
      block = block.next;
      at = block.start;
    }
    cursor.block = block;
    cursor.at = at;
    return nothing;
  }

  /** Where a message stands after others have been taken. */
  static #find(mailbox: Mailbox, message: unknown): Position | null {
    for (let block: Block | null = mailbox.#head; block !== null; block = block.next) {
      for (let at = block.start; at < block.end; at += 1) {
        if (Object.is(block.slots[at], message)) return new Position(block, at);
      }
    }
    return null;
  }

  /** Takes out one message and closes the gap from the side on which fewer stand. */
  static #takeOut(mailbox: Mailbox, block: Block, at: number): void {
    const { slots, start, end } = block;
    const isNearStart = at - start < end - at;
    if (isNearStart) {
      for (let to = at; to > start; to -= 1) slots[to] = slots[to - 1];
      slots[start] = undefined;
      block.start = start + 1;
    } else {
      for (let to = at; to < end - 1; to += 1) slots[to] = slots[to + 1];
      slots[end - 1] = undefined;
      block.end = end - 1;
    }
    mailbox.#size -= 1;
    mailbox.#taken = (mailbox.#taken + 1) | 0;
    const by = isNearStart ? 1 : -1;
    if (mailbox.#scanned?.block === block && mailbox.#scanned.at <= at === isNearStart) mailbox.#scanned.at += by;
    if (mailbox.#mark?.block === block && mailbox.#mark.at <= at === isNearStart) mailbox.#mark.at += by;
    if (block.start === block.end) Mailbox.#leave(mailbox, block);
  }

  /** A block has become empty: it is given back, but the last one, into which the next message goes. */
  static #leave(mailbox: Mailbox, block: Block): void {
    const { previous, next } = block;
    if (next === null) {
      block.start = 0;
      block.end = 0;
    } else {
      if (previous === null) mailbox.#head = next;
      else previous.next = next;
      next.previous = previous;
      // An old block that is garbage already must not keep younger ones alive.
      block.next = null;
    }
    const to = next ?? block;
    if (mailbox.#scanned?.block === block) Mailbox.#move(mailbox.#scanned, to, to.start);
    if (mailbox.#mark?.block === block) Mailbox.#move(mailbox.#mark, to, to.start);
  }

  static #move(position: Position, block: Block, at: number): void {
    position.block = block;
    position.at = at;
  }
}
