/**
 * Writes the External Term Format, piece by piece, into a buffer that grows and is used again.
 *
 * `NameWriter` adds pids and refs to it, `TermWriter` JavaScript's values.
 */
import { Buffer } from "node:buffer";

import { ArgumentError, CodecError } from "../base/errors.ts";
import { digitsOf, putInt32, putSmallBig } from "./integers.ts";
import * as Tag from "./tags.ts";

const INITIAL_BYTES = 4096;
const NO_BYTES = new Uint8Array(0);
// A buffer that one huge term has blown up is not kept for the small ones after it.
const KEPT_BYTES = 1024 * 1024;
// From here on it takes less to hand over the memory than to copy out of it.
const HANDED_BYTES = 16 * 1024;
// For several batches, so that little of it is left over.
const SLAB_BYTES = 256 * 1024;
const INTEGERS_AT_ONCE = 256;
// Below this a loop is faster than a call into the engine.
const SHORT = 40;

/** A growing buffer with a write position, and what the format knows of: integers, atoms, tuples … */
export class EtfWriter {
  readonly #bytesMax: number;
  #bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #view: DataView = new DataView(this.#bytes.buffer);
  #at = 0;

  /** `bytesMax` bounds all that is written between two calls of `reset`. */
  constructor(bytesMax: number = Tag.TERM_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** How many bytes have been written. */
  get length(): number {
    return this.#at;
  }

  /** The bytes from `start` on, as a view that the next write may change. */
  view(start = 0): Uint8Array {
    return this.#bytes.subarray(start, this.#at);
  }

  /** Starts anew. */
  reset(): void {
    this.#at = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#use(Buffer.allocUnsafeSlow(INITIAL_BYTES));
  }

  /** Takes back everything after the first `length` bytes. */
  truncate(length: number): void {
    if (length < 0 || length > this.#at)
      throw new ArgumentError(`expected a length of 0 to ${this.#at}. Got: ${length}`);
    this.#at = length;
  }

  /**
   * Takes out everything from `start` on, with `before`, of at most `start` bytes, in front of it; the bytes are the caller's.
   * A large amount is handed over instead of copied.
   */
  split(start = 0, before: Uint8Array = NO_BYTES): Uint8Array {
    const bytes = this.#bytes;
    const end = this.#at;
    this.#at = start;
    if (end - start < KEPT_BYTES) {
      const taken = Buffer.allocUnsafe(before.length + end - start);
      taken.set(before);
      bytes.copy(taken, before.length, start, end);
      return taken;
    }
    this.#use(Buffer.allocUnsafeSlow(Math.max(INITIAL_BYTES, start)));
    this.#bytes.set(bytes.subarray(0, start));
    bytes.set(before, start - before.length);
    return bytes.subarray(start - before.length, end);
  }

  /**
   * Takes out everything, to be read only: a large amount is a view of memory that has more of the kind in it, where the next
   * writes go to what is left of it.
   */
  handOver(): Uint8Array {
    const bytes = this.#bytes;
    const end = this.#at;
    if (end < HANDED_BYTES || end > SLAB_BYTES / 2) return this.split();
    this.#at = 0;
    this.#use(bytes.length - end >= SLAB_BYTES / 4 ? bytes.subarray(end) : Buffer.allocUnsafeSlow(SLAB_BYTES));
    return bytes.subarray(0, end);
  }

  /** Overwrites four bytes that were written earlier: a length or a count that had to be guessed. */
  patchUint32(at: number, value: number): void {
    this.#view.setUint32(at, value);
  }

  writeUint8(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  writeTwo(first: number, second: number): void {
    this.#room(2);
    this.#bytes[this.#at++] = first;
    this.#bytes[this.#at++] = second;
  }

  writeUint16(value: number): void {
    this.#room(2);
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  writeUint32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  writeBytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** The byte that a term standing alone begins with. */
  writeVersion(): void {
    this.writeUint8(Tag.VERSION);
  }

  /** A tag and a 32-bit count or length. */
  writeHeader(tag: number, count: number): void {
    this.#room(5);
    this.#bytes[this.#at] = tag;
    this.#view.setUint32(this.#at + 1, count);
    this.#at += 5;
  }

  /** The head of a tuple; its `arity` elements follow. */
  writeTupleHeader(arity: number): void {
    if (arity > 255) return this.writeHeader(Tag.LARGE_TUPLE, arity);
    this.writeTwo(Tag.SMALL_TUPLE, arity);
  }

  /** The head of a list of `length` elements, which follow, and then `writeNil()` unless it is empty. */
  writeListHeader(length: number): void {
    if (length > 0) this.writeHeader(Tag.LIST, length);
  }

  /** The empty list, or the end of one. */
  writeNil(): void {
    this.writeUint8(Tag.NIL);
  }

  /** An atom of at most 255 characters; never for user data, since atoms are for ever in an Erlang node. */
  writeAtom(name: string): void {
    if (name.length > 255) throw new CodecError(`expected an atom of at most 255 characters. Got: ${name.length}`);
    this.#room(3 + 3 * name.length);
    const start = this.#at + 2;
    const length = this.#utf8(name, start);
    if (length < 0) throw new CodecError(`expected an atom. Got a text with half a character: ${JSON.stringify(name)}`);
    if (length > 255) {
      this.#bytes.copyWithin(start + 1, start, start + length);
      this.#bytes[this.#at] = Tag.ATOM;
      this.#view.setUint16(this.#at + 1, length);
      this.#at = start + 1 + length;
    } else {
      this.#bytes[this.#at] = Tag.SMALL_ATOM;
      this.#bytes[this.#at + 1] = length;
      this.#at = start + length;
    }
  }

  /** A whole number within ±(2^53-1), in the shortest form. */
  writeInteger(value: number): void {
    this.#room(11);
    const bytes = this.#bytes;
    if ((value | 0) !== value) {
      if (!Number.isSafeInteger(value)) throw new ArgumentError(`expected a whole number within 2^53. Got: ${value}`);
      this.#at += putSmallBig(bytes, this.#at, value);
    } else if (value >= 0 && value <= 255) {
      bytes[this.#at++] = Tag.SMALL_INTEGER;
      bytes[this.#at++] = value;
    } else {
      bytes[this.#at] = Tag.INTEGER;
      putInt32(bytes, this.#at + 1, value);
      this.#at += 5;
    }
  }

  /** Writes the 32-bit integers among `items` from `start` on, up to `end` or another value; returns where it stopped. */
  writeIntegers(items: readonly unknown[], start: number, end: number): number {
    const stop = Math.min(end, start + INTEGERS_AT_ONCE);
    this.#room(5 * (stop - start));
    const bytes = this.#bytes;
    let at = this.#at;
    let i = start;
    for (; i < stop; i++) {
      const item = items[i];
      if (typeof item !== "number" || (item | 0) !== item || Object.is(item, -0)) break;
      if (item >= 0 && item <= 255) {
        bytes[at++] = Tag.SMALL_INTEGER;
        bytes[at++] = item;
      } else {
        bytes[at] = Tag.INTEGER;
        putInt32(bytes, at + 1, item);
        at += 5;
      }
    }
    this.#at = at;
    return i;
  }

  /** A bigint as an integer; up to 64 KiB of digits. */
  writeBigInteger(value: bigint): void {
    if (value >= -0x8000_0000n && value <= 0x7fff_ffffn) return this.writeInteger(Number(value));
    const digits = digitsOf(value < 0n ? -value : value);
    const length = digits.length;
    if (length > Tag.BIGINT_BYTES_MAX) throw new CodecError(`it is a bigint of ${length} bytes; 65536 can be sent`);
    if (length > 255) {
      this.writeHeader(Tag.LARGE_BIG, length);
    } else {
      this.writeUint8(Tag.SMALL_BIG);
      this.writeUint8(length);
    }
    this.writeUint8(value < 0n ? 1 : 0);
    this.writeBytes(digits);
  }

  /** A number as an IEEE double; it must be finite, for the format has no other. */
  writeFloat(value: number): void {
    this.#room(9);
    this.#bytes[this.#at] = Tag.NEW_FLOAT;
    this.#view.setFloat64(this.#at + 1, value);
    this.#at += 9;
  }

  writeBinary(bytes: Uint8Array): void {
    this.writeHeader(Tag.BINARY, bytes.length);
    this.writeBytes(bytes);
  }

  /** A string as a binary of UTF-8; false, and nothing written, when it has a lone surrogate and so no UTF-8 form. */
  writeUtf8(text: string): boolean {
    if (text.length > SHORT && !text.isWellFormed()) return false;
    this.#room(5 + (text.length <= 1024 ? 3 * text.length : Buffer.byteLength(text)));
    const start = this.#at + 5;
    const length = this.#utf8(text, start);
    if (length < 0) return false;
    this.#bytes[this.#at] = Tag.BINARY;
    this.#view.setUint32(this.#at + 1, length);
    this.#at = start + length;
    return true;
  }

  // Writes at `start`, where there must be room, and returns how many bytes; -1 if the text has a lone surrogate.
  #utf8(text: string, start: number): number {
    if (text.length > SHORT) return this.#bytes.write(text, start);
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return text.isWellFormed() ? bytes.write(text, start) : -1;
      bytes[start + i] = code;
    }
    return text.length;
  }

  #room(bytes: number): void {
    if (this.#at + bytes > this.#bytes.length) this.#grow(bytes);
  }

  #grow(bytes: number): void {
    const wanted = this.#at + bytes;
    if (wanted > this.#bytesMax) {
      throw new CodecError(`expected at most ${this.#bytesMax} bytes. Got: ${wanted} or more; send less at once`);
    }
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#use(grown);
  }

  #use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
