/**
 * What waits to be sent to one peer: batches of small signals, and large signals as lanes of fragments.
 *
 * Signals of one sender stay in order (SIG-1): while a large signal of a sender is being cut up, what that sender sends
 * after it waits behind it in its lane. Everybody else goes past (TR-8): batches and fragments take turns, so that a large
 * signal delays a small one of another sender by a fragment, not by itself.
 *
 * A few signals do not say who sent them. A `down` for a process that was monitored by name must not overtake anything of
 * that process, so it waits until the lanes of now are done, and nobody waits for it. For a change of group leader it is not
 * known either who will send next, so everything after it waits, too (SIG-14).
 */
import { CodecError } from "../base/errors.ts";
import { Ring } from "../base/ring.ts";
import { type Whole, wholeOf } from "../codec/held.ts";
import type { Signal } from "../signal/signal.ts";
import type { Pid } from "../term/pid.ts";
import { cutFragment } from "./fragments.ts";
import { type Content, packetKind } from "./packet.ts";
import type { SignalCodec, SignalEncoder } from "./signal-codec.ts";

/** Sizes in bytes. */
export interface OutboxLimits {
  /** The largest body of a packet. */
  readonly packetMax: number;
  /** The largest signal. */
  readonly signalMax: number;
}

/** Who sent a signal: a process, the node itself, a process that is not named, or that may send more. */
type Origin = Pid | "node" | "unnamed" | "anyone";

interface Gate {
  lanes: number;
  readonly isBarrier: boolean;
}

/** An encoded signal. With a gate it stands in several lanes and leaves with the last of them. */
interface Waiting {
  readonly signal: Whole;
  readonly gate: Gate | undefined;
}

/** A large signal, and what its sender sent after it. */
interface Lane {
  readonly id: number;
  readonly origin: Origin;
  readonly waiting: Ring<Waiting>;
  signal: Whole;
  at: number;
  /** How many batches must have left first: they hold what the sender sent earlier. */
  after: number;
}

const lanesAtOnce = 16;

/** The signals that wait to become packets. */
export class Outbox {
  readonly #encoder: SignalEncoder;
  readonly #signalMax: number;
  readonly #packetMax: number;
  readonly #batchFull: number;
  readonly #smallMax: number;
  /** The most bytes with which a signal can go into a batch. */
  readonly #batchMost: number;
  readonly #batches = new Ring<Uint8Array>();
  readonly #lanes: Lane[] = [];
  readonly #byOrigin = new Map<Origin, Lane>();
  #behindBarrier: { readonly origin: Origin; readonly signal: Whole }[] | undefined;
  #batchesTaken = 0;
  #lanesMade = 0;
  #isFragmentsTurn = false;
  #size = 0;

  constructor(codec: SignalCodec, { packetMax, signalMax }: OutboxLimits) {
    this.#encoder = codec.createEncoder();
    this.#signalMax = signalMax;
    this.#packetMax = packetMax;
    // A batch is closed when it is half full, so that whatever counts as small still fits.
    this.#batchFull = Math.max(1, Math.floor(packetMax / 2));
    this.#smallMax = packetMax - this.#batchFull;
    this.#batchMost = Math.min(this.#smallMax, signalMax);
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#size;
  }

  /** The size of the largest signal that waits, if it is larger than a packet. */
  get largest(): number {
    return this.#lanes.reduce((most, { signal }) => Math.max(most, signal.length), 0);
  }

  /** Adds `signal` at the end. Throws a `CodecError` when it cannot be encoded or is too large; then nothing has changed. */
  append(signal: Signal): void {
    const encoder = this.#encoder;
    const start = encoder.size;
    encoder.append(signal, this.#lanes.length > 0 ? "alone" : "shared");
    const held = encoder.takeHeld(start);
    const length = encoder.size - start;
    if (length <= this.#batchMost && held.length === 0 && this.#lanes.length === 0) {
      this.#size += length;
      if (encoder.size >= this.#batchFull) this.#closeBatch();
      return;
    }
    const bytes = encoder.take(start);
    // What it refers to stands in front of it now.
    const shift = bytes.length - length;
    const whole = wholeOf(
      bytes,
      shift === 0 ? held : held.map(({ at, bytes: one, length: all }) => ({ at: at + shift, bytes: one, length: all })),
    );
    if (whole.length > this.#signalMax) {
      throw new CodecError(
        `expected a message of at most ${this.#signalMax} bytes. Got: ${whole.length}; send it in parts, or raise maxMessageBytes`,
      );
    }
    this.#size += whole.length;
    this.#route(originOf(signal), whole);
  }

  /**
   * The next packet: a batch, or, with a `pieceSize`, a fragment of about that size. `undefined` when nothing of the kind
   * waits.
   */
  next(pieceSize: number | undefined): Content | undefined {
    if (pieceSize !== undefined && this.#isFragmentsTurn) {
      this.#isFragmentsTurn = false;
      const fragment = this.#nextFragment(pieceSize);
      if (fragment !== undefined) return fragment;
    }
    const body = this.#nextBatch();
    if (body !== undefined) {
      this.#isFragmentsTurn = true;
      return { kind: packetKind.batch, fragment: undefined, body };
    }
    return pieceSize === undefined ? undefined : this.#nextFragment(pieceSize);
  }

  #route(origin: Origin, signal: Whole): void {
    if (this.#behindBarrier !== undefined) {
      this.#behindBarrier.push({ origin, signal });
    } else if (this.#lanes.length > 0 && (origin === "unnamed" || origin === "anyone")) {
      const isBarrier = origin === "anyone";
      const waiting = { signal, gate: { lanes: this.#lanes.length, isBarrier } };
      for (const lane of this.#lanes) lane.waiting.push(waiting);
      if (isBarrier) this.#behindBarrier = [];
    } else {
      const lane = this.#byOrigin.get(origin);
      if (lane === undefined || origin === "node") this.#place(origin, signal);
      else lane.waiting.push({ signal, gate: undefined });
    }
  }

  #place(origin: Origin, signal: Whole): void {
    if (signal.length <= this.#smallMax) {
      this.#encoder.put(signal.bytes);
      if (this.#encoder.size >= this.#batchFull) this.#closeBatch();
      return;
    }
    this.#lanesMade += 1;
    const lane = { id: this.#lanesMade, origin, waiting: new Ring<Waiting>(), signal, at: 0, after: this.#batchesMade };
    this.#lanes.push(lane);
    this.#byOrigin.set(origin, lane);
  }

  get #batchesMade(): number {
    return this.#batchesTaken + this.#batches.size + (this.#encoder.size > 0 ? 1 : 0);
  }

  #closeBatch(): void {
    this.#batches.push(this.#encoder.take(0));
  }

  #nextBatch(): Uint8Array | undefined {
    if (this.#batches.size === 0 && this.#encoder.size > 0) this.#closeBatch();
    const body = this.#batches.shift();
    if (body === undefined) return undefined;
    this.#batchesTaken += 1;
    this.#size -= body.length;
    return body;
  }

  #nextFragment(size: number): Content | undefined {
    const active = Math.min(lanesAtOnce, this.#lanes.length);
    for (let i = 0; i < active; i += 1) {
      const lane = this.#lanes[i];
      if (lane === undefined || lane.after > this.#batchesTaken) continue;
      const content = cutFragment(lane.id, lane.signal, { at: lane.at, size: Math.min(size, this.#packetMax) });
      lane.at += content.body.length;
      this.#size -= content.body.length;
      // To the end of those that take turns; whoever waits for a place keeps it.
      this.#lanes.splice(i, 1);
      this.#lanes.splice(active - 1, 0, lane);
      if (lane.at === lane.signal.length) this.#continue(lane);
      return content;
    }
    return undefined;
  }

  // The lane's large signal is out: what waits behind it follows, up to the next large one.
  #continue(lane: Lane): void {
    for (;;) {
      const waiting = lane.waiting.shift();
      if (waiting === undefined) return this.#close(lane);
      const { signal, gate } = waiting;
      if (gate !== undefined) {
        gate.lanes -= 1;
        if (gate.lanes === 0) this.#release(signal, gate);
      } else if (signal.length <= this.#smallMax) {
        this.#place(lane.origin, signal);
      } else {
        lane.signal = signal;
        lane.at = 0;
        lane.after = this.#batchesMade;
        return;
      }
    }
  }

  #close(lane: Lane): void {
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    if (this.#byOrigin.get(lane.origin) === lane) this.#byOrigin.delete(lane.origin);
  }

  #release(signal: Whole, { isBarrier }: Gate): void {
    this.#place("unnamed", signal);
    if (!isBarrier) return;
    const held = this.#behindBarrier;
    this.#behindBarrier = undefined;
    for (const { origin, signal: later } of held ?? []) this.#route(origin, later);
  }
}

function originOf(signal: Signal): Origin {
  switch (signal.op) {
    case "spawnReply":
      return "node";
    case "groupLeader":
      return "anyone";
    case "down":
      return typeof signal.from === "string" ? "unnamed" : signal.from;
    default:
      return signal.from;
  }
}
