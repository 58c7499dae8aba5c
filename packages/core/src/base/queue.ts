/**
 * A first-in first-out queue as a chain of small blocks: no allocation per element, and a flood of elements is never copied
 * as a whole, which the garbage collector would have to follow.
 */

import { emptySlots } from "./slots.ts";

const capacity = 64;

class Block<Element> {
  readonly slots: (Element | undefined)[] = emptySlots(capacity);
  next: Block<Element> | null = null;
}

/** A growing queue. `undefined` cannot be an element. */
export class Queue<Element> {
  #head: Block<Element> = new Block();
  #tail: Block<Element> = this.#head;
  /** Where the next element to be taken stands in the head, and where the next one to be added will stand in the tail. */
  #start = 0;
  #end = 0;
  #size = 0;

  /** How many elements wait. */
  get size(): number {
    return this.#size;
  }

  /** Adds `element` at the end. */
  push(element: Element): void {
    if (this.#end === capacity) {
      const block = new Block<Element>();
      this.#tail.next = block;
      this.#tail = block;
      this.#end = 0;
    }
    this.#tail.slots[this.#end] = element;
    this.#end += 1;
    this.#size += 1;
  }

  /** Takes the oldest element, `undefined` when empty. */
  shift(): Element | undefined {
    if (this.#size === 0) return undefined;
    const head = this.#head;
    const element = head.slots[this.#start];
    head.slots[this.#start] = undefined;
    this.#start += 1;
    this.#size -= 1;
    if (this.#size === 0) {
      // The last block is used again from its beginning.
      this.#start = 0;
      this.#end = 0;
    } else if (this.#start === capacity && head.next !== null) {
      this.#head = head.next;
      this.#start = 0;
      // An old block that is garbage already must not keep younger ones alive.
      head.next = null;
    }
    return element;
  }
}
