/**
 * One epoch with one incarnation of one peer: packets in sealed frames, there and back.
 *
 * It knows when it wants to be woken and has no timer; it hands out contents and does not look into them. What arrives
 * authentically counts as a sign of life, whatever it is.
 */
import type { Secrecy } from "../runtime/secrecy.ts";
import type { NoiseKeys } from "./noise.ts";
import {
  type Ack,
  type Content,
  type FrameContents,
  type OutgoingPacket,
  packetKind,
  readContents,
  writeContentsHead,
  writeFarewell,
} from "./packet.ts";
import { Opener, Sealer, sealOverhead, sessionIdOf } from "./seal.ts";
import { ReceiveWindow, SendWindow } from "./stream.ts";

/** The counters of a distribution while they are being counted. */
export interface Tally {
  framesSent: number;
  framesReceived: number;
  bytesSent: number;
  bytesReceived: number;
  signalsReceived: number;
  retransmitted: number;
  duplicates: number;
  forged: number;
  replayed: number;
  stale: number;
  refusals: number;
  probesSent: number;
}

/** Where packets come from. */
export interface PacketSource {
  next(pieceSize: number | undefined): Content | undefined;
}

/** What a session needs. */
export interface SessionOptions {
  readonly keys: NoiseKeys;
  /** Default those of the host. */
  readonly secrecy?: Secrecy | undefined;
  readonly now: number;
  readonly tally: Tally;
  /** Gives a frame to the medium. */
  readonly write: (frame: Uint8Array) => void;
}

const ackDelayMs = 5;
const ackAfterPackets = 32;
const ackAfterBytes = 256 * 1024;
const settled = Promise.resolve();
const nothing: Content = { kind: packetKind.nothing, fragment: undefined, body: new Uint8Array(0) };

/** An epoch. */
export class Session {
  readonly #id: Uint8Array;
  readonly #sealer: Sealer;
  readonly #opener: Opener;
  readonly #tally: Tally;
  readonly #write: (frame: Uint8Array) => void;
  readonly #out = new SendWindow();
  readonly #in = new ReceiveWindow();
  // Done when the medium has written what `pump` gave it, and before the host waits: for a lone call that time is free.
  readonly #prepare = (): void => {
    this.#sealer.prepare();
    this.#opener.prepare();
  };
  #heardAt: number;
  #sentAt: number;
  #highestAt = 0;
  #highestSlack = 0;
  // When something was last done here; what has arrived since then may have been waiting.
  #turnAt: number;
  #ackDueAt = Infinity;
  #unackedPackets = 0;
  #unackedBytes = 0;

  constructor({ keys, secrecy, now, tally, write }: SessionOptions) {
    const how = secrecy === undefined ? {} : { secrecy };
    this.#id = sessionIdOf(keys, secrecy);
    this.#sealer = new Sealer(this.#id, keys.send, how);
    this.#opener = new Opener(keys.receive, how);
    this.#tally = tally;
    this.#write = write;
    this.#heardAt = now;
    this.#sentAt = now;
    this.#turnAt = now;
  }

  /** A number from 0 to 1 that this session has by chance. */
  get place(): number {
    return (this.#id[0] ?? 0) / 256;
  }

  /** When the last authentic frame came; at first, when the session began. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** When the last frame was sent. */
  get sentAt(): number {
    return this.#sentAt;
  }

  /** True once an authentic frame has come: the other side has the keys, too. */
  get isConfirmed(): boolean {
    return this.#opener.highest >= 0;
  }

  /** Bytes sent and not yet acknowledged. */
  get held(): number {
    return this.#out.held;
  }

  /** True if everything sent has been acknowledged. */
  get isSettled(): boolean {
    return this.#out.isSettled;
  }

  /** When an acknowledgement has to leave. */
  get ackDueAt(): number {
    return this.#ackDueAt;
  }

  /** When packets have to be sent again. */
  retryAt(mostMs: number): number {
    return this.#out.deadline(mostMs);
  }

  /** Whether `frame` says that it belongs to this session. */
  owns(frame: Uint8Array): boolean {
    for (let i = 0; i < 8; i += 1) if (frame[i + 1] !== this.#id[i]) return false;
    return frame.length >= sealOverhead;
  }

  /**
   * Opens a frame that `owns` has recognised and takes its acknowledgement. `undefined` if it is forged or played back, which
   * changes nothing but the tally; `"bad"` if the other side, which has the keys, sent nonsense.
   */
  read(frame: Uint8Array, now: number): FrameContents | "bad" | undefined {
    const opened = this.#opener.open(frame);
    if (typeof opened === "string") {
      this.#tally[opened] += 1;
      return undefined;
    }
    this.#tally.framesReceived += 1;
    this.#tally.bytesReceived += frame.length;
    const slack = now - this.#turnAt;
    this.#turnAt = now;
    this.#heardAt = now;
    if (opened.counter === this.#opener.highest) {
      this.#highestAt = now;
      this.#highestSlack = slack;
    }
    const contents = readContents(opened.contents);
    if (contents === undefined) return "bad";
    const { ack } = contents;
    if (ack !== undefined && (ack.frame >= this.#sealer.next || !this.#out.acknowledge(ack, slack, now))) return "bad";
    return contents;
  }

  /** Takes the packet in what `read` gave; true if it, and what `follow` then gives, comes next. */
  accept({ sequence, content, isUrgent: isAwaited }: FrameContents, now: number): boolean {
    if (content === undefined) return false;
    const arrival = this.#in.accept(sequence, content);
    this.#unackedPackets += 1;
    this.#unackedBytes += content.body.length;
    const isUrgent =
      isAwaited || arrival !== "next" || this.#unackedPackets >= ackAfterPackets || this.#unackedBytes >= ackAfterBytes;
    this.#ackDueAt = isUrgent ? now : Math.min(this.#ackDueAt, now + ackDelayMs);
    if (arrival === "duplicate") this.#tally.duplicates += 1;
    return arrival === "next";
  }

  /** The packet that comes next, if it has arrived. */
  follow(): Content | undefined {
    return this.#in.follow();
  }

  /** Sends what may be sent now: lost packets first, then new ones from `source`; then an acknowledgement that is due. */
  pump(source: PacketSource | undefined, now: number): void {
    this.#turnAt = now;
    for (let lost = this.#out.nextLost(); lost !== undefined; lost = this.#out.nextLost()) {
      const frame = this.#sealer.next;
      this.#send({ sequence: lost.sequence, content: lost.content, isUrgent: true }, now);
      this.#out.resent(lost, frame, now);
      this.#tally.retransmitted += 1;
    }
    while (this.#out.hasRoom("small")) {
      const content = source?.next(this.#out.hasRoom("large") ? this.#out.pace.piece : undefined);
      if (content === undefined) break;
      this.push(content, now);
    }
    if (this.#ackDueAt <= now) this.tick(now);
    void settled.then(this.#prepare);
  }

  /** Sends `content` as the next packet, room or not. Returns its sequence number. */
  push(content: Content, now: number): number {
    const sequence = this.#out.next;
    const frame = this.#sealer.next;
    this.#send({ sequence, content, isUrgent: this.#out.mustHurry(content) }, now);
    this.#out.admit(content, frame, now);
    return sequence;
  }

  /** Sends a packet that carries nothing, and so has to be acknowledged. Returns its sequence number. */
  ask(now: number): number {
    return this.push(nothing, now);
  }

  /** Whether the packet with that number and all before it have arrived. */
  hasArrived(sequence: number): boolean {
    return this.#out.hasArrived(sequence);
  }

  /** Sends a frame that carries nothing but an acknowledgement. */
  tick(now: number): void {
    this.#send(undefined, now);
  }

  /** Tells the other side, once and without waiting, that this is the end. */
  farewell(why: string, now: number): void {
    this.#dispatch(this.#sealer.seal(writeFarewell(why), undefined), now);
  }

  /** Packets have not been acknowledged by `retryAt`; `pump` will send them again. */
  expire(): void {
    this.#out.expire();
  }

  /** There is no point yet in sending again. */
  postpone(now: number): void {
    this.#out.postpone(now);
  }

  /** The medium is back; `pump` will send everything again that was under way. */
  resume(): void {
    this.#out.resume();
  }

  #send(packet: OutgoingPacket | undefined, now: number): void {
    const head = writeContentsHead(this.#takeAck(packet === undefined, now), packet);
    this.#dispatch(this.#sealer.seal(head, packet?.content.body), now);
  }

  #takeAck(isWanted: boolean, now: number): Ack | undefined {
    const { highest } = this.#opener;
    if (highest < 0 || (!isWanted && this.#ackDueAt === Infinity)) return undefined;
    this.#ackDueAt = Infinity;
    this.#unackedPackets = 0;
    this.#unackedBytes = 0;
    const { next, ranges } = this.#in;
    return { next, frame: highest, delayMs: now - this.#highestAt, slackMs: this.#highestSlack, ranges };
  }

  #dispatch(frame: Uint8Array, now: number): void {
    this.#sentAt = now;
    this.#tally.framesSent += 1;
    this.#tally.bytesSent += frame.length;
    this.#write(frame);
  }
}
