/** A map for tables that mostly hold one entry, of which there is one per process: the first entry costs no table at all. */

/** Like `Map`, in the order of insertion; `undefined` is no key. */
export class SmallMap<Key extends object | number | string, Value> {
  #key: Key | undefined = undefined;
  #value: Value | undefined = undefined;
  /** All entries, once there have been two at a time. */
  #all: Map<Key, Value> | null = null;

  get size(): number {
    if (this.#all !== null) return this.#all.size;
    return this.#key === undefined ? 0 : 1;
  }

  get(key: Key): Value | undefined {
    if (this.#all !== null) return this.#all.get(key);
    return this.#key === key ? this.#value : undefined;
  }

  has(key: Key): boolean {
    return this.#all === null ? this.#key === key : this.#all.has(key);
  }

  set(key: Key, value: Value): void {
    if (this.#all !== null) {
      this.#all.set(key, value);
    } else if (this.#key === undefined || this.#key === key) {
      this.#key = key;
      this.#value = value;
    } else {
      this.#all = new Map(this);
      this.#all.set(key, value);
      this.#key = undefined;
      this.#value = undefined;
    }
  }

  /** False when there was no such entry. */
  delete(key: Key): boolean {
    if (this.#all !== null) return this.#all.delete(key);
    if (this.#key !== key) return false;
    this.#key = undefined;
    this.#value = undefined;
    return true;
  }

  values(): Iterable<Value> {
    return this.#all === null ? this.#only().map(([, value]) => value) : this.#all.values();
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return (this.#all ?? this.#only())[Symbol.iterator]();
  }

  #only(): [Key, Value][] {
    // The value is there when the key is, and may be undefined itself.
    return this.#key === undefined ? [] : [[this.#key, this.#value as Value]];
  }
}
