/**
 * How much may be under way to one peer, and how long to wait for an acknowledgement: pure arithmetic on round-trip times.
 *
 * A medium has queues of its own, and what stands in them delays everything behind it: heartbeats, and the small signals
 * that should overtake a large one. So the amount under way grows while round trips stay near the shortest seen and
 * shrinks when they get longer (as in TCP Vegas and LEDBAT). A loss says little here, since a broker that restarts loses
 * whole runs: it only makes the sender begin anew from a small amount.
 */

const windowMin = 16 * 1024;
const windowFirst = 128 * 1024;
const windowMax = 4 * 1024 * 1024;
const queueMs = 25;
const baseKeptMs = 30_000;
const timeoutMinMs = 200;
const timeoutFirstMs = 500;

/** The pace towards one peer. */
export class Pace {
  #window = windowFirst;
  #smoothed = -1;
  #variation = 0;
  #backoff = 1;
  // The shortest round trip of this stretch of time and of the one before, so that a longer way is learnt, too.
  #base = Infinity;
  #baseBefore = Infinity;
  #baseSince = 0;
  // By how much round trips were longer than need be, as a share of what is too long: the latest, the quickest of this
  // round, and of the one before. What merely happens to be late is no queue: a process that waits for its processor.
  #latest = 0;
  #quickest = Infinity;
  #load = 0;
  #roundSince = 0;

  /** How many bytes may be under way. */
  get window(): number {
    return this.#window;
  }

  /** A good size for the pieces of something large. */
  get piece(): number {
    return Math.max(windowMin / 4, Math.min(this.#window / 8, 64 * 1024));
  }

  /**
   * How long to wait for an acknowledgement before sending again. Waiting longer each time ends at `mostMs`, unless round trips
   * take as long as that: to send again before an answer can be there fills a slow way with what it has carried already.
   */
  timeoutMs(mostMs: number): number {
    const plain = this.#smoothed < 0 ? timeoutFirstMs : Math.max(timeoutMinMs, this.#smoothed + 4 * this.#variation);
    return Math.min(plain * this.#backoff, Math.max(mostMs, plain));
  }

  /**
   * Takes a measured round trip. Of it, `slackMs` may have been spent in nodes that did something else; that is no reason
   * to send less.
   */
  sample(roundTripMs: number, slackMs: number, now: number): void {
    if (this.#smoothed < 0) {
      this.#smoothed = roundTripMs;
      this.#variation = roundTripMs / 2;
    } else {
      this.#variation += (Math.abs(roundTripMs - this.#smoothed) - this.#variation) / 4;
      this.#smoothed += (roundTripMs - this.#smoothed) / 8;
    }
    if (now - this.#baseSince > baseKeptMs) {
      this.#baseBefore = this.#base;
      this.#base = Infinity;
      this.#baseSince = now;
    }
    this.#base = Math.min(this.#base, roundTripMs);
    const base = Math.min(this.#base, this.#baseBefore);
    this.#latest = (roundTripMs - slackMs - base) / Math.max(queueMs, base);
    this.#quickest = Math.min(this.#quickest, this.#latest);
    if (now - this.#roundSince >= this.#smoothed) this.#endRound(now);
  }

  /** Something new was acknowledged; `wasFull` when all that was allowed had been under way. */
  progress(bytes: number, wasFull: boolean): void {
    this.#backoff = 1;
    if (wasFull && this.#load < 0.5 && this.#latest < 0.5) this.#window = Math.min(windowMax, this.#window + bytes);
  }

  /** No acknowledgement came in time. */
  timeout(): void {
    this.#backoff = Math.min(this.#backoff * 2, 64);
    this.#window = Math.max(windowMin, Math.min(this.#window / 2, windowFirst / 4));
  }

  /** The medium is back: what was learnt about waiting for it no longer holds. */
  resume(): void {
    this.#backoff = 1;
  }

  #endRound(now: number): void {
    this.#load = this.#quickest;
    if (this.#load > 1) this.#window = Math.max(windowMin, this.#window / 2);
    this.#quickest = Infinity;
    this.#roundSince = now;
  }
}
