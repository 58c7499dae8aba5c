/** Chance that is a function of names: the same seed and the same name give the same number, always and everywhere. */

/** A question without its number, such as `hold a.14`, which is asked again and again. */
export class Question {
  /** Its words. */
  readonly words: string;
  #seed = -1;
  #hash = 0;

  constructor(words: string) {
    this.words = words;
  }

  /** The name of its nth asking. */
  name(n: number): string {
    return `${this.words}@${String(n)}`;
  }

  /** `fraction(seed, name(n))`, without making the name. */
  fraction(seed: number, n: number): number {
    if (this.#seed !== seed) {
      this.#seed = seed;
      this.#hash = hashOf("@", hashOf(this.words, start(seed)));
    }
    return finish(n < 10 ? Math.imul(this.#hash ^ (48 + n), 0x01_00_01_93) : hashOf(String(n), this.#hash));
  }
}

/** A number from 0 to below 1 that depends on nothing but the two; FNV-1a with a final mix. */
export function fraction(seed: number, name: string): number {
  return finish(hashOf(name, start(seed)));
}

/** FNV-1a, continued from `before`. */
export function hashOf(text: string, before: number): number {
  let hash = before;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  return hash >>> 0;
}

function start(seed: number): number {
  return (Math.imul(seed, 0x9e_37_79_b1) ^ 0x81_1c_9d_c5) >>> 0;
}

function finish(given: number): number {
  let hash = given;
  hash = Math.imul(hash ^ (hash >>> 16), 0x45_d9_f3_b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45_d9_f3_b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
