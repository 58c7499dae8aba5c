/** A process's private values (PROC-3). */

/** Keys and values that only one process sees. */
export class Dictionary {
  readonly #entries: Map<unknown, unknown>;

  constructor(entries: readonly (readonly [unknown, unknown])[] = []) {
    this.#entries = new Map(entries);
  }

  /** Stores `value` and returns the previous one, `undefined` if there was none. */
  put(key: unknown, value: unknown): unknown {
    const previous = this.#entries.get(key);
    this.#entries.set(key, value);
    return previous;
  }

  /** The value of `key`, else `fallback`. */
  get(key: unknown, fallback?: unknown): unknown {
    return this.#entries.has(key) ? this.#entries.get(key) : fallback;
  }

  /** Removes `key` and returns its value. */
  delete(key: unknown): unknown {
    const value = this.#entries.get(key);
    this.#entries.delete(key);
    return value;
  }

  /** All keys, or those whose value is `value`. */
  getKeys(...value: readonly [] | readonly [unknown]): unknown[] {
    if (value.length === 0) return [...this.#entries.keys()];
    return [...this.#entries].filter(([, held]) => Object.is(held, value[0])).map(([key]) => key);
  }

  /** All keys with their values. */
  entries(): [unknown, unknown][] {
    return [...this.#entries];
  }
}
