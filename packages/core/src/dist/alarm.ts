/**
 * One timer for one connection, however many things it waits for.
 *
 * Deadlines move with every frame, nearly always into the future; so a timer that is set stays set, and when it fires early
 * it is set again. Only an earlier deadline replaces it.
 */
import type { Runtime, TimerHandle } from "../runtime/runtime.ts";

/** A deadline that can be moved cheaply. */
export class Alarm {
  readonly #runtime: Runtime;
  readonly #ring: (now: number) => void;
  #timer: TimerHandle | undefined;
  #setFor = Infinity;

  /** `ring` is called at or after the deadline, or earlier; it looks at the clock it is given and sets the alarm anew. */
  constructor(runtime: Runtime, ring: (now: number) => void) {
    this.#runtime = runtime;
    this.#ring = ring;
  }

  /** Wants to be woken at `at`; `Infinity` for no wish. */
  set(at: number, now: number): void {
    if (at >= this.#setFor) return;
    this.#timer?.cancel();
    this.#setFor = at;
    this.#timer = this.#runtime.setTimer(
      Math.max(0, at - now),
      () => {
        this.#timer = undefined;
        this.#setFor = Infinity;
        this.#ring(this.#runtime.now());
      },
      true,
    );
  }

  /** Stops until it is set again. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#setFor = Infinity;
  }

  /** Stops for good. */
  cancel(): void {
    this.clear();
    this.#setFor = -Infinity;
  }
}
