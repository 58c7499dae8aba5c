/** The pieces that frames are made of: a buffer that is used again, and reading within bounds. */
import { Buffer } from "node:buffer";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ArgumentError, CodecError } from "../base/errors.ts";
import { ForeignRef, foreignNumber } from "../term/foreign.ts";
import { IdentityTable } from "../term/identity.ts";
import { TermReader } from "./term-reader.ts";
import { TermWriter } from "./term-writer.ts";

const identities = new IdentityTable("a@host", 5);

function readerOf(bytes: Uint8Array, start = 0, end: number = bytes.length): TermReader {
  const reader = new TermReader(identities);
  reader.reset(bytes, start, end);
  return reader;
}

describe("a writer", () => {
  it("takes several terms, one behind the other, and is used again", () => {
    const writer = new TermWriter();
    for (let round = 0; round < 3; round++) {
      writer.reset();
      const terms = [{ round }, "two", [3, 4.5], null];
      for (const term of terms) writer.writeTerm(term);
      const reader = readerOf(writer.view());
      expect(terms.map(() => reader.readTerm())).toEqual(terms);
      reader.expectEnd();
    }
  });

  it("grows past any term and does not keep what one huge term took", () => {
    const writer = new TermWriter();
    const huge = "ü".repeat(3_000_000);
    writer.writeTerm(huge);
    expect(readerOf(writer.view()).readTerm()).toBe(huge);
    expect(writer.view().buffer.byteLength).toBeGreaterThan(6_000_000);
    writer.reset();
    writer.writeTerm(1);
    expect(writer.view().buffer.byteLength).toBeLessThan(10_000);
  });

  it("puts lengths in afterwards, takes back, and gives out a part", () => {
    const writer = new TermWriter();
    writer.writeUint32(0);
    writer.writeUint16(0x0102);
    writer.writeBytes(Uint8Array.of(3, 4));
    writer.patchUint32(0, writer.length);
    expect([...writer.view(4)]).toEqual([1, 2, 3, 4]);
    writer.truncate(5);
    expect([...writer.view()]).toEqual([0, 0, 0, 8, 1]);
    expect(() => writer.truncate(6)).toThrow(ArgumentError);
    expect(() => writer.writeInteger(0.5)).toThrow(ArgumentError);
    expect(() => writer.writeInteger(2 ** 53)).toThrow(ArgumentError);
  });

  it.each([10, 3_000_000])("gives away what it has from a place on (%d bytes)", (size) => {
    const writer = new TermWriter();
    writer.writeUint16(7);
    writer.writeBytes(new Uint8Array(size).fill(1));
    const taken = writer.split(2);
    expect([...writer.view()]).toEqual([0, 7]);
    writer.writeBytes(new Uint8Array(100).fill(2));
    expect(taken.length).toBe(size);
    expect(taken.every((byte) => byte === 1)).toBe(true);
  });

  it("hands over batches of any sizes, none of which what is written later changes", () => {
    const sizes = fc.integer({ min: 1, max: 300_000 });
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 2, maxLength: 12 }), (lengths) => {
        const writer = new TermWriter();
        const batches = lengths.map((length, i) => {
          writer.writeUint8(i);
          writer.writeBytes(new Uint8Array(length).fill(i));
          writer.writeUint32(0);
          writer.patchUint32(length + 1, i);
          return writer.handOver();
        });
        expect(writer.length).toBe(0);
        for (const [i, batch] of batches.entries()) {
          const expected = Buffer.alloc((lengths[i] ?? 0) + 5, i);
          expected.writeUInt32BE(i, expected.length - 4);
          expect(expected.equals(batch)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses more bytes than it may hold", () => {
    const writer = new TermWriter({ bytesMax: 5000 });
    writer.writeTerm("x".repeat(3000));
    const { length } = writer;
    expect(() => writer.writeTerm("x".repeat(3000))).toThrow(CodecError);
    expect(writer.length).toBe(length);
  });
});

describe("a reader", () => {
  it("reads nothing beyond the end it was given, in any term", () => {
    const terms = [
      [1, 2, 300, 4],
      { key: "value" },
      "text",
      2 ** 40,
      identities.own.pid(1),
      identities.own.ref(2),
      1.5,
    ];
    const writer = new TermWriter();
    for (const term of terms) {
      writer.reset();
      writer.writeTerm(term);
      const bytes = Buffer.concat([writer.view(), Buffer.alloc(20, 97)]);
      expect(readerOf(bytes, 0, writer.length).readTerm()).toEqual(term);
      for (let end = 0; end < writer.length; end++) {
        expect(() => readerOf(bytes, 0, end).readTerm(), `${end} of ${writer.length}`).toThrow(CodecError);
      }
    }
  });

  it("tells what comes next and where", () => {
    const reader = readerOf(Uint8Array.of(9, 97, 1, 106, 119, 1, 97), 1);
    expect([reader.offset, reader.remaining, reader.nextTag]).toEqual([1, 6, 97]);
    expect(reader.readInteger()).toBe(1);
    expect(reader.readListHeader()).toBe(0);
    expect(reader.readAtom()).toBe("a");
    expect([reader.offset, reader.remaining, reader.nextTag]).toEqual([7, 0, -1]);
    reader.release();
    expect(reader.remaining).toBe(0);
  });

  it.each([
    ["a tuple", (reader: TermReader) => reader.readTupleHeader()],
    ["a list", (reader: TermReader) => reader.readListHeader()],
    ["the end of a list", (reader: TermReader) => reader.readListEnd()],
    ["an atom", (reader: TermReader) => reader.readAtom()],
    ["an integer", (reader: TermReader) => reader.readInteger()],
    ["a pid", (reader: TermReader) => reader.readPid()],
    ["a reference", (reader: TermReader) => reader.readRef()],
    ["a map", (reader: TermReader) => reader.readFields(0)],
    ["a text", (reader: TermReader) => reader.readText()],
  ])("says that it expected %s", (what, read) => {
    const reader = readerOf(Uint8Array.of(0, 70, 0, 0));
    reader.readUint8();
    expect(() => read(reader)).toThrow(`cannot decode at byte 1: expected ${what}. Got: tag 70`);
  });

  it("reads integers of any size, and refuses for a number what a number cannot hold", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }), (value) => {
        const writer = new TermWriter();
        writer.writeBigInteger(value);
        const read = readerOf(writer.view()).readAnyInteger();
        expect(BigInt(read)).toBe(value);
        expect(typeof read).toBe(Number.isSafeInteger(Number(value)) ? "number" : "bigint");
      }),
    );
    const writer = new TermWriter();
    writer.writeBigInteger(2n ** 53n);
    expect(() => readerOf(writer.view()).readInteger()).toThrow(/within 2\^53/);
  });

  it("makes each of many different short strings what it is", () => {
    const writer = new TermWriter();
    const texts = Array.from({ length: 5000 }, (_, i) => (i % 3 === 0 ? `k${i}` : i % 3 === 1 ? "same" : `ü${i}`));
    writer.writeTerm(texts);
    const reader = readerOf(writer.view());
    expect(reader.readTerm()).toEqual(texts);
    reader.reset(writer.view());
    expect(reader.readTerm()).toEqual(texts);
  });
});

describe("foreign refs", () => {
  it("have a number of their own, the same everywhere, that is never one of ours", () => {
    const words = fc.array(fc.nat(2 ** 32 - 1), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(words, words, (one, other) => {
        const number = foreignNumber(one);
        expect(number < 0 && Number.isSafeInteger(number + 1)).toBe(true);
        expect(foreignNumber([...one])).toBe(number);
        if (one.join() !== other.join()) expect(foreignNumber(other)).not.toBe(number);
      }),
    );
    const home = identities.get("e@host", 3);
    expect(String(new ForeignRef(home, [1, 2, 3]))).toBe("#Reference<e@host.3.2.1>");
    expect(String(home.foreignPid([2 ** 29, 7]))).toBe("#PID<e@host.536870912.7>");
    expect(home.foreignPid([2 ** 29, 7])).toBe(home.foreignPid([2 ** 29, 7]));
  });
});
