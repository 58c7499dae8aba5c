/**
 * One peer's channel: from the first signal that waits for a handshake to the last that is flushed after the end.
 *
 * ```
 *   pending ── begin() ──► confirming ── first frame of the peer ──► up ── close() ──► closing ──► ended
 *      └────── adopt(): the peer began, and its first frame is here ──► up ── lose() ──────────► ended
 * ```
 *
 * It is the only place that decides that an established channel is lost, and it says so once. One alarm serves everything
 * it waits for.
 */
import { CodecError } from "../base/errors.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Signal } from "../signal/signal.ts";
import { Alarm } from "./alarm.ts";
import type { Channel, LossCause, Peer } from "./channel.ts";
import type { DistributionEvents } from "./contract.ts";
import { Reassembly } from "./fragments.ts";
import { Liveness, type LivenessTimes } from "./liveness.ts";
import { Outbox } from "./outbox.ts";
import { type Content, type FrameContents, packetKind, readText, writeText } from "./packet.ts";
import type { Session, Tally } from "./session.ts";
import type { SignalCodec } from "./signal-codec.ts";
import type { Transport } from "./transport.ts";

/** Limits of a connection, in bytes, and its times. */
export interface ConnectionSettings extends LivenessTimes {
  readonly packetMax: number;
  readonly maxBufferBytes: number;
  readonly maxMessageBytes: number;
  readonly highWaterBytes: number;
}

/** What a connection needs of the distribution. */
export interface ConnectionHost {
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly codec: SignalCodec;
  readonly events: DistributionEvents;
  readonly settings: ConnectionSettings;
  readonly tally: Tally;
  readonly isMediumUp: boolean;
  /** The peer of a connection that was begun here has answered with the session's keys. */
  confirmed(connection: Connection): void;
  /** An established connection is over; what `closing` means is still being flushed. Called before `events.lost`. */
  over(connection: Connection, cause: LossCause): void;
  /** A connection that was never established has to be given up. */
  abandon(connection: Connection, cause: LossCause): void;
  /** Nothing more will happen. */
  ended(connection: Connection): void;
}

const lingerMs = 2_000;
const retryMostMs = 2_000;
const undrainedBytes = 4 * 1024 * 1024;

type State = "pending" | "confirming" | "up" | "closing" | "ended";

/** A channel over a session. */
export class Connection implements Channel {
  readonly #host: ConnectionHost;
  readonly #outbox: Outbox;
  readonly #reassembly: Reassembly;
  readonly #alarm: Alarm;
  readonly #liveness: Liveness;
  readonly #flush = (): void => this.#flushNow();
  #peer: Peer;
  #state: State = "pending";
  #session: Session | undefined;
  #isScheduled = false;
  #isBusy = false;
  #hasOverflowed = false;
  #isGoodbyeSent = false;
  #closingUntil = Infinity;

  constructor(host: ConnectionHost, name: string) {
    const { settings } = host;
    this.#host = host;
    this.#peer = { name, creation: 0, hidden: false };
    this.#outbox = new Outbox(host.codec, { packetMax: settings.packetMax, signalMax: settings.maxMessageBytes });
    this.#reassembly = new Reassembly(settings.maxMessageBytes);
    this.#alarm = new Alarm(host.runtime, (now) => this.#wake(now));
    this.#liveness = new Liveness(settings, host.runtime.now());
  }

  get peer(): Peer {
    return this.#peer;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  get state(): State {
    return this.#state;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  send(signal: Signal): void {
    if (this.#state === "closing" || this.#state === "ended" || this.#hasOverflowed) return;
    if (this.#queued > this.#host.settings.maxBufferBytes && this.#isTooMuch()) {
      this.#hasOverflowed = true;
      this.#schedule();
      return;
    }
    this.#outbox.append(signal);
    if (!this.#isBusy && this.#queued > this.#host.settings.highWaterBytes) this.#isBusy = true;
    if (!this.#isScheduled && this.#state === "up") this.#schedule();
  }

  close(cause: LossCause): void {
    if (this.#state === "pending" || this.#state === "confirming") return this.#host.abandon(this, cause);
    if (this.#state !== "up") return;
    const now = this.#host.runtime.now();
    this.#state = "closing";
    this.#closingUntil = now + lingerMs;
    this.#pump(now);
    this.#host.over(this, cause);
    this.#host.events.lost(this, cause);
  }

  /** The handshake that was begun here was answered: the peer is who it should be, and is now to show that it is there. */
  begin(session: Session, peer: Peer): void {
    this.#peer = peer;
    this.#session = session;
    this.#state = "confirming";
    const now = this.#host.runtime.now();
    this.#liveness.awake(now);
    session.ask(now);
    this.#arm(now);
  }

  /** Takes the session of a peer that is known to be there. The caller reports `up` and hands in its first frame. */
  adopt(session: Session, peer: Peer): void {
    this.#peer = peer;
    this.#session = session;
    this.#state = "up";
    this.#liveness.awake(this.#host.runtime.now());
    this.#schedule();
  }

  /** Drops everything without a word to the node; for a connection that was never established. */
  discard(why: string): void {
    if (this.#state === "confirming") this.#session?.farewell(why, this.#host.runtime.now());
    this.#finish();
  }

  /** A frame that the session owns. */
  receive(frame: Uint8Array, now: number): void {
    const session = this.#session;
    if (session === undefined || this.#isStopped(now)) return;
    const contents = session.read(frame, now);
    if (contents !== undefined) this.handle(contents, now);
  }

  /** The contents of an authentic frame. */
  handle(contents: FrameContents | "bad", now: number): void {
    if (contents === "bad") return this.lose({ kind: "bad_frame", detail: "the peer sent a frame that makes no sense" });
    this.#liveness.heard();
    if (contents.farewell !== undefined) {
      return this.lose({ kind: "peer_disconnect", detail: `the peer ended the connection: ${contents.farewell}` });
    }
    if (this.#state === "confirming") {
      this.#state = "up";
      this.#host.confirmed(this);
    }
    const session = this.#session;
    if (contents.content !== undefined && session?.accept(contents.sequence, contents.content, now) === true) {
      let content: Content | undefined = contents.content;
      for (; content !== undefined && this.#state === "up"; content = session.follow()) this.#deliver(content, now);
    }
    if (this.#state !== "ended") this.#schedule();
  }

  /** Ends an established connection at once; the peer is told, if it can hear. */
  lose(cause: LossCause): void {
    if (this.#state === "closing") return this.#finish();
    if (this.#state === "pending" || this.#state === "confirming") return this.#host.abandon(this, cause);
    if (this.#state !== "up") return;
    if (cause.kind !== "peer_disconnect") {
      this.#session?.farewell(`${cause.kind}: ${cause.detail}`, this.#host.runtime.now());
    }
    this.#state = "ended";
    this.#alarm.cancel();
    this.#host.over(this, cause);
    this.#host.events.lost(this, cause);
  }

  /** The medium says that nobody listens for the peer. */
  absent(now: number): void {
    if (this.#state !== "up" || !this.#host.isMediumUp || !this.#liveness.absent(now)) return;
    const age = Math.round(now - (this.#session?.heardAt ?? now));
    const detail = `nobody has listened for it for ${this.#host.settings.goneAfterMs} ms; the last frame came ${age} ms ago`;
    this.lose({ kind: "gone", detail });
  }

  /** The medium went away or came back. */
  mediumChanged(now: number): void {
    this.#liveness.mediumChanged(now);
    if (!this.#host.isMediumUp || this.#state === "pending" || this.#state === "ended") return;
    this.#session?.resume();
    this.#pump(now);
  }

  /** The times have changed. */
  retime(now: number): void {
    if (this.#state === "up") this.#arm(now);
  }

  get #queued(): number {
    return this.#outbox.size + (this.#session?.held ?? 0);
  }

  // One large signal may be larger than all that may wait otherwise.
  #isTooMuch(): boolean {
    return this.#queued - this.#outbox.largest > this.#host.settings.maxBufferBytes;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#host.runtime.defer(this.#flush);
  }

  #flushNow(): void {
    this.#isScheduled = false;
    if (this.#state === "ended") return;
    if (this.#hasOverflowed) {
      const detail = `more than ${this.#host.settings.maxBufferBytes} bytes waited for it; it takes less than it is sent`;
      return this.lose({ kind: "overflow", detail });
    }
    this.#pump(this.#host.runtime.now());
  }

  #pump(now: number): void {
    const session = this.#session;
    if (session === undefined) return;
    if (this.#host.isMediumUp) {
      session.pump(this.#state === "confirming" ? undefined : this.#outbox, now);
      if (this.#state === "closing") this.#sayGoodbye(session, now);
    }
    if (this.#state === "ended") return;
    if (this.#isBusy && this.#queued <= this.#host.settings.highWaterBytes / 4) {
      this.#isBusy = false;
      if (this.#state === "up") this.#host.events.drained(this);
    }
    this.#arm(now);
  }

  #sayGoodbye(session: Session, now: number): void {
    if (this.#outbox.size > 0) return;
    if (this.#isGoodbyeSent && session.isSettled) return this.#finish();
    if (this.#isGoodbyeSent) return;
    this.#isGoodbyeSent = true;
    session.push({ kind: packetKind.goodbye, fragment: undefined, body: writeText("closed") }, now);
  }

  #deliver({ kind, fragment, body }: Content, now: number): void {
    switch (kind) {
      case packetKind.batch:
        return this.#decode(body);
      case packetKind.goodbye:
        this.#session?.tick(now);
        return this.lose({ kind: "peer_disconnect", detail: `the peer ended the connection: ${readText(body)}` });
      case packetKind.fragment: {
        const whole = fragment === undefined ? "bad" : this.#reassembly.add(fragment, body);
        if (whole === "bad") return this.lose({ kind: "bad_frame", detail: "the peer sent a fragment that fits nowhere" });
        if (whole !== undefined) this.#decode(whole);
        return;
      }
      default:
        return;
    }
  }

  #decode(bytes: Uint8Array): void {
    let isTelling = false;
    try {
      this.#host.codec.decode(bytes, (signal) => {
        isTelling = true;
        this.#host.tally.signalsReceived += 1;
        this.#host.events.signal(this, signal);
        isTelling = false;
        return this.#state === "up";
      });
    } catch (error) {
      if (isTelling || !(error instanceof CodecError)) throw error;
      this.lose({ kind: "bad_frame", detail: `the peer sent what cannot be read: ${error.message}` });
    }
  }

  #isStopped(now: number): boolean {
    const stood = this.#liveness.awake(now);
    if (stood === 0) return false;
    const detail = `this node stood still for ${Math.round(stood)} ms, longer than the tick time; its peers have given it up`;
    this.lose({ kind: "tick_timeout", detail });
    return true;
  }

  #wake(now: number): void {
    const session = this.#session;
    if (session === undefined || this.#isStopped(now)) return;
    if (this.#state === "closing" && now >= this.#closingUntil) return this.#finish();
    const { heardAt } = session;
    const { transport, isMediumUp } = this.#host;
    if (this.#state === "up") {
      if (now >= this.#liveness.silentAt(heardAt)) {
        const detail = `no frame for ${Math.round(now - heardAt)} ms; the tick time is ${this.#host.settings.tickTimeMs} ms`;
        return this.lose({ kind: "tick_timeout", detail });
      }
      if (now >= this.#liveness.probeAt(heardAt)) {
        this.#liveness.probed(now);
        if (isMediumUp) transport.probe(this.#peer.name);
      }
      if (now >= this.#liveness.askAt(heardAt) && session.isSettled) session.ask(now);
      if (now >= this.#liveness.tickAt(session.sentAt)) session.tick(now);
    }
    if (now >= session.retryAt(this.#retryMostMs)) {
      if (isMediumUp && transport.bufferedBytes < undrainedBytes) session.expire();
      else session.postpone(now);
    }
    this.#pump(now);
  }

  get #retryMostMs(): number {
    return Math.min(retryMostMs, this.#host.settings.tickTimeMs / 8);
  }

  #arm(now: number): void {
    const session = this.#session;
    if (session === undefined) return;
    let at = session.retryAt(this.#retryMostMs);
    if (this.#host.isMediumUp) at = Math.min(at, session.ackDueAt);
    if (this.#state === "closing") at = Math.min(at, this.#closingUntil);
    if (this.#state === "up") {
      const { heardAt, sentAt } = session;
      at = Math.min(at, this.#liveness.tickAt(sentAt), this.#liveness.silentAt(heardAt), this.#liveness.probeAt(heardAt));
      if (session.isSettled) at = Math.min(at, this.#liveness.askAt(heardAt));
    }
    this.#alarm.set(at, now);
  }

  #finish(): void {
    this.#state = "ended";
    this.#alarm.cancel();
    this.#host.ended(this);
  }
}
