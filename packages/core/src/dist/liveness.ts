/**
 * Whether a peer still lives, as far as that can be known: pure, fed with what is seen.
 *
 * - *Silence* for the tick time is a loss (NODE-20). Each side says something at least every quarter of it and, after half of
 *   it, asks for an answer, so that different settings on the two sides harm nobody.
 * - *Absence*: the medium says that nobody listens, without a break, for `goneAfterMs`. After the own medium was away it is
 *   not believed for a while, since peers need time to come back, too. The medium is asked often while few peers are to be asked
 *   about, or one is in doubt, and otherwise so seldom that the node's questions stay few, each peer at a time of its own: of many
 *   nodes that ask seldom, one soon asks, and who hears of its doubt asks at once.
 * - *Standing still*: a node that was stopped for longer than the tick time has been given up by its peers, and finds out by
 *   looking at the clock, before it handles anything that arrived meanwhile. One that was held up for less first gives what
 *   has arrived a chance to be read before it calls a peer silent.
 */
import type { Session } from "./session.ts";

/** The times that decide, in ms; they may change. */
export interface LivenessTimes {
  readonly tickTimeMs: number;
  readonly goneAfterMs: number;
  /** How often the medium is asked about each peer at most, on the average, unless there is doubt. */
  readonly probeEveryMs: number;
}

/** What follows when the medium says that nobody listens: nothing yet, that others should look, too, or that it has been so for long enough. */
export type Absence = "noted" | "news" | "gone";

/** What is known about one peer. */
export class Liveness {
  readonly #times: LivenessTimes;
  #awakeAt: number;
  #patientUntil = -Infinity;
  #probedAt: number;
  #probeBy = Infinity;
  #place = 0;
  #warnedAt = -Infinity;
  #absentSince = Infinity;
  #absentAt = -Infinity;
  #trustAbsenceFrom = -Infinity;

  constructor(times: LivenessTimes, now: number) {
    this.#times = times;
    this.#awakeAt = now;
    this.#probedAt = now;
  }

  /** Where among the other peers this one has its turn, from 0 to 1. */
  takePlace(place: number): void {
    this.#place = place;
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

  /** The medium says that nobody listens for the peer. Where peers are asked about seldom that is news, unless it was heard before. */
  absent(now: number): Absence {
    const { goneAfterMs } = this.#times;
    if (now < this.#trustAbsenceFrom) return "noted";
    // Two probes without that answer are a break.
    const isNew = this.#absentSince === Infinity || now - this.#absentAt > goneAfterMs / 2;
    if (isNew) this.#absentSince = now;
    this.#absentAt = now;
    if (isNew) return this.#isCrowded && now - this.#warnedAt > goneAfterMs ? "news" : "noted";
    return now - this.#absentSince >= goneAfterMs ? "gone" : "noted";
  }

  /** Somebody else was told that nobody listens for the peer: the medium is to be asked soon. */
  doubt(now: number): void {
    this.#warnedAt = now;
    this.#probeBy = Math.max(now, this.#probedAt + this.#times.goneAfterMs / 8);
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

  /** When to ask the medium about a peer heard at `heardAt`; more often as long as it says that nobody listens. */
  probeAt(heardAt: number): number {
    const { goneAfterMs, probeEveryMs } = this.#times;
    const since = Math.max(heardAt, this.#probedAt);
    const isDoubtful = this.#absentSince !== Infinity && since - this.#absentAt <= goneAfterMs / 2;
    if (isDoubtful) return since + goneAfterMs / 8;
    if (!this.#isCrowded) return Math.min(this.#probeBy, since + goneAfterMs / 4);
    const turns = Math.ceil((since + probeEveryMs / 2) / probeEveryMs - this.#place);
    return Math.min(this.#probeBy, (turns + this.#place) * probeEveryMs);
  }

  /** When the first of all these is due. */
  dueAt({ heardAt, sentAt, isSettled }: Pick<Session, "heardAt" | "sentAt" | "isSettled">): number {
    const askAt = isSettled ? this.askAt(heardAt) : Infinity;
    return Math.min(this.tickAt(sentAt), this.silentAt(heardAt), this.probeAt(heardAt), askAt);
  }

  /** The medium has been asked. */
  probed(now: number): void {
    this.#probedAt = now;
    this.#probeBy = Infinity;
  }

  /** Whether there are so many peers that each is asked about seldom. */
  get #isCrowded(): boolean {
    return this.#times.probeEveryMs > this.#times.goneAfterMs / 4;
  }
}
