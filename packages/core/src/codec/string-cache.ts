/**
 * Remembers short strings by their bytes, so that the keys and words that every message repeats are made once.
 *
 * A fixed number of slots, each holding the string that was last seen there: bounded, and a peer that sends nothing but
 * new strings gains nothing by it. Each slot also knows which string came after its own last time: messages of one kind
 * have their strings in one order, and one comparison is less than a hash and a comparison.
 */

import { emptySlots } from "../base/slots.ts";

const SLOTS = 1024;

// Longer ones are read faster than they are found.
const LENGTH_MAX = 24;

/** Makes strings of UTF-8, and remembers the short ones that are ASCII. */
export class StringCache {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #strings: (string | undefined)[] = emptySlots<string>(SLOTS);
  readonly #followers = new Uint16Array(SLOTS);
  #last = 0;

  /** The string that `bytes` are from `start` to `end`. Throws a `TypeError` if they are no UTF-8. */
  read(bytes: Uint8Array, start: number, end: number): string {
    const guess = this.#followers[this.#last] ?? 0;
    const guessed = this.#strings[guess] ?? "";
    if (guessed.length === end - start && isAt(guessed, bytes, start)) {
      this.#last = guess;
      return guessed;
    }
    const slot = end - start > LENGTH_MAX ? -1 : slotOf(bytes, start, end);
    if (slot < 0) return this.#decoder.decode(bytes.subarray(start, end));
    this.#followers[this.#last] = slot;
    this.#last = slot;
    const known = this.#strings[slot] ?? "";
    if (known.length === end - start && isAt(known, bytes, start)) return known;
    const made = this.#decoder.decode(bytes.subarray(start, end));
    this.#strings[slot] = made;
    return made;
  }
}

// The place of an ASCII string; -1 if it is none.
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0xff;
    if (byte > 0x7f) return -1;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  return (hash ^ (hash >>> 10)) & (SLOTS - 1);
}

function isAt(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
