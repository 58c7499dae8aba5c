/** A first-in first-out queue in a ring that doubles: no allocation per element, no shifting. */

import { emptySlots } from "./slots.ts";

/** A growing ring buffer. `undefined` cannot be an element. */
export class Ring<Element> {
  #slots: (Element | undefined)[] = emptySlots(16);
  #mask = 15;
  #head = 0;
  #size = 0;

  /** How many elements wait. */
  get size(): number {
    return this.#size;
  }

  /** Adds `element` at the end. */
  push(element: Element): void {
    if (this.#size > this.#mask) this.#grow();
    this.#slots[(this.#head + this.#size) & this.#mask] = element;
    this.#size += 1;
  }

  /** Takes the oldest element, `undefined` when empty. */
  shift(): Element | undefined {
    if (this.#size === 0) return undefined;
    const element = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & this.#mask;
    this.#size -= 1;
    return element;
  }

  #grow(): void {
    const bigger = emptySlots<Element>(this.#slots.length * 2);
    for (let i = 0; i < this.#size; i += 1) bigger[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = bigger;
    this.#mask = bigger.length - 1;
    this.#head = 0;
  }
}
