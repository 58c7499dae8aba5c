/**
 * Reads the External Term Format, piece by piece, from bytes that nobody has checked.
 *
 * Every length is held against the bytes that are left before anything is allocated, and every failure is a `CodecError`
 * with the offset. `NameReader` adds atoms, pids and refs, `TermReader` JavaScript's values.
 */
import { CodecError } from "../base/errors.ts";
import { fromDigits, int32At } from "./integers.ts";
import { StringCache } from "./string-cache.ts";
import * as Tag from "./tags.ts";

const NO_BYTES = new Uint8Array(0);

/** A read position within bytes, and what the format knows of: integers, tuples, texts … */
export class EtfReader {
  readonly #strings = new StringCache();
  readonly #scratch = new DataView(new ArrayBuffer(8));
  #bytes: Uint8Array = NO_BYTES;
  #at = 0;
  #end = 0;

  /** Goes to the start of `bytes`, or of the part of it from `start` to `end`; nothing of it is kept in what is read. */
  reset(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** Lets go of the bytes. */
  release(): void {
    this.reset(NO_BYTES);
  }

  /** Where the next byte is. */
  get offset(): number {
    return this.#at;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** The next byte, which tells what follows, without reading it; -1 at the end. */
  get nextTag(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] ?? -1) : -1;
  }

  /** The byte `ahead` bytes after the next one; -1 if there is none. */
  peek(ahead: number): number {
    const at = this.#at + ahead;
    return at < this.#end ? (this.#bytes[at] ?? -1) : -1;
  }

  /** An error at the current position, or at `offset`. */
  bad(what: string, offset: number = this.#at): CodecError {
    return new CodecError(`cannot decode at byte ${offset}: ${what}`, { offset });
  }

  /** Fails unless everything has been read. */
  expectEnd(): void {
    if (this.remaining > 0) throw this.bad(`expected the end. Got: ${this.remaining} more bytes`);
  }

  /** Reads the byte that a term standing alone begins with. */
  readVersion(): void {
    const version = this.readUint8();
    if (version !== Tag.VERSION) throw this.bad(`expected a term (131). Got: ${version}`, this.#at - 1);
  }

  readUint8(): number {
    if (this.#at >= this.#end) throw this.#truncated(1);
    return this.#bytes[this.#at++] ?? 0;
  }

  readUint16(): number {
    return this.readUint8() * 256 + this.readUint8();
  }

  readUint32At(): number {
    return this.readInt32() >>> 0;
  }

  readInt32(): number {
    if (this.remaining < 4) throw this.#truncated(4);
    const value = int32At(this.#bytes, this.#at);
    this.#at += 4;
    return value;
  }

  readFloat64(): number {
    this.#scratch.setInt32(0, this.readInt32());
    this.#scratch.setInt32(4, this.readInt32());
    return this.#scratch.getFloat64(0);
  }

  /** A 32-bit count of things that take at least `bytesEach` bytes, which must be there. */
  readCount(bytesEach: number): number {
    const count = this.readUint32At();
    if (count * bytesEach > this.remaining) throw this.#truncated(count * bytesEach);
    return count;
  }

  /** The next `length` bytes, as a copy that nothing else refers to. */
  readBytes(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.remaining) throw this.#truncated(length);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    return copy;
  }

  /** The next `length` bytes as text; bytes that are no UTF-8 are refused. */
  readUtf8(length: number): string {
    if (length > this.remaining) throw this.#truncated(length);
    const start = this.#at;
    const end = start + length;
    this.#at = end;
    try {
      return this.#strings.read(this.#bytes, start, end);
    } catch {
      throw this.bad("expected UTF-8 text. Got: other bytes", start);
    }
  }

  /** Reads the head of a tuple and returns how many elements follow. */
  readTupleHeader(): number {
    const tag = this.readUint8();
    if (tag === Tag.SMALL_TUPLE) return this.readUint8();
    if (tag === Tag.LARGE_TUPLE) return this.readCount(1);
    throw this.unexpected("a tuple", tag);
  }

  /**
   * Reads the head of a list and returns how many elements follow, and then, unless that is 0, `readListEnd()`. Not for
   * lists that may be nothing but small integers, which Erlang writes in another form.
   */
  readListHeader(): number {
    const tag = this.readUint8();
    if (tag === Tag.NIL) return 0;
    if (tag === Tag.LIST) return this.readCount(1);
    throw this.unexpected("a list", tag);
  }

  /** Reads the end of a list that is not empty. */
  readListEnd(): void {
    const tag = this.readUint8();
    if (tag !== Tag.NIL) throw this.unexpected("the end of a list", tag);
  }

  /** Reads an integer that a number can hold. */
  readInteger(): number {
    const value = this.readAnyInteger();
    if (typeof value === "bigint") throw this.bad("expected an integer within 2^53. Got: a larger one");
    return value;
  }

  /** Reads an integer, which is a bigint only where a number cannot hold it. */
  readAnyInteger(): number | bigint {
    const tag = this.readUint8();
    switch (tag) {
      case Tag.SMALL_INTEGER:
        return this.readUint8();
      case Tag.INTEGER:
        return this.readInt32();
      case Tag.SMALL_BIG:
        return this.readBig(this.readUint8());
      case Tag.LARGE_BIG:
        return this.readBig(this.readCount(1));
      default:
        throw this.unexpected("an integer", tag);
    }
  }

  /** Reads sign and digits of a big integer; time and space are linear in `length`. */
  readBig(length: number): number | bigint {
    if (length > Tag.BIGINT_BYTES_MAX) throw this.bad(`expected an integer of at most 64 KiB. Got: ${length} bytes`);
    const isNegative = this.readUint8() !== 0;
    const magnitude = fromDigits(this.readBytes(length));
    if (!isNegative) return magnitude;
    // Not -0, which is another number.
    return typeof magnitude === "bigint" ? -magnitude : 0 - magnitude;
  }

  /** Reads integers of one or four bytes into `items`, as many as come and until it has `length` items. */
  readIntegersInto(items: unknown[], length: number): void {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    while (items.length < length) {
      const tag = bytes[at];
      if (tag === Tag.SMALL_INTEGER && at + 2 <= end) {
        items.push(bytes[at + 1] ?? 0);
        at += 2;
      } else if (tag === Tag.INTEGER && at + 5 <= end) {
        items.push(int32At(bytes, at + 1));
        at += 5;
      } else {
        break;
      }
    }
    this.#at = at;
  }

  #truncated(wanted: number): CodecError {
    return this.bad(`expected ${wanted} more bytes. Got: ${this.remaining}`);
  }

  /** An error about the tag that has just been read. */
  unexpected(wanted: string, tag: number): CodecError {
    return this.bad(`expected ${wanted}. Got: tag ${tag}`, this.#at - 1);
  }
}
