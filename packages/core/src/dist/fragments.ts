/**
 * Signals that are larger than a packet: cut into pieces on one side, put together on the other.
 *
 * Pieces of several signals may come mixed with each other and with whole signals, so each belongs to a lane; inside a lane
 * they are in order, for the stream is. Memory is taken as bytes arrive, never on the word of a length (a length that was
 * announced only keeps the last growth from overshooting).
 */
import type { Content, FragmentHead } from "./packet.ts";
import { packetKind } from "./packet.ts";

const lanesMax = 64;
const firstBytes = 64 * 1024;
const growth = 4;

/** The piece of `bytes` that begins at `at` and has `size` bytes, or what is left. */
export function cutFragment(lane: number, bytes: Uint8Array, { at, size }: { at: number; size: number }): Content {
  const end = Math.min(bytes.length, at + size);
  const fragment = { lane, total: bytes.length, isFirst: at === 0, isLast: end === bytes.length };
  return { kind: packetKind.fragment, fragment, body: bytes.subarray(at, end) };
}

interface Partial {
  readonly total: number;
  bytes: Uint8Array;
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
  add(head: FragmentHead, piece: Uint8Array): Uint8Array | undefined | "bad" {
    const { lane, total, isFirst, isLast } = head;
    let partial = this.#lanes.get(lane);
    if (isFirst !== (partial === undefined)) return "bad";
    if (partial === undefined) {
      if (total > this.#bytesMax || this.#lanes.size >= lanesMax) return "bad";
      partial = { total, bytes: new Uint8Array(Math.min(total, firstBytes)), size: 0 };
      this.#lanes.set(lane, partial);
    }
    const size = partial.size + piece.length;
    if (total !== partial.total || piece.length === 0 || size > total || isLast !== (size === total)) return "bad";
    if (size > partial.bytes.length) partial.bytes = grown(partial, size);
    partial.bytes.set(piece, partial.size);
    partial.size = size;
    if (!isLast) return undefined;
    this.#lanes.delete(lane);
    return partial.bytes;
  }
}

function grown({ bytes, size, total }: Partial, needed: number): Uint8Array {
  const bigger = new Uint8Array(Math.min(total, Math.max(needed, growth * size)));
  bigger.set(bytes.subarray(0, size));
  return bigger;
}
