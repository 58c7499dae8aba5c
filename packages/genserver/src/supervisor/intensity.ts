/**
 * How many restarts are too many, as a pure decision (SUP-3, S2).
 *
 * The window is exact to the clock's resolution and inclusive at both ends: a restart that is precisely `maxSeconds` old
 * still counts, one that is a millisecond older does not. (Erlang compares whole seconds, so that there the answer between
 * `maxSeconds` and `maxSeconds + 1` depends on when the clock's second began.)
 */

/** How many restarts within how long a supervisor bears. */
export interface Intensity {
  /** Restarts allowed within the window; 0 allows none. */
  readonly maxRestarts: number;
  /** The length of the window in seconds, more than 0. */
  readonly maxSeconds: number;
}

/** The restarts of one supervisor that are still within its window. */
export class RestartWindow {
  readonly #limit: Intensity;
  /** When the restarts took place, oldest first; what is before `#first` has left the window. */
  #times: number[] = [];
  #first = 0;

  constructor(limit: Intensity) {
    this.#limit = limit;
  }

  /** Notes a restart at `now`, in ms, no earlier than the one before; false when it is one too many. */
  admit(now: number): boolean {
    const { maxRestarts, maxSeconds } = this.#limit;
    const oldest = now - maxSeconds * 1_000;
    const times = this.#times;
    times.push(now);
    for (let time = times[this.#first]; time !== undefined && time < oldest; time = times[this.#first]) {
      this.#first += 1;
    }
    // Forgetting in bulk costs each restart a constant, however many there are.
    if (this.#first > 32 && this.#first * 2 > times.length) {
      this.#times = times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first <= maxRestarts;
  }

  /** How many restarts the last call of `admit` found within the window, itself included. */
  get count(): number {
    return this.#times.length - this.#first;
  }
}
