/** Byte for byte what a real Erlang node (OTP 25) writes, and what it must be able to read. */
import { Buffer } from "node:buffer";

import { describe, expect, it } from "vitest";

import { IdentityTable } from "../term/identity.ts";
import { ErlangCodec } from "./erlang-codec.ts";
import { TermReader } from "./term-reader.ts";
import { TermWriter } from "./term-writer.ts";

const codec = new ErlangCodec({ identities: new IdentityTable("ts1@127.0.0.1", 7) });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const a = 0x61;

// What `term_to_binary/1` writes and we write, too.
const bothWays: readonly (readonly [string, unknown, string])[] = [
  ["0", 0, "836100"],
  ["255", 255, "8361ff"],
  ["256", 256, "836200000100"],
  ["-1", -1, "8362ffffffff"],
  ["2^31-1", 2 ** 31 - 1, "83627fffffff"],
  ["2^31", 2 ** 31, "836e040000000080"],
  ["-2^31", -(2 ** 31), "836280000000"],
  ["-2^31-1", -(2 ** 31) - 1, "836e040101000080"],
  ["2^53-1", Number.MAX_SAFE_INTEGER, "836e0700ffffffffffff1f"],
  ["2^64-1", 2n ** 64n - 1n, "836e0800ffffffffffffffff"],
  ["2^64", 2n ** 64n, "836e0900000000000000000001"],
  ["-2^64", -(2n ** 64n), "836e0901000000000000000001"],
  ["1.5", 1.5, "83463ff8000000000000"],
  ["-0.0", -0, "83468000000000000000"],
  ['<<"">>', "", "836d00000000"],
  ['<<"abc">>', "abc", "836d00000003616263"],
  ["[]", [], "836a"],
  ["[1000]", [1000], "836c0000000162000003e86a"],
  ["#{}", {}, "837400000000"],
];

// What Erlang writes and we read, though we would write it otherwise.
const readOnly: readonly (readonly [string, unknown, string])[] = [
  ["[1,2,3]", [1, 2, 3], "836b0003010203"],
  ['"hi"', [104, 105], "836b00026869"],
  ["{}", [], "836800"],
  ["ok", "ok", "836400026f6b"],
  ["ok (OTP 26)", "ok", "8377026f6b"],
  ["{a,b}", ["a", "b"], "8368026400016164000162"],
  ["#{a=>1}", { a: 1 }, "837400000001640001616101"],
  ["[true,false,nil]", [true, false, null], "836c000000036400047472756564000566616c73656400036e696c6a"],
  ["a Set of bytes", new Set([1, 2]), "836803 770324 6a73 7703536574 6b00020102"],
  ["undefined", undefined, "83640009756e646566696e6564"],
  ["ä as Latin-1", "ä", "83640001e4"],
  ["a number with leading zeros", 5, "836e0a0005000000000000000000"],
  ["minus zero as an integer", 0, "836e0001"],
];

describe("bytes of a real Erlang", () => {
  it.each(bothWays)("writes and reads %s", (_, term, expected) => {
    expect(hex(codec.encode(term))).toBe(expected);
    expect(codec.decode(bytes(expected))).toStrictEqual(term);
  });

  it.each(readOnly)("reads %s", (_, term, given) => {
    expect(codec.decode(bytes(given))).toStrictEqual(term);
  });

  it("reads foreign tuples as arrays that nobody can change", () => {
    expect(Object.isFrozen(codec.decode(bytes("8368026400016164000162")))).toBe(true);
  });

  it.each([
    ["an improper list", "836c000000016400016164000162"],
    ["a compressed term", "8350000000f6789ccb616060b04961604c1c49380b00aa762f7b"],
    ["a bit string", "834d0000000103a0"],
    ["a fun", "83716400056c697374736400036d61706102"],
    ["a distribution header", "83440000"],
  ])("refuses %s", (_, given) => {
    expect(() => codec.decode(bytes(given))).toThrow(expect.objectContaining({ code: "codec" }));
  });
});

describe("control messages", () => {
  const us = "58 770d747331403132372e302e302e31 00000064 00000000 00000007";
  const e25 = "58 770d653235403132372e302e302e31 00000055 00000000 6b028f0a";

  it("writes and reads SEND", () => {
    const identities = new IdentityTable("ts1@127.0.0.1", 7);
    const expected = bytes(`70 83 6803 6102 7700 ${us} 83 6802 ${e25} 770568656c6c6f`);
    const to = identities.own.pid(100);
    const from = identities.get("e25@127.0.0.1", 0x6b028f0a).pid(0x55);
    const writer = new TermWriter();
    writer.writeUint8(112);
    writer.writeVersion();
    writer.writeTupleHeader(3);
    writer.writeInteger(2);
    writer.writeAtom("");
    writer.writePid(to);
    writer.writeVersion();
    writer.writeTupleHeader(2);
    writer.writePid(from);
    writer.writeAtom("hello");
    expect(hex(writer.view())).toBe(hex(expected));

    const reader = new TermReader(identities);
    reader.reset(expected, 1);
    reader.readVersion();
    expect([reader.readTupleHeader(), reader.readInteger(), reader.readAtom()]).toEqual([3, 2, ""]);
    expect(reader.readPid()).toBe(to);
    reader.readVersion();
    expect(reader.readTupleHeader()).toBe(2);
    expect(reader.readPid()).toBe(from);
    expect(reader.readAtom()).toBe("hello");
    expect(reader.remaining).toBe(0);
    reader.expectEnd();
  });

  it("writes and reads MONITOR_P with a reference of three words", () => {
    const identities = new IdentityTable("ts1@127.0.0.1", 7);
    const ref = "5a0003 770d747331403132372e302e302e31 00000007 00000001 00000002 00000003";
    const given = bytes(`6804 6113 ${us} 7704746d7031 ${ref}`);
    const reader = new TermReader(identities);
    reader.reset(given);
    expect([reader.readTupleHeader(), reader.readInteger()]).toEqual([4, 19]);
    const fields = [reader.readPid(), reader.readAtom(), reader.readRef()] as const;
    const writer = new TermWriter();
    writer.writeTupleHeader(4);
    writer.writeInteger(19);
    writer.writePid(fields[0]);
    writer.writeAtom(fields[1]);
    writer.writeRef(fields[2]);
    expect(hex(writer.view())).toBe(hex(given));
    expect(fields[2].number).toBe(1 + 2 * 2 ** 18 + 3 * 2 ** 50);
  });

  it("keeps references and pids that are wider than a number, bit by bit and as one object (JS-7)", () => {
    const ref = bytes("83 5a0003 770d653235403132372e302e302e31 6b028f0a 0002af06 46d50001 8defcfdb");
    const pid = bytes("83 58 770d653235403132372e302e302e31 ffffffff ffffffff 6b028f0a");
    for (const given of [ref, pid]) {
      const term = codec.decode(given);
      expect(hex(codec.encode(term))).toBe(hex(given));
      expect(codec.decode(given)).toBe(term);
    }
  });

  it("writes atoms, lists and long tuples in the right form", () => {
    const writer = new TermWriter();
    writer.writeAtom("ä".repeat(200));
    expect(hex(writer.view()).slice(0, 10)).toBe("760190c3a4");
    writer.reset();
    writer.writeListHeader(1);
    writer.writeInteger(a);
    writer.writeNil();
    writer.writeTupleHeader(256);
    expect(hex(writer.view())).toBe("6c0000000161616a6900000100");
    expect(() => writer.writeAtom("x".repeat(256))).toThrow(/at most 255/);
    expect(() => writer.writeAtom("\ud800")).toThrow(/half a character/);
    const reader = new TermReader(new IdentityTable("a@b", 1));
    reader.reset(writer.view());
    expect([reader.readListHeader(), reader.readInteger()]).toEqual([1, a]);
    reader.readListEnd();
    expect(() => reader.readTupleHeader()).toThrow(/expected 256 more bytes/);
  });
});
