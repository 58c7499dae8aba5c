/** Reads the tagged tuples that stand for JavaScript's own types, as `js-writer.ts` writes them. */
import { Buffer } from "node:buffer";

import { lookupRemote } from "../term/remote-function.ts";
import { fromBytes } from "./binary-types.ts";
import { BINARY, Kind } from "./tags.ts";
import type { TermReader } from "./term-reader.ts";

const TIME_MAX = 8.64e15;
const hiddenNames: ReadonlySet<string> = new Set(["name", "message", "stack", "cause", "errors"]);

/** Reads the rest of a tuple of `arity` elements, of which the first has been read; `depth` is the tuple's own. */
export function readTagged(reader: TermReader, arity: number, depth: number): unknown {
  const start = reader.offset;
  if (arity < 2) throw reader.bad(`expected a $js tuple of 2 or more. Got: ${arity}`);
  const kind = reader.readAtom();
  const expect = (wanted: number): void => {
    if (arity !== wanted) throw reader.bad(`expected a ${kind} tuple of ${wanted}. Got: ${arity}`, start);
  };
  switch (kind) {
    case Kind.nan:
      expect(2);
      return Number.NaN;
    case Kind.infinity:
      expect(2);
      return Number.POSITIVE_INFINITY;
    case Kind.minusInfinity:
      expect(2);
      return Number.NEGATIVE_INFINITY;
    case Kind.bigint:
      expect(3);
      return BigInt(reader.readInteger());
    case Kind.string:
      expect(3);
      return readUtf16(reader);
    case Kind.date:
      expect(3);
      return readDate(reader, depth);
    case Kind.map:
      expect(3);
      return readMap(reader, depth);
    case Kind.set:
      expect(3);
      return readSet(reader, depth);
    case Kind.error:
      expect(5);
      return readError(reader, depth);
    case Kind.function:
      if (arity !== 5) expect(4);
      return readFunction(reader, arity, depth);
    default:
      expect(3);
      return readBinaryType(reader, kind);
  }
}

/** Reads a binary of 16-bit code units, most significant byte first. */
export function readUtf16(reader: TermReader): string {
  const bytes = readBinary(reader);
  if (bytes.length % 2 !== 0) throw reader.bad("expected UTF-16. Got: an odd number of bytes");
  return Buffer.from(bytes.buffer).swap16().toString("utf16le");
}

function readBinaryType(reader: TermReader, kind: string): object {
  const start = reader.offset;
  const value = fromBytes(kind, readBinary(reader));
  if (value === undefined) throw reader.bad(`expected a type we know, of a length it can have. Got: ${kind}`, start);
  return value;
}

function readBinary(reader: TermReader): Uint8Array<ArrayBuffer> {
  const tag = reader.readUint8();
  if (tag !== BINARY) throw reader.bad(`expected a binary. Got: tag ${tag}`, reader.offset - 1);
  return reader.readBinaryBody();
}

function readDate(reader: TermReader, depth: number): Date {
  const start = reader.offset;
  const time = reader.readInner(depth);
  if (time === null) return new Date(Number.NaN);
  if (typeof time === "number" && Number.isInteger(time) && Math.abs(time) <= TIME_MAX) return new Date(time);
  throw reader.bad("expected milliseconds or nil. Got: something else", start);
}

function readMap(reader: TermReader, depth: number): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  const size = reader.readListHeader();
  reader.descend(depth);
  for (let i = 0; i < size; i++) {
    const start = reader.offset;
    if (reader.readTupleHeader() !== 2) throw reader.bad("expected a pair. Got: another tuple", start);
    const key = reader.readInner(depth);
    map.set(key, reader.readInner(depth));
  }
  if (size > 0) reader.readListEnd();
  return map;
}

function readSet(reader: TermReader, depth: number): Set<unknown> {
  return new Set(reader.readList(depth));
}

function readFunction(reader: TermReader, arity: number, depth: number): unknown {
  const name = reader.readText();
  const bound = reader.readList(depth);
  const term = arity === 5 ? { name, bound, source: reader.readText() } : { name, bound };
  return lookupRemote(term, reader.identities.readSource);
}

function readError(reader: TermReader, depth: number): Error {
  const start = reader.offset;
  const className = reader.readText();
  const hidden = reader.readFields(depth);
  const fields = reader.readFields(depth);
  const prototype = reader.errorClasses.prototypeOf(className);
  if (prototype === undefined) hidden["name"] ??= className;
  for (const name of ["name", "message", "stack"]) {
    if (name in hidden && typeof hidden[name] !== "string") throw reader.bad(`expected a text as ${name}`, start);
  }
  // A real error, so that everyone who looks sees one; of its class, without running a constructor on foreign data.
  const error = errorWithoutStack();
  if (prototype !== undefined) Object.setPrototypeOf(error, prototype);
  for (const [name, value] of Object.entries(hidden)) {
    if (!hiddenNames.has(name)) throw reader.bad(`expected a property that errors hide. Got: ${name}`, start);
    Object.defineProperty(error, name, { value, writable: true, configurable: true });
  }
  for (const [name, value] of Object.entries(fields)) {
    Object.defineProperty(error, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: true,
    });
  }
  return error;
}

// To record where we are, only to throw it away, would be most of the work of reading an error.
function errorWithoutStack(): Error {
  const { stackTraceLimit } = Error;
  Reflect.set(Error, "stackTraceLimit", 0);
  const error = new Error();
  Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
  Reflect.deleteProperty(error, "stack");
  return error;
}
