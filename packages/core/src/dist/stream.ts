/**
 * An ordered, complete stream of packets over frames that get lost, doubled and reordered: sequence numbers,
 * acknowledgements and retransmission, without I/O and without a clock of its own (TR-1, TR-2).
 *
 * A packet that is sent again travels in a new frame, so a frame counter in an acknowledgement tells which sending arrived;
 * round trips and losses are judged by it. A packet counts as lost when something sent clearly later has arrived, or when
 * no acknowledgement comes in time; then it waits to be sent again.
 */
import { invariant } from "../base/invariant.ts";
import { Ring } from "../base/ring.ts";
import { Pace } from "./pace.ts";
import { type Ack, type Content, type Range, rangesMax } from "./packet.ts";

/** A packet that has been sent and not yet been acknowledged. */
export interface Packet {
  readonly sequence: number;
  readonly content: Content;
  /** What it counts for; the body and a little. */
  readonly size: number;
  /** Counter of the frame that carried it last. */
  frame: number;
  sentAt: number;
  /** The sendings before the last one, if it was sent again: any of them may be the one that arrived. */
  earlier: Sending[] | undefined;
  isAcknowledged: boolean;
  isLost: boolean;
}

interface Sending {
  readonly frame: number;
  readonly sentAt: number;
}

interface Acknowledged {
  readonly frame: number;
  readonly delayMs: number;
  readonly slackMs: number;
  readonly now: number;
}

const packetCost = 64;
const packetsMax = 4096;
const earlierMax = 8;
const largeShare = 0.75;
const urgentShare = 0.2;
const reorderedFrames = 3;
const keptBytesMax = 16 * 1024 * 1024;
const keptPacketsMax = 4 * packetsMax;

/** The sending half of a stream. */
export class SendWindow {
  readonly pace: Pace = new Pace();
  readonly #packets: Packet[] = [];
  #first = 0;
  #next = 0;
  #inFlight = 0;
  #held = 0;
  #lost = 0;
  #lastSentAt = 0;
  /** Bytes sent since an acknowledgement was asked for. */
  #patient = 0;

  /** Bytes that are not acknowledged yet. */
  get held(): number {
    return this.#held;
  }

  /** The sequence number of the next new packet. */
  get next(): number {
    return this.#next;
  }

  /** True if everything sent has arrived. */
  get isSettled(): boolean {
    return this.#packets.length === 0;
  }

  /** Whether everything up to `sequence` has arrived. */
  hasArrived(sequence: number): boolean {
    return sequence < this.#first;
  }

  /** Whether another packet may be under way; large ones leave room for small ones. */
  hasRoom(size: "small" | "large"): boolean {
    if (this.#inFlight === 0) return true;
    if (this.#packets.length >= packetsMax) return false;
    return this.#inFlight < (size === "small" ? this.pace.window : this.pace.window * largeShare);
  }

  /** Whether `content`, sent next, is to be acknowledged at once: the window is nearly full, and that was not just asked for. */
  mustHurry(content: Content): boolean {
    const size = content.body.length + packetCost;
    this.#patient += size;
    const { window } = this.pace;
    if (this.#inFlight + size < largeShare * window || this.#patient < urgentShare * window) return false;
    this.#patient = 0;
    return true;
  }

  /** Takes `content` as the next packet, carried by frame number `frame`. Returns its sequence number. */
  admit(content: Content, frame: number, now: number): number {
    const size = content.body.length + packetCost;
    const sequence = this.#next;
    this.#next += 1;
    this.#packets.push({
      sequence,
      content,
      size,
      frame,
      sentAt: now,
      earlier: undefined,
      isAcknowledged: false,
      isLost: false,
    });
    this.#inFlight += size;
    this.#held += size;
    this.#lastSentAt = now;
    return sequence;
  }

  /** The oldest packet that has to be sent again, if there is room for it. */
  nextLost(): Packet | undefined {
    if (this.#lost === 0 || !this.hasRoom("small")) return undefined;
    return this.#packets.find((packet) => packet.isLost);
  }

  /** `packet` has been sent again in frame number `frame`. */
  resent(packet: Packet, frame: number, now: number): void {
    packet.earlier = [{ frame: packet.frame, sentAt: packet.sentAt }, ...(packet.earlier ?? [])].slice(0, earlierMax);
    packet.frame = frame;
    packet.sentAt = now;
    packet.isLost = false;
    this.#lost -= 1;
    this.#inFlight += packet.size;
    this.#lastSentAt = now;
  }

  /**
   * Takes an acknowledgement, which may have been there for `slackMs`; false when it speaks of packets that were never
   * sent.
   */
  acknowledge(ack: Ack, slackMs: number, now: number): boolean {
    const last = ack.ranges.at(-1);
    if (ack.next > this.#next || (last !== undefined && last.start + last.length > this.#next)) return false;
    const wasFull = !this.hasRoom("large");
    const at: Acknowledged = { frame: ack.frame, delayMs: ack.delayMs, slackMs: slackMs + ack.slackMs, now };
    let fresh = 0;
    let end = 0;
    for (const packet of this.#packets) {
      if (packet.sequence >= ack.next) break;
      fresh += this.#arrived(packet, at);
      end += 1;
    }
    if (end > 0) {
      this.#packets.splice(0, end);
      this.#first += end;
    }
    for (const { start, length } of ack.ranges) {
      for (let sequence = Math.max(start, this.#first); sequence < start + length; sequence += 1) {
        const packet = this.#packets[sequence - this.#first];
        if (packet !== undefined) fresh += this.#arrived(packet, at);
      }
    }
    this.#judge(ack);
    if (fresh > 0) this.pace.progress(fresh, wasFull);
    return true;
  }

  /** When to call `expire`, unless an acknowledgement comes first; no later than `mostMs` after the last sending. */
  deadline(mostMs: number): number {
    return this.#inFlight > 0 ? this.#lastSentAt + this.pace.timeoutMs(mostMs) : Infinity;
  }

  /** What was sent has not left yet, so there is no point in sending it again: waits anew. */
  postpone(now: number): void {
    this.#lastSentAt = now;
  }

  /** No acknowledgement came by the deadline: everything under way is taken for lost. */
  expire(): void {
    this.pace.timeout();
    this.#loseAll();
  }

  /** The medium has been away and is back: everything under way is taken for lost and goes out again at once. */
  resume(): void {
    this.pace.resume();
    this.#loseAll();
  }

  #arrived(packet: Packet, { frame, delayMs, slackMs, now }: Acknowledged): number {
    const sending = packet.frame === frame ? packet : packet.earlier?.find((each) => each.frame === frame);
    if (sending !== undefined) this.pace.sample(Math.max(0, now - sending.sentAt - delayMs), slackMs, now);
    if (packet.isAcknowledged) return 0;
    packet.isAcknowledged = true;
    this.#held -= packet.size;
    if (packet.isLost) {
      packet.isLost = false;
      this.#lost -= 1;
    } else {
      this.#inFlight -= packet.size;
    }
    return packet.size;
  }

  // Without a gap the oldest packet was sent in the oldest frame, so mostly one look is enough.
  #judge({ frame, ranges }: Ack): void {
    const oldest = this.#packets[0];
    if (oldest === undefined || (ranges.length === 0 && oldest.frame + reorderedFrames > frame)) return;
    for (const packet of this.#packets) {
      if (packet.frame + reorderedFrames <= frame) this.#lose(packet);
    }
  }

  #loseAll(): void {
    for (const packet of this.#packets) this.#lose(packet);
  }

  #lose(packet: Packet): void {
    if (packet.isAcknowledged || packet.isLost) return;
    packet.isLost = true;
    this.#lost += 1;
    this.#inFlight -= packet.size;
  }
}

/** What became of a packet that arrived. */
export type Arrival = "next" | "kept" | "duplicate" | "beyond";

/** The receiving half of a stream. */
export class ReceiveWindow {
  readonly #kept = new Map<number, Content>();
  readonly #ready = new Ring<Content>();
  #keptBytes = 0;
  #next = 0;
  #ranges: Range[] = [];

  /** Every packet below this has been taken or can be. */
  get next(): number {
    return this.#next;
  }

  /** What has arrived beyond a gap; the lowest come first, and no more than an acknowledgement holds. */
  get ranges(): readonly Range[] {
    return this.#ranges.length <= rangesMax ? this.#ranges : this.#ranges.slice(0, rangesMax);
  }

  /** Takes a packet. After `next` the caller handles it and then whatever `follow` gives; one `beyond` is as good as lost. */
  accept(sequence: number, content: Content): Arrival {
    if (sequence < this.#next || this.#kept.has(sequence)) return "duplicate";
    if (sequence === this.#next) {
      this.#advance();
      return "next";
    }
    const bytes = content.body.length;
    if (sequence > this.#next + keptPacketsMax || this.#keptBytes + bytes > keptBytesMax) return "beyond";
    this.#kept.set(sequence, content);
    this.#keptBytes += bytes;
    this.#ranges = withMember(this.#ranges, sequence);
    return "kept";
  }

  /** The packet that comes next, if it was kept; to be asked until there is none. */
  follow(): Content | undefined {
    const content = this.#ready.shift();
    if (content !== undefined) this.#keptBytes -= content.body.length;
    return content;
  }

  #advance(): void {
    this.#next += 1;
    const first = this.#ranges[0];
    if (first === undefined || first.start !== this.#next) return;
    for (const end = first.start + first.length; this.#next < end; this.#next += 1) {
      const content = this.#kept.get(this.#next);
      invariant(content !== undefined, "D1", `packet ${this.#next} was acknowledged and is not there`);
      this.#ready.push(content);
      this.#kept.delete(this.#next);
    }
    this.#ranges = this.#ranges.slice(1);
  }
}

function withMember(ranges: readonly Range[], sequence: number): Range[] {
  const at = ranges.findIndex((range) => sequence <= range.start + range.length);
  const range = at < 0 ? undefined : ranges[at];
  if (range === undefined) return [...ranges, { start: sequence, length: 1 }];
  if (sequence === range.start + range.length) {
    const behind = ranges[at + 1];
    const joins = behind !== undefined && behind.start === sequence + 1;
    const grown = { start: range.start, length: range.length + 1 + (joins ? behind.length : 0) };
    return [...ranges.slice(0, at), grown, ...ranges.slice(at + (joins ? 2 : 1))];
  }
  if (sequence === range.start - 1) {
    return [...ranges.slice(0, at), { start: sequence, length: range.length + 1 }, ...ranges.slice(at + 1)];
  }
  return [...ranges.slice(0, at), { start: sequence, length: 1 }, ...ranges.slice(at)];
}
