/**
 * Reads terms as JavaScript values: what is in every message here, rarer types in `js-reader.ts`.
 *
 * What another implementation of the format may send and ours never does is read as the nearest value: atoms other than
 * `true`, `false`, `nil` and `undefined` as strings, foreign tuples as frozen arrays, strings of bytes as arrays.
 */
import { CodecError } from "../base/errors.ts";
import type { IdentityTable } from "../term/identity.ts";
import { ErrorClasses } from "./error-classes.ts";
import { type Held, noneHeld } from "./held.ts";
import { readTagged, readUtf16 } from "./js-reader.ts";
import { NameReader } from "./name-reader.ts";
import { SharedAtom } from "./sharing.ts";
import * as Tag from "./tags.ts";

/** A `NameReader` that also reads any value that can be sent (TR-7). */
export class TermReader extends NameReader {
  readonly errorClasses: ErrorClasses;
  #held: readonly Held[] = noneHeld;
  #heldRead = 0;

  constructor(identities: IdentityTable, errorClasses: ErrorClasses = new ErrorClasses()) {
    super(identities);
    this.errorClasses = errorClasses;
  }

  /** From here on, these binaries are where only their headers are in the bytes. */
  hold(held: readonly Held[]): void {
    this.#held = held;
    this.#heldRead = 0;
  }

  /** Fails unless each of those binaries has found its place. */
  expectNoneHeld(): void {
    if (this.#heldRead < this.#held.length) throw this.bad("expected a binary where one was announced. Got: none");
  }

  /** The bytes of a binary whose tag has been read: those that are held, or a copy of what follows. */
  readBinaryBody(): Uint8Array<ArrayBuffer> {
    const length = this.readUint32At();
    const held = this.#held[this.#heldRead];
    if (held === undefined || held.at !== this.offset || held.length !== length) return this.readBytes(length);
    this.#heldRead += 1;
    return held.bytes;
  }

  /** Reads one term, without version byte. */
  readTerm(): unknown {
    try {
      return this.readInner(-1);
    } catch (error) {
      if (error instanceof CodecError) throw error;
      // Such as a stack that was nearly used up before.
      throw new CodecError(`cannot decode at byte ${this.offset}: ${String(error)}`, {
        offset: this.offset,
        cause: error,
      });
    }
  }

  /** Reads a value within the container that is at `depth`. */
  readInner(outer: number): unknown {
    const depth = outer + 1;
    const tag = this.readUint8();
    switch (tag) {
      case Tag.BINARY:
        return this.readUtf8(this.readCount(1));
      case Tag.SMALL_INTEGER:
        return this.readUint8();
      case Tag.INTEGER:
        return this.readInt32();
      case Tag.MAP:
        return this.#fields(depth);
      case Tag.NIL:
        return [];
      case Tag.LIST:
        return this.#list(depth);
      case Tag.NEW_PID:
        return this.readPidBody();
      case Tag.NEWER_REFERENCE:
        return this.readRefBody();
      case Tag.NEW_FLOAT:
        return this.#float();
      case Tag.SMALL_ATOM:
      case Tag.ATOM:
      case Tag.SMALL_LATIN1_ATOM:
      case Tag.LATIN1_ATOM:
        return fromAtom(this.readAtomAfter(tag));
      case Tag.SMALL_TUPLE:
        return this.#tuple(this.readUint8(), depth);
      case Tag.LARGE_TUPLE:
        return this.#tuple(this.readCount(1), depth);
      case Tag.SMALL_BIG:
        return this.readBig(this.readUint8());
      case Tag.LARGE_BIG:
        return this.readBig(this.readCount(1));
      case Tag.STRING:
        return Array.from(this.readBytes(this.readUint16()));
      default: {
        const shared = this.readShared(tag);
        if (shared === undefined) throw this.bad(`expected a term. Got: ${nameOfTag(tag)}`, this.offset - 1);
        return shared instanceof SharedAtom ? fromAtom(shared.name) : shared;
      }
    }
  }

  /** Reads a map whose keys are texts or atoms, as own properties of a plain object. */
  readFields(depth: number): Record<string, unknown> {
    const tag = this.readUint8();
    if (tag !== Tag.MAP) throw this.bad(`expected a map. Got: ${nameOfTag(tag)}`, this.offset - 1);
    return this.#fields(depth);
  }

  /** Reads a list in any of its forms: Erlang writes a list of bytes as a string. */
  readList(depth: number): unknown[] {
    const tag = this.readUint8();
    switch (tag) {
      case Tag.NIL:
        this.descend(depth);
        return [];
      case Tag.STRING:
        this.descend(depth);
        return Array.from(this.readBytes(this.readUint16()));
      case Tag.LIST:
        return this.#list(depth);
      default:
        throw this.bad(`expected a list. Got: ${nameOfTag(tag)}`, this.offset - 1);
    }
  }

  /** Reads a binary of UTF-8, or the tuple that stands for a text without such a form. */
  readText(): string {
    const tag = this.readUint8();
    if (tag === Tag.BINARY) return this.readUtf8(this.readCount(1));
    const start = this.offset - 1;
    const shared = this.readShared(tag);
    if (typeof shared === "string") return shared;
    const isTagged = tag === Tag.SMALL_TUPLE && this.readUint8() === 3 && this.readAtom() === Tag.JS;
    if (!isTagged || this.readAtom() !== Tag.Kind.string)
      throw this.bad(`expected a text. Got: ${nameOfTag(tag)}`, start);
    return readUtf16(this);
  }

  #fields(depth: number): Record<string, unknown> {
    const start = this.offset - 1;
    const count = this.readCount(2);
    this.descend(depth);
    const fields: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.#key();
      // Assigning to it would change the prototype.
      if (key === "__proto__") throw this.bad("expected another key than __proto__");
      fields[key] = this.readInner(depth);
    }
    if (countOf(fields) !== count) throw this.bad("expected a map whose keys are all different", start);
    return fields;
  }

  #key(): string {
    return this.isAtomNext ? this.readAtom() : this.readText();
  }

  #list(depth: number): unknown[] {
    const length = this.readCount(1);
    this.descend(depth);
    const items: unknown[] = [];
    while (items.length < length) {
      this.readIntegersInto(items, length);
      if (items.length < length) items.push(this.readInner(depth));
    }
    this.readListEnd();
    return items;
  }

  #tuple(arity: number, depth: number): unknown {
    if (arity > 0 && this.isAtomNext) {
      const first = this.readAtom();
      if (first === Tag.JS) return readTagged(this, arity, depth);
      return this.#foreignTuple([fromAtom(first)], arity, depth);
    }
    return this.#foreignTuple([], arity, depth);
  }

  #foreignTuple(items: unknown[], arity: number, depth: number): readonly unknown[] {
    this.descend(depth);
    while (items.length < arity) items.push(this.readInner(depth));
    return Object.freeze(items);
  }

  #float(): number {
    const value = this.readFloat64();
    if (!Number.isFinite(value)) throw this.bad("expected a finite float. Got: another", this.offset - 9);
    return value;
  }

  /** Fails if a container at `depth` would be one too many. */
  descend(depth: number): void {
    if (depth >= Tag.DEPTH_MAX) throw this.bad(`expected at most ${Tag.DEPTH_MAX} containers in each other. Got: more`);
  }
}

function fromAtom(name: string): unknown {
  switch (name) {
    case "true":
      return true;
    case "false":
      return false;
    case "nil":
      return null;
    case "undefined":
      return undefined;
    default:
      return name;
  }
}

// In this form the engine looks it up in the shape of the object, and makes no array of the keys.
function countOf(fields: object): number {
  let count = 0;
  for (const key in fields) if (Object.prototype.hasOwnProperty.call(fields, key)) count++;
  return count;
}

function nameOfTag(tag: number): string {
  if (tag === Tag.COMPRESSED) return "a compressed term (tag 80), which is not accepted";
  return `tag ${tag}`;
}
