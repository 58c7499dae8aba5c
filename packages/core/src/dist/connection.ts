/**
 * One peer's channel: from the first signal that waits for a handshake to the last that is flushed after the end. It is
 * the only place that decides that an established channel is lost, and it says so once.
 *
 * ```
 *   pending ── begin() ──► confirming ── first frame of the peer ──► up ── close() ──► closing ──► ended
 *      └────── adopt(): the peer began, and its first frame is here ──► up ── lose() ──────────► ended
 * ```
 */
import type { Signal } from "../signal/signal.ts";
import { Alarm } from "./alarm.ts";
import type { Channel, LossCause, Peer } from "./channel.ts";
import type { ConnectionHost, ConnectionNode } from "./connection-host.ts";
import { Inbox } from "./inbox.ts";
import { Liveness } from "./liveness.ts";
import { Outbox } from "./outbox.ts";
import { type Content, type FrameContents, packetKind, readText, writeText } from "./packet.ts";
import type { Session } from "./session.ts";

const lingerMs = 2_000;
const undrainedBytes = 4 * 1024 * 1024;

type State = "pending" | "confirming" | "up" | "closing" | "ended";

/** A channel over a session. */
export class Connection implements Channel {
  readonly #host: ConnectionHost;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #node: ConnectionNode;
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
    const { settings } = host.node;
    this.#host = host;
    this.#node = host.node;
    this.#peer = { name, creation: 0, hidden: false };
    this.#outbox = new Outbox(host.node.codec, { packetMax: settings.packetMax, signalMax: settings.maxMessageBytes });
    this.#inbox = new Inbox(host.node.codec, settings.maxMessageBytes, (signal) => this.#signal(signal));
    this.#alarm = new Alarm(host.node.runtime, (now) => this.#wake(now));
    this.#liveness = new Liveness(settings, host.node.runtime.now());
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
    // One large signal may be larger than all that may wait otherwise.
    const { maxBufferBytes } = this.#node.settings;
    if (this.#queued > maxBufferBytes && this.#queued - this.#outbox.largest > maxBufferBytes) {
      this.#hasOverflowed = true;
      this.#schedule();
      return;
    }
    this.#outbox.append(signal);
    if (!this.#isBusy && this.#queued > this.#node.settings.highWaterBytes) this.#isBusy = true;
    if (!this.#isScheduled && this.#state === "up") this.#schedule();
  }

  close(cause: LossCause): void {
    if (this.#state === "pending" || this.#state === "confirming") return this.#host.abandon(this, cause);
    if (this.#state !== "up") return;
    const now = this.#node.runtime.now();
    this.#state = "closing";
    this.#closingUntil = now + lingerMs;
    this.#pump(now);
    this.#host.over(this);
    this.#node.events.lost(this, cause);
  }

  /** The handshake that was begun here was answered: the peer is who it should be, and is now to show that it is there. */
  begin(session: Session, peer: Peer): void {
    const now = this.#take(session, peer, "confirming");
    session.ask(now);
    this.#arm(now);
  }

  /** Takes the session of a peer that is known to be there. The caller reports `up` and hands in its first frame. */
  adopt(session: Session, peer: Peer): void {
    this.#take(session, peer, "up");
    this.#schedule();
  }

  /** Drops everything without a word to the node; for a connection that was never established. */
  discard(why: string): void {
    if (this.#state === "confirming") this.#session?.farewell(why, this.#node.runtime.now());
    this.#finish();
  }

  /** A frame that the session owns. */
  receive(frame: Uint8Array, now: number): void {
    const contents = this.#isStopped(now) ? undefined : this.#session?.read(frame, now);
    if (contents !== undefined) this.handle(contents, now);
  }

  /** The contents of an authentic frame. */
  handle(contents: FrameContents | "bad", now: number): void {
    if (contents === "bad")
      return this.lose({ kind: "bad_frame", detail: "the peer sent a frame that makes no sense" });
    this.#liveness.heard();
    if (contents.farewell !== undefined) {
      return this.lose({ kind: "peer_disconnect", detail: `the peer ended the connection: ${contents.farewell}` });
    }
    if (this.#state === "confirming") {
      this.#state = "up";
      this.#host.confirmed(this);
    }
    const session = this.#session;
    if (contents.content !== undefined && session?.accept(contents, now) === true) {
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
      this.#session?.farewell(`${cause.kind}: ${cause.detail}`, this.#node.runtime.now());
    }
    this.#state = "ended";
    this.#alarm.cancel();
    this.#host.over(this);
    this.#node.events.lost(this, cause);
  }

  /** The medium says that nobody listens for the peer. */
  absent(now: number): void {
    if (this.#state === "closing") return this.#finish();
    if (this.#state !== "up" || !this.#node.isMediumUp) return;
    const absence = this.#liveness.absent(now);
    if (absence === "news") this.#node.events.doubted(this);
    if (absence !== "gone") return this.#arm(now);
    const age = Math.round(now - (this.#session?.heardAt ?? now));
    const detail = `nobody has listened for it for ${this.#node.settings.goneAfterMs} ms; the last frame came ${age} ms ago`;
    this.lose({ kind: "gone", detail });
  }

  /** Another node doubts that the peer is there. */
  doubt(now: number): void {
    this.#liveness.doubt(now);
    this.#arm(now);
  }

  /** The medium went away or came back. */
  mediumChanged(now: number): void {
    this.#liveness.mediumChanged(now);
    if (!this.#node.isMediumUp || this.#state === "pending" || this.#state === "ended") return;
    this.#session?.resume();
    this.#pump(now);
  }

  /** The times have changed. */
  retime(now: number): void {
    this.#liveness.retimed(now);
    if (this.#state === "up") this.#wake(now);
  }

  #take(session: Session, peer: Peer, state: State): number {
    const now = this.#node.runtime.now();
    this.#peer = peer;
    this.#session = session;
    this.#state = state;
    this.#liveness.takePlace(session.place);
    this.#liveness.awake(now);
    return now;
  }

  get #queued(): number {
    return this.#outbox.size + (this.#session?.held ?? 0);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#node.runtime.defer(this.#flush);
  }

  #flushNow(): void {
    this.#isScheduled = false;
    if (this.#state === "ended") return;
    if (!this.#hasOverflowed) return this.#pump(this.#node.runtime.now());
    const detail = `more than ${this.#node.settings.maxBufferBytes} bytes waited for it; it takes less than it is sent`;
    this.lose({ kind: "overflow", detail });
  }

  #pump(now: number): void {
    const session = this.#session;
    if (session === undefined) return;
    if (this.#node.isMediumUp) {
      session.pump(this.#state === "confirming" ? undefined : this.#outbox, now);
      if (this.#state === "closing") this.#sayGoodbye(session, now);
    }
    if (this.#state === "ended") return;
    if (this.#isBusy && this.#queued <= this.#node.settings.highWaterBytes / 4) {
      this.#isBusy = false;
      if (this.#state === "up") this.#node.events.drained(this);
    }
    this.#arm(now);
  }

  #sayGoodbye(session: Session, now: number): void {
    if (this.#outbox.size > 0) return;
    if (this.#isGoodbyeSent) return session.isSettled ? this.#finish() : undefined;
    this.#isGoodbyeSent = true;
    this.#node.probe(this.#peer.name);
    session.push({ kind: packetKind.goodbye, fragment: undefined, body: writeText("closed") }, now);
  }

  #deliver(content: Content, now: number): void {
    if (content.kind === packetKind.goodbye) {
      this.#session?.tick(now);
      return this.lose({ kind: "peer_disconnect", detail: `the peer ended the connection: ${readText(content.body)}` });
    }
    const fault = this.#inbox.take(content);
    if (fault !== undefined) this.lose({ kind: "bad_frame", detail: `the peer sent ${fault}` });
  }

  #signal(signal: Signal): boolean {
    this.#node.tally.signalsReceived += 1;
    this.#node.events.signal(this, signal);
    return this.#state === "up";
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
    const { transport, isMediumUp } = this.#node;
    if (this.#state === "up") {
      if (now >= this.#liveness.silentAt(heardAt)) {
        const detail = `no frame for ${Math.round(now - heardAt)} ms; the tick time is ${this.#node.settings.tickTimeMs} ms`;
        return this.lose({ kind: "tick_timeout", detail });
      }
      if (now >= this.#liveness.probeAt(heardAt)) {
        this.#liveness.probed(now);
        if (isMediumUp) this.#node.probe(this.#peer.name);
      }
      if (now >= this.#liveness.askAt(heardAt) && session.isSettled) session.ask(now);
      if (now >= this.#liveness.tickAt(session.sentAt)) session.tick(now);
    }
    if (now >= session.retryAt(this.#liveness.patienceMs)) {
      if (isMediumUp && transport.bufferedBytes < undrainedBytes) session.expire();
      else session.postpone(now);
    }
    this.#pump(now);
  }

  #arm(now: number): void {
    const session = this.#session;
    if (session === undefined) return;
    let at = session.retryAt(this.#liveness.patienceMs);
    if (this.#node.isMediumUp) at = Math.min(at, session.ackDueAt);
    if (this.#state === "closing") at = Math.min(at, this.#closingUntil);
    if (this.#state === "up") at = Math.min(at, this.#liveness.dueAt(session));
    this.#alarm.set(at, now);
  }

  #finish(): void {
    this.#state = "ended";
    this.#alarm.cancel();
    this.#host.ended(this);
  }
}
