/**
 * Invitations that were answered and whose sender has yet to show that it is there.
 *
 * An invitation may be an old one that is played back, so an answer changes nothing for anybody until a frame sealed with
 * the session's own keys arrives. Until then it is one of a few entries, which go away by themselves. An invitation that is
 * repeated gets the same answer again.
 */
import type { Runtime } from "../runtime/runtime.ts";
import { Alarm } from "./alarm.ts";
import type { Peer } from "./channel.ts";
import type { FrameContents } from "./packet.ts";
import type { Session } from "./session.ts";

/** An answered invitation. */
export interface HalfOpenEntry {
  /** The invitation's key. */
  readonly key: string;
  readonly peer: Peer;
  readonly session: Session;
  readonly answer: Uint8Array;
}

/** A half-open session whose peer has shown that it is there. */
export interface Confirmed {
  readonly peer: Peer;
  readonly session: Session;
  readonly contents: FrameContents | "bad";
}

interface Dated extends HalfOpenEntry {
  readonly until: number;
}

const entriesMax = 4;
const usedMax = 32;

/** The half-open sessions with one peer. */
export class HalfOpen {
  readonly #entries: Dated[] = [];
  readonly #used: string[] = [];
  readonly #lifeMs: number;
  readonly #runtime: Runtime;
  readonly #alarm: Alarm;
  readonly #emptied: () => void;

  /** Entries live for `lifeMs`; `emptied` is called when the last one has expired. */
  constructor(runtime: Runtime, lifeMs: number, emptied: () => void) {
    this.#runtime = runtime;
    this.#lifeMs = lifeMs;
    this.#alarm = new Alarm(runtime, (now) => this.#expire(now));
    this.#emptied = emptied;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** The answer that the invitation with that key got. */
  answerTo(key: string): Uint8Array | undefined {
    return this.#entries.find((entry) => entry.key === key)?.answer;
  }

  /** Whether the invitation with that key has already led to a session. */
  wasUsed(key: string): boolean {
    return this.#used.includes(key);
  }

  /** Adds an entry; the oldest goes if there are too many. */
  add(entry: HalfOpenEntry): void {
    const now = this.#runtime.now();
    this.#entries.push({ ...entry, until: now + this.#lifeMs });
    if (this.#entries.length > entriesMax) this.#entries.shift();
    this.#alarm.set(now + this.#lifeMs, now);
  }

  /** The peer of the session that `frame` says it belongs to. */
  peerOf(frame: Uint8Array): Peer | undefined {
    return this.#entries.find(({ session }) => session.owns(frame))?.peer;
  }

  /** Takes out the session that `frame` authentically belongs to; what the peer had begun before that is forgotten. */
  confirm(frame: Uint8Array, now: number): Confirmed | undefined {
    const at = this.#entries.findIndex(({ session }) => session.owns(frame));
    const entry = this.#entries[at];
    const contents = entry?.session.read(frame, now);
    if (entry === undefined || contents === undefined) return undefined;
    this.#forget(at + 1);
    return { peer: entry.peer, session: entry.session, contents };
  }

  /** Forgets those that were there at `time`: a connection that has been made since then is what the peer is left with. */
  forgetUntil(time: number): void {
    const later = this.#entries.findIndex(({ until }) => until > time + this.#lifeMs);
    this.#forget(later < 0 ? this.#entries.length : later);
  }

  /** Forgets everything. */
  clear(): void {
    this.#alarm.cancel();
    this.#entries.length = 0;
  }

  /** The oldest `count` are no longer waited for; what is said about them from now on comes too late. */
  #forget(count: number): void {
    for (const { key } of this.#entries.splice(0, count)) this.#used.push(key);
    this.#used.splice(0, this.#used.length - usedMax);
    if (this.isEmpty) this.#alarm.clear();
  }

  #expire(now: number): void {
    while ((this.#entries[0]?.until ?? Infinity) <= now) this.#entries.shift();
    const first = this.#entries[0];
    if (first === undefined) this.#emptied();
    else this.#alarm.set(first.until, now);
  }
}
