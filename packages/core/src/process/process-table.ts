/**
 * The living processes of a node, as a list through the processes themselves: a process that comes or goes costs a few
 * pointer writes, and the table no memory of its own, however many there are.
 */
import type { ControlBlock } from "./control-block.ts";

/** In the order in which they were spawned. */
export class ProcessTable {
  #first: ControlBlock | null = null;
  #last: ControlBlock | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a process that is in no table. */
  add(process: ControlBlock): void {
    const last = this.#last;
    process.before = last;
    if (last === null) this.#first = process;
    else last.after = process;
    this.#last = process;
    this.#size += 1;
  }

  /** Takes out a process that is in this table. */
  remove(process: ControlBlock): void {
    const { before, after } = process;
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
    process.before = null;
    process.after = null;
    this.#size -= 1;
  }

  /** Those who live now; the list may change meanwhile. */
  [Symbol.iterator](): Iterator<ControlBlock> {
    const all: ControlBlock[] = [];
    for (let process = this.#first; process !== null; process = process.after) all.push(process);
    return all[Symbol.iterator]();
  }
}
