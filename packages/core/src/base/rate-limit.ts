/**
 * Keeps strangers from making the node work or write: so many at once, then so many a second; and one line per name and
 * interval. Neither grows with the number of names that are tried.
 */

/** A bucket of permissions that refills with time. */
export class TokenBucket {
  readonly #capacity: number;
  readonly #perSecond: number;
  #tokens: number;
  #at = 0;

  constructor(capacity: number, perSecond: number) {
    this.#capacity = capacity;
    this.#perSecond = perSecond;
    this.#tokens = capacity;
  }

  /** Takes a permission, if there is one. */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#capacity, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** Lets each name through once per interval. */
export class OncePerName {
  readonly #intervalMs: number;
  readonly #namesMax: number;
  readonly #last = new Map<string, number>();

  constructor(intervalMs: number, namesMax = 256) {
    this.#intervalMs = intervalMs;
    this.#namesMax = namesMax;
  }

  /** True if `name` was not let through within the interval; false, too, while too many others were. */
  allow(name: string, now: number): boolean {
    const last = this.#last.get(name);
    if (last !== undefined && now - last < this.#intervalMs) return false;
    if (last === undefined && this.#last.size >= this.#namesMax && !this.#forgetOld(now)) return false;
    this.#last.delete(name);
    this.#last.set(name, now);
    return true;
  }

  // The map is in order of time, for a name that is let through again goes to the end.
  #forgetOld(now: number): boolean {
    for (const [name, last] of this.#last) {
      if (now - last < this.#intervalMs) break;
      this.#last.delete(name);
    }
    return this.#last.size < this.#namesMax;
  }
}
