/**
 * Writes JavaScript values as terms: what is in every message here, rarer types in `js-writer.ts`.
 *
 * One pass, no copy in between. The way to the current value is noted as it goes down, at the price of one store per
 * container, so that a refusal can name it.
 */
import { CodecError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { isRemoteFunction } from "../term/remote-function.ts";
import { ErrorClasses } from "./error-classes.ts";
import { type Held, noneHeld } from "./held.ts";
import { writeFunction, writeObject } from "./js-writer.ts";
import { NameWriter } from "./name-writer.ts";
import { type Step, pathOf, refusal, stepsToRepeat } from "./refusal.ts";
import * as Tag from "./tags.ts";

/** What a writer may be given beyond its defaults. */
export interface TermWriterOptions {
  /** Bytes that may be written between two calls of `reset`. Default: 64 MiB. */
  readonly bytesMax?: number;
  /** A binary of so many bytes or more is not copied but held (`takeHeld`). Default: none is. */
  readonly holdFrom?: number;
  /** Default: the built-in ones. */
  readonly errorClasses?: ErrorClasses;
}

// Up to here bytes are written from where they are, with no look at what is behind them.
const SHORT = 65_536;
const TOO_DEEP = `it is nested in more than ${Tag.DEPTH_MAX} others; send it flatter`;

type Fields = Readonly<Record<string, unknown>>;

/** A `NameWriter` that also takes any value that can be sent (TR-7). */
export class TermWriter extends NameWriter {
  readonly errorClasses: ErrorClasses;
  readonly #steps: Step[] = [];
  readonly #bytesMax: number;
  readonly #holdFrom: number;
  #held: Held[] = [];
  #depth = 0;
  #busy = false;

  constructor(options: TermWriterOptions = {}) {
    super(options.bytesMax);
    this.errorClasses = options.errorClasses ?? new ErrorClasses();
    this.#bytesMax = options.bytesMax ?? Tag.TERM_BYTES_MAX;
    this.#holdFrom = options.holdFrom ?? Infinity;
  }

  /** True while a term is being written: user code that a getter runs must not write to the same writer. */
  get busy(): boolean {
    return this.#busy;
  }

  /**
   * Writes `term`, without version byte. `root` is what the path in an error begins with. On a `CodecError` nothing has
   * been written.
   */
  writeTerm(term: unknown, root = "message"): void {
    if (this.#busy) throw new CodecError(`cannot encode ${root}: a getter of a message being encoded asked for it`);
    const start = this.length;
    this.#busy = true;
    this.#depth = 0;
    try {
      this.#value(term, 0);
    } catch (error) {
      this.truncate(start);
      this.takeHeld();
      throw this.#explain(error, term, root);
    } finally {
      this.#busy = false;
    }
  }

  /** The binaries held since this was last asked. */
  takeHeld(): readonly Held[] {
    if (this.#held.length === 0) return noneHeld;
    const held = this.#held;
    this.#held = [];
    return held;
  }

  override writeBinary(bytes: Uint8Array<ArrayBuffer>): void {
    const { length } = bytes;
    if (length < this.#holdFrom) return super.writeBinary(bytes);
    if (length > this.#bytesMax) {
      throw new CodecError(`expected at most ${this.#bytesMax} bytes. Got: ${length} or more; send less at once`);
    }
    this.writeHeader(Tag.BINARY, length);
    this.#held.push({ at: this.length, bytes, length });
  }

  /** Notes that what comes next is reached by `step` from the container at `depth`. */
  enter(depth: number, step: Step): void {
    this.#steps[depth] = step;
    this.#depth = depth + 1;
  }

  /** Writes the value that `enter` has announced. */
  writeInner(value: unknown, depth: number): void {
    this.#value(value, depth + 1);
  }

  /** Writes a text, also one that has no UTF-8 form. */
  writeText(text: string): void {
    if (this.writeUtf8(text)) return;
    this.#writeUtf16(text);
  }

  #writeUtf16(text: string): void {
    this.writeTagged(Tag.Kind.string, 3);
    this.writeHeader(Tag.BINARY, 2 * text.length);
    for (let i = 0; i < text.length; i++) this.writeUint16(text.charCodeAt(i));
  }

  /** The head of one of our own tuples: `arity` elements in all, of which this writes two. */
  writeTagged(kind: string, arity: number): void {
    this.writeTupleHeader(arity);
    this.writeAtom(Tag.JS);
    this.writeAtom(kind);
  }

  /** Writes own enumerable properties as a map. */
  writeFields(fields: Fields, depth: number): void {
    const header = this.length;
    let count = 0;
    this.writeHeader(Tag.MAP, 0);
    // In this form, and not with Object.keys or Object.hasOwn, the engine knows where in the object each property is.
    for (const key in fields) {
      if (!Object.prototype.hasOwnProperty.call(fields, key)) continue;
      this.enter(depth, key);
      if (key === "__proto__") throw new CodecError("a property of this name is never sent; rename it");
      const value = fields[key];
      if (!this.writeWord(key)) this.#writeUtf16(key);
      // What kind of message it is, by convention; few words that come again and again.
      if (key !== "type" || typeof value !== "string" || !this.writeWord(value)) this.#value(value, depth + 1);
      count++;
    }
    this.patchUint32(header + 1, count);
  }

  #value(value: unknown, depth: number): void {
    switch (typeof value) {
      case "string":
        return this.writeText(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.writeAtom(value ? "true" : "false");
      case "object":
        return value === null ? this.writeAtom("nil") : this.#object(value, depth);
      case "undefined":
        return this.writeAtom("undefined");
      case "bigint":
        return this.#bigint(value);
      case "function":
        if (!isRemoteFunction(value)) throw refusal(value);
        if (depth >= Tag.DEPTH_MAX) throw new CodecError(TOO_DEEP);
        return writeFunction(this, value, depth);
      case "symbol":
        throw refusal(value);
    }
  }

  #object(value: object, depth: number): void {
    if (depth >= Tag.DEPTH_MAX && !(value instanceof Pid || value instanceof Ref)) throw new CodecError(TOO_DEEP);
    if (isLiteral(value)) return this.writeFields(value, depth);
    if (value instanceof Pid) return this.writePid(value);
    if (value instanceof Ref) return this.writeRef(value);
    if (value instanceof Uint8Array && value.length <= SHORT && Object.getPrototypeOf(value) === Uint8Array.prototype) {
      this.writeTagged("Uint8Array", 3);
      this.writeHeader(Tag.BINARY, value.length);
      return this.writeBytes(value);
    }
    if (Array.isArray(value)) return this.#array(value, depth);
    if (isPlain(value)) return this.writeFields(value, depth);
    writeObject(this, value, depth);
  }

  #array(items: readonly unknown[], depth: number): void {
    if (!Array.isArray(Object.getPrototypeOf(items))) throw refusal(items);
    const { length } = items;
    this.writeListHeader(length);
    for (let i = this.writeIntegers(items, 0, length); i < length; i = this.writeIntegers(items, i + 1, length)) {
      this.enter(depth, i);
      const item = items[i];
      if (item === undefined && !(i in items)) throw new CodecError("it is a hole in an array; put undefined there");
      this.writeInner(item, depth);
    }
    this.writeNil();
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return this.writeInteger(value);
    if (Number.isFinite(value)) return this.writeFloat(value);
    this.writeTagged(Number.isNaN(value) ? Tag.Kind.nan : value > 0 ? Tag.Kind.infinity : Tag.Kind.minusInfinity, 2);
  }

  // An integer that a number could be is read as a number, so a bigint of that size says what it is (TR-7).
  #bigint(value: bigint): void {
    if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER))
      this.writeTagged(Tag.Kind.bigint, 3);
    this.writeBigInteger(value);
  }

  #explain(error: unknown, term: unknown, root: string): CodecError {
    const steps = this.#steps.splice(0).slice(0, this.#depth);
    if (!(error instanceof CodecError)) {
      const path = pathOf(root, steps);
      const what = error instanceof Error ? error.message : show(error);
      return new CodecError(`cannot send ${path}: reading it failed: ${what}`, { path, cause: error });
    }
    const repeat = error.message === TOO_DEEP ? stepsToRepeat(term, steps) : -1;
    const path = pathOf(root, repeat < 0 ? steps : steps.slice(0, repeat));
    const why = repeat < 0 ? error.message : "it contains itself; send an id or an index instead of the object";
    return new CodecError(`cannot send ${path}: ${why}`, { path });
  }
}

// What most objects in messages are, at the price of one look.
function isLiteral(value: object): value is Fields {
  return Object.getPrototypeOf(value) === Object.prototype;
}

// Plain in any realm: made by a literal, by JSON, in a REPL's context, or without a prototype.
function isPlain(value: object): value is Fields {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return true;
  if (typeof prototype !== "object" || Object.getPrototypeOf(prototype) !== null) return false;
  return Object.hasOwn(prototype, "isPrototypeOf");
}
