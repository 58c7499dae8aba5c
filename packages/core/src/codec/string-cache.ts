/**
 * Remembers short strings by their bytes, so that the keys and words that every message repeats are made once.
 *
 * A fixed number of slots, each holding the string that was last seen there: bounded, and a peer that sends nothing but
 * new strings gains nothing by it. Each slot also knows which string came after its own last time: messages of one kind
 * have their strings in one order, and one comparison is less than a hash and a comparison.
 */

const SLOTS = 1024;

/** The longest string, in bytes, that is worth looking up. */
export const CACHED_BYTES_MAX = 24;

/** ASCII strings of up to `CACHED_BYTES_MAX` bytes. */
export class StringCache {
  readonly #strings: string[] = Array.from({ length: SLOTS }, () => "");
  readonly #followers = new Uint16Array(SLOTS);
  #last = 0;

  /** The string that `bytes` are from `start` to `end`, or undefined if they are not all ASCII. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const guess = this.#followers[this.#last] ?? 0;
    const guessed = this.#strings[guess] ?? "";
    if (guessed.length === end - start && isAt(guessed, bytes, start)) {
      this.#last = guess;
      return guessed;
    }
    return this.#find(bytes, start, end);
  }

  #find(bytes: Uint8Array, start: number, end: number): string | undefined {
    let hash = end - start;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0xff;
      if (byte > 0x7f) return undefined;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const slot = (hash ^ (hash >>> 10)) & (SLOTS - 1);
    this.#followers[this.#last] = slot;
    this.#last = slot;
    const known = this.#strings[slot] ?? "";
    if (known.length === end - start && isAt(known, bytes, start)) return known;
    const made = String.fromCharCode(...bytes.subarray(start, end));
    this.#strings[slot] = made;
    return made;
  }
}

function isAt(text: string, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
