/**
 * Signals that are larger than a packet: cut into pieces on one side, put together on the other.
 *
 * Pieces of several signals may come mixed with each other and with whole signals, so each belongs to a lane; inside a lane
 * they are in order, for the stream is. Memory is taken as bytes arrive, never on the word of a length (a length that was
 * announced only keeps the last growth from overshooting).
 *
 * The bytes of a large binary travel in pieces of their own, which say so. They are cut from where the sender has them and put
 * where the receiver will have them, so no step of it takes longer than a piece, but for one growth, which copies a sixty-fourth.
 */
import { type Held, type Whole, wholeOf } from "../codec/held.ts";
import { BINARY } from "../codec/tags.ts";
import { type Content, type FragmentHead, packetKind } from "./packet.ts";

const lanesMax = 64;
const firstBytes = 64 * 1024;
const growth = 4;
// Fresh memory costs nothing until it is written to, but to copy into it does.
const binaryGrowth = 64;
const binaryHeader = 5;

/** The piece of `signal` that begins at `at` and has `size` bytes, or what is left up to the next border of a held binary. */
export function cutFragment(lane: number, signal: Whole, { at, size }: { at: number; size: number }): Content {
  const { body, isBinary } = pieceOf(signal, at, size);
  const isLast = at + body.length === signal.length;
  const fragment = { lane, total: signal.length, isFirst: at === 0, isLast, isBinary };
  return { kind: packetKind.fragment, fragment, body };
}

function pieceOf({ bytes, held }: Whole, at: number, size: number): { body: Uint8Array; isBinary: boolean } {
  // Where the piece would be if there were no held binaries.
  let place = at;
  for (const binary of held) {
    if (place < binary.at) return { body: bytes.subarray(place, Math.min(binary.at, place + size)), isBinary: false };
    const from = place - binary.at;
    if (from < binary.length)
      return { body: copyOf(binary, from, Math.min(size, binary.length - from)), isBinary: true };
    place -= binary.length;
  }
  return { body: bytes.subarray(place, Math.min(bytes.length, place + size)), isBinary: false };
}

// A copy, for a piece that is sent again must be what it was. Bytes that somebody has transferred away are zeros.
function copyOf({ bytes }: Held, from: number, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  if (bytes.length > 0) copy.set(bytes.subarray(from, from + length));
  return copy;
}

/** Bytes that grow up to a length that was announced. */
interface Growing {
  bytes: Uint8Array<ArrayBuffer>;
  size: number;
  readonly most: number;
}

interface Partial {
  readonly total: number;
  readonly skeleton: Growing;
  readonly held: Held[];
  binary: Growing | undefined;
  size: number;
}

/** Puts fragments together. */
export class Reassembly {
  readonly #bytesMax: number;
  readonly #lanes = new Map<number, Partial>();

  /** `bytesMax` bounds one signal. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes a piece: the whole signal if it was the last one, `undefined` if not, `"bad"` if it fits nothing. */
  add(head: FragmentHead, piece: Uint8Array): Whole | undefined | "bad" {
    const { lane, total, isFirst, isLast, isBinary } = head;
    let partial = this.#lanes.get(lane);
    if (isFirst !== (partial === undefined)) return "bad";
    if (partial === undefined) {
      if (total > this.#bytesMax || this.#lanes.size >= lanesMax) return "bad";
      partial = { total, skeleton: growing(total), held: [], binary: undefined, size: 0 };
      this.#lanes.set(lane, partial);
    }
    const size = partial.size + piece.length;
    if (total !== partial.total || piece.length === 0 || size > total || isLast !== (size === total)) return "bad";
    if (!(isBinary ? addToBinary(partial, piece) : addToSkeleton(partial, piece))) return "bad";
    partial.size = size;
    if (!isLast) return undefined;
    this.#lanes.delete(lane);
    if (partial.binary !== undefined) return "bad";
    const { bytes, size: length } = partial.skeleton;
    return wholeOf(bytes.subarray(0, length), partial.held);
  }
}

function addToSkeleton({ skeleton, binary }: Partial, piece: Uint8Array): boolean {
  if (binary !== undefined) return false;
  append(skeleton, piece, growth);
  return true;
}

function addToBinary(partial: Partial, piece: Uint8Array): boolean {
  const { skeleton, held, total, size } = partial;
  let { binary } = partial;
  if (binary === undefined) {
    const length = announced(skeleton);
    // Two binaries have at least a header between them.
    if (length === undefined || length > total - size || held.at(-1)?.at === skeleton.size) return false;
    binary = growing(length);
    partial.binary = binary;
  }
  if (binary.size + piece.length > binary.most) return false;
  append(binary, piece, binaryGrowth);
  if (binary.size < binary.most) return true;
  held.push({ at: skeleton.size, bytes: binary.bytes, length: binary.most });
  partial.binary = undefined;
  return true;
}

/** The length in the header of a binary with which the skeleton ends so far. */
function announced({ bytes, size }: Growing): number | undefined {
  if (size < binaryHeader || bytes[size - binaryHeader] !== BINARY) return undefined;
  return new DataView(bytes.buffer, size - 4, 4).getUint32(0);
}

function growing(most: number): Growing {
  return { bytes: new Uint8Array(Math.min(most, firstBytes)), size: 0, most };
}

function append(to: Growing, piece: Uint8Array, factor: number): void {
  const size = to.size + piece.length;
  if (size > to.bytes.length) {
    const bigger = new Uint8Array(Math.min(to.most, Math.max(size, factor * to.size)));
    bigger.set(to.bytes.subarray(0, to.size));
    to.bytes = bigger;
  }
  to.bytes.set(piece, to.size);
  to.size = size;
}
