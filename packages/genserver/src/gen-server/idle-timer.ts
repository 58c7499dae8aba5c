/** The time that a server waits for any message, as a result asked for it (GS-13). */
import { type ProcessControl, TimerEntry } from "@otp/core/internal";

/** One such wait. A message that is there when the time is over goes first. */
export class IdleTimer extends TimerEntry {
  readonly #process: ProcessControl;
  readonly ms: number;
  isDue = false;

  constructor(process: ProcessControl, ms: number) {
    super();
    this.#process = process;
    this.ms = ms;
  }

  begin(): void {
    if (this.ms === 0) {
      this.expire();
      return;
    }
    this.#process.ownTimer(this);
    this.#process.kernel.timers.start(this, this.ms);
  }

  end(): void {
    this.#process.kernel.timers.cancel(this);
    this.#process.disownTimer(this);
  }

  override expire(): void {
    this.isDue = true;
    this.#process.disownTimer(this);
    this.#process.wake();
  }
}
