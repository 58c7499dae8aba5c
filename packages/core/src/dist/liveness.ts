/**
 * Whether a peer still lives, as far as that can be known: pure, fed with what is seen.
 *
 * - *Silence* for the tick time is a loss (NODE-20). Each side says something at least every quarter of it and, after half of
 *   it, asks for an answer, so that different settings on the two sides harm nobody.
 * - *Absence*: the medium says that nobody listens, without a break, for `goneAfterMs`. After the own medium was away it is
 *   not believed for a while, since peers need time to come back, too.
 * - *Standing still*: a node that was stopped for longer than the tick time has been given up by its peers, and finds out by
 *   looking at the clock, before it handles anything that arrived meanwhile. One that was held up for less first gives what
 *   has arrived a chance to be read before it calls a peer silent.
 */

/** The times that decide, in ms; they may change. */
export interface LivenessTimes {
  readonly tickTimeMs: number;
  readonly goneAfterMs: number;
}

/** What is known about one peer. */
export class Liveness {
  readonly #times: LivenessTimes;
  #awakeAt: number;
  #patientUntil = -Infinity;
  #probedAt: number;
  #absentSince = Infinity;
  #absentAt = -Infinity;
  #trustAbsenceFrom = -Infinity;

  constructor(times: LivenessTimes, now: number) {
    this.#times = times;
    this.#awakeAt = now;
    this.#probedAt = now;
  }

  /** To be called whenever the node does something for this peer. For how long it stood still, if for too long, else 0. */
  awake(now: number): number {
    const gap = now - this.#awakeAt;
    this.#awakeAt = now;
    const { tickTimeMs } = this.#times;
    // Woken every quarter of the tick time at least, so a longer gap means that something held the node up.
    if (gap > tickTimeMs / 3) this.#patientUntil = Math.max(this.#patientUntil, now + Math.min(1_000, tickTimeMs / 8));
    return gap > tickTimeMs ? gap : 0;
  }

  /** The times have changed: what was in order before gets a full tick time to be in order again. */
  retimed(now: number): void {
    this.#awakeAt = now;
    this.#patientUntil = now + this.#times.tickTimeMs;
  }

  /** An authentic frame came. */
  heard(): void {
    this.#absentSince = Infinity;
  }

  /** The medium went away or came back; what it said about the peer is void. */
  mediumChanged(now: number): void {
    this.#absentSince = Infinity;
    this.#trustAbsenceFrom = now + this.#times.goneAfterMs;
  }

  /** The medium says that nobody listens for the peer; true if it has said so for long enough. */
  absent(now: number): boolean {
    if (now < this.#trustAbsenceFrom) return false;
    // Two probes without that answer are a break.
    if (this.#absentSince === Infinity || now - this.#absentAt > this.#times.goneAfterMs / 2) this.#absentSince = now;
    this.#absentAt = now;
    return now - this.#absentSince >= this.#times.goneAfterMs;
  }

  /** When a peer heard at `heardAt` is to be called silent. */
  silentAt(heardAt: number): number {
    return Math.max(heardAt + this.#times.tickTimeMs, this.#patientUntil);
  }

  /** How long to wait at most before something is sent again. */
  get patienceMs(): number {
    return Math.min(2_000, this.#times.tickTimeMs / 8);
  }

  /** When to ask a peer heard at `heardAt` for an answer. */
  askAt(heardAt: number): number {
    return heardAt + this.#times.tickTimeMs / 2;
  }

  /** When to say something, having said something at `sentAt`. */
  tickAt(sentAt: number): number {
    return sentAt + this.#times.tickTimeMs / 4;
  }

  /** When to ask the medium about a peer heard at `heardAt`; more often once it has said that nobody listens. */
  probeAt(heardAt: number): number {
    const isDoubtful = this.#absentSince !== Infinity;
    return Math.max(heardAt, this.#probedAt) + this.#times.goneAfterMs / (isDoubtful ? 8 : 4);
  }

  /** The medium has been asked. */
  probed(now: number): void {
    this.#probedAt = now;
  }
}
