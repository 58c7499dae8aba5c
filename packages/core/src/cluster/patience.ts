/** Says whom an operation waits for, once it takes long: waits end by themselves, but nobody should have to guess at them. */
import type { Logger } from "pino";

import { show } from "../base/show.ts";
import { type Timers, TimerEntry } from "../runtime/timers.ts";
import type { Waits } from "./waits.ts";

/** After how many ms it is said. */
export const patienceMs = 5_000;

/** Watches the waits of one service. */
export class Patience extends TimerEntry {
  readonly #timers: Timers;
  readonly #waits: Waits<boolean>;
  readonly #log: Logger;
  /** Waits up to this number have been there when the timer was set, */
  #seen = 0;
  /** and those up to this one have been told. */
  #told = 0;

  constructor(timers: Timers, waits: Waits<boolean>, log: Logger) {
    super();
    this.#timers = timers;
    this.#waits = waits;
    this.#log = log;
  }

  /** To be called whenever waits may have begun or ended. */
  check(): void {
    if (this.#waits.size === 0) this.#timers.cancel(this);
    else if (this.list === null) this.#begin();
  }

  expire(): void {
    for (const { id, what, name, nodes } of this.#waits.until(this.#seen)) {
      if (id <= this.#told) continue;
      this.#log.warn(
        { event: "global_waits", what, name, nodes },
        `${what} of ${show(name)} waits for ${nodes.join(", ")}`,
      );
    }
    this.#told = this.#seen;
    this.check();
  }

  #begin(): void {
    this.#seen = this.#waits.latest;
    this.#timers.start(this, patienceMs);
  }
}

/** A pause, or a limit. */
export class Alarm extends TimerEntry {
  readonly #ring: () => void;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  expire(): void {
    this.#ring();
  }
}
