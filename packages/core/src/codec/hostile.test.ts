/** D3: whatever the bytes, decoding fails with a `CodecError` or succeeds, in time and space bounded by their length. */
import { Buffer } from "node:buffer";

import { describe, expect, it } from "vitest";

import { CodecError } from "../base/errors.ts";
import { IdentityTable } from "../term/identity.ts";
import { ErlangCodec } from "./erlang-codec.ts";

const codec = new ErlangCodec({ identities: new IdentityTable("a@host", 5) });
const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");

function failure(given: Uint8Array): CodecError {
  try {
    codec.decode(given);
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
  throw new Error("it was decoded");
}

const text = (value: string): string => {
  const content = Buffer.from(value);
  return `6d ${content.length.toString(16).padStart(8, "0")} ${content.toString("hex")}`;
};
const atom = (name: string): string =>
  `77 ${name.length.toString(16).padStart(2, "0")} ${Buffer.from(name).toString("hex")}`;
const tagged = (kind: string, ...elements: string[]): string =>
  `68 ${(elements.length + 2).toString(16).padStart(2, "0")} ${atom("$js")} ${atom(kind)} ${elements.join(" ")}`;
const map = (...entries: string[]): string =>
  `74 ${(entries.length / 2).toString(16).padStart(8, "0")} ${entries.join(" ")}`;
const three = "61 03";

describe("D3 refuses", () => {
  it.each([
    ["nothing", "", "expected 1 more bytes", 0],
    ["another version", "82 6a", "expected a term (131). Got: 130", 0],
    ["only a version", "83", "expected 1 more bytes", 1],
    ["an unknown tag", "83 00", "Got: tag 0", 1],
    ["a compressed term", "83 50 ffffffff 789c", "compressed", 1],
    ["bytes after the term", "83 6a 6a", "expected the end. Got: 1 more bytes", 2],
    ["a list of four billion", "83 6c ffffffff 6a", "expected 4294967295 more bytes", 6],
    ["a map of four billion", "83 74 ffffffff 6a6a", "expected 8589934590 more bytes", 6],
    ["a tuple of four billion", "83 69 ffffffff 6a", "expected 4294967295 more bytes", 6],
    ["a text of four billion", "83 6d ffffffff 6a", "expected 4294967295 more bytes", 6],
    ["an integer of four billion digits", "83 6f ffffffff 00 6a", "expected 4294967295 more bytes", 6],
    ["an integer cut short", "83 62 0000", "expected 4 more bytes", 2],
    ["a float cut short", "83 46 0000000000", "expected 4 more bytes", 6],
    ["an atom cut short", "83 77 05 6161", "expected 5 more bytes", 3],
    ["a string cut short", "83 6b 0005 6161", "expected 5 more bytes", 4],
    ["an improper list", "83 6c 00000001 6101 6102", "expected the end of a list. Got: tag 97", 8],
    ["text that is no UTF-8", "83 6d 00000002 c328", "expected UTF-8 text", 6],
    ["an overlong slash", "83 6d 00000002 c0af", "expected UTF-8 text", 6],
    ["an encoded surrogate", "83 6d 00000003 eda080", "expected UTF-8 text", 6],
    ["a long text that is no UTF-8", `83 6d 00000028 ${"61".repeat(39)}ff`, "expected UTF-8 text", 6],
    ["an atom that is no UTF-8", "83 77 01 ff", "expected UTF-8 text", 3],
    ["NaN as a float", "83 46 7ff8000000000000", "expected a finite float", 1],
    ["infinity as a float", "83 46 fff0000000000000", "expected a finite float", 1],
    ["a key that is a number", "83 74 00000001 6101 6102", "expected a text. Got: tag 97", 6],
    ["the same key twice", `83 ${map(text("a"), three, text("a"), three)}`, "keys are all different", 1],
    ["a key as text and as atom", `83 ${map(text("a"), three, atom("a"), three)}`, "keys are all different", 1],
    ["a __proto__", `83 ${map(text("__proto__"), "74 00000000")}`, "__proto__", 20],
    ["a __proto__ as an atom", `83 ${map(atom("__proto__"), "74 00000000")}`, "__proto__", 17],
    [
      "a __proto__ in UTF-16",
      `83 ${map(tagged("String", `6d 00000012 ${Buffer.from("__proto__", "utf16le").swap16().toString("hex")}`), "74 00000000")}`,
      "__proto__",
      44,
    ],
    [
      "a __proto__ in an error",
      `83 ${tagged("Error", text("Error"), map(), map(text("__proto__"), "6a"))}`,
      "__proto__",
      49,
    ],
    ["a reference of no words", "83 5a 0000 7701 61 00000001", "1 to 5 words. Got: 0", 4],
    ["a reference of six words", "83 5a 0006 7701 61 00000001", "1 to 5 words. Got: 6", 4],
    ["a pid whose node is no atom", "83 58 6d00000000 00000000 00000000 00000000", "expected an atom. Got: tag 109", 2],
    ["a pid cut short", "83 58 7701 61 00000000", "expected 4 more bytes", 9],
    ["a port", "83 78 7701 61", "Got: tag 120", 1],
  ])("%s", (_, given, message, offset) => {
    const error = failure(bytes(given));
    expect(error.message).toContain(message);
    expect(error.offset).toBe(offset);
  });

  it.each([
    ["a type we do not know", tagged("Matrix", text("")), "a type we know"],
    ["no type", `68 01 ${atom("$js")}`, "expected a $js tuple of 2 or more"],
    ["a type that is no atom", `68 02 ${atom("$js")} ${three}`, "expected an atom"],
    ["NaN with a value", tagged("NaN", three), "expected a NaN tuple of 2. Got: 3"],
    ["a bigint that is a float", tagged("BigInt", "46 3ff8000000000000"), "expected an integer"],
    ["a date that is a text", tagged("Date", text("now")), "expected milliseconds"],
    ["a date beyond time", tagged("Date", "6e 07 00 ffffffffffff1f"), "expected milliseconds"],
    ["a Map of no pairs", tagged("Map", `6c 00000001 ${three} 6a`), "expected a tuple"],
    ["a Map of triples", tagged("Map", `6c 00000001 6803 ${three} ${three} ${three} 6a`), "expected a pair"],
    ["a Map that is no list", tagged("Map", three), "expected a list"],
    ["half a Float64", tagged("Float64Array", "6d 00000004 00000000"), "a length it can have"],
    ["bytes that are a text atom", tagged("Uint8Array", atom("a")), "expected a binary"],
    ["UTF-16 of an odd length", tagged("String", "6d 00000001 61"), "odd number of bytes"],
    [
      "an error with a number as message",
      tagged("Error", text("Error"), map(text("message"), three), map()),
      "expected a text as message",
    ],
    ["an error that hides something else", tagged("Error", text("Error"), map(text("x"), three), map()), "errors hide"],
    ["an error of no class", tagged("Error", three, map(), map()), "expected a text"],
    ["an error without fields", tagged("Error", text("Error"), map(), three), "expected a map"],
    ["a function without a name", tagged("Function", three, "6a"), "expected a text"],
    ["a function of six", tagged("Function", text("f"), "6a", "6a", "6a"), "expected a Function tuple of 4"],
  ])("%s", (_, given, message) => {
    expect(failure(bytes(`83 ${given}`)).message).toContain(message);
  });

  it.each([
    ["lists", "6c00000001"],
    ["tuples", "6801"],
    ["maps", "7400000001 7701 61"],
    ["Sets", `68 03 ${atom("$js")} ${atom("Set")} 6c00000001`],
    ["Maps", `68 03 ${atom("$js")} ${atom("Map")} 6c00000001 6802`],
    ["errors", `68 05 ${atom("$js")} ${atom("Error")} ${text("Error")} 74 00000001 ${text("cause")}`],
    ["functions", `68 04 ${atom("$js")} ${atom("Function")} ${text("f")} 6c00000001`],
  ])("a nesting of a hundred thousand %s", (_, opening) => {
    const given = Buffer.concat([bytes("83"), Buffer.alloc(100_000 * bytes(opening).length, bytes(opening))]);
    expect(failure(given).message).toContain("at most 256 containers");
  });

  it("what there is no stack left for, with the same error", () => {
    const deep = codec.encode(Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1));
    const outcomes: unknown[] = [];
    const fall = (): void => {
      try {
        fall();
      } catch {
        // No stack at all; on the way back there is a little more at every step.
      }
      if (Array.isArray(outcomes.at(-1))) return;
      try {
        outcomes.push(codec.decode(deep));
      } catch (error) {
        if (error instanceof CodecError) outcomes.push(error.cause);
      }
    };
    fall();
    expect(outcomes.length).toBeGreaterThan(1);
    expect(outcomes.slice(0, -1).every((cause) => cause instanceof RangeError)).toBe(true);
  });
});

describe("D3 is bounded", () => {
  it("by linear time for the largest integers, and refuses larger ones", () => {
    const largest = (length: number): Buffer => {
      const header = bytes("83 6f 00000000 00");
      header.writeUInt32BE(length, 2);
      return Buffer.concat([header, Buffer.alloc(length, 0xff)]);
    };
    const start = performance.now();
    expect(codec.decode(largest(65_536))).toBe(2n ** (8n * 65_536n) - 1n);
    expect(failure(largest(65_537)).message).toContain("at most 64 KiB");
    expect(failure(largest(8_000_000)).message).toContain("at most 64 KiB");
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("by linear time for many large integers, long texts and wide containers", () => {
    const big = bytes(`6e ff 00 ${"ab".repeat(255)}`);
    const many = (count: number): Buffer => {
      const header = bytes("83 6c 00000000");
      header.writeUInt32BE(count, 2);
      return Buffer.concat([header, Buffer.alloc(count * big.length, big), bytes("6a")]);
    };
    // By CPU time, for a busy machine makes anything late.
    const time = (given: Uint8Array): number => {
      const start = process.cpuUsage();
      codec.decode(given);
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1_000;
    };
    time(many(1000));
    expect(time(many(20_000))).toBeLessThan(2000);
    expect(time(codec.encode("ü".repeat(2_000_000)))).toBeLessThan(2000);
    expect(
      time(codec.encode(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`key ${i}`, i])))),
    ).toBeLessThan(2000);
  });

  it("by making no object out of thin air", () => {
    const term = codec.decode(
      bytes(`83 ${map(text("constructor"), three, text("toString"), three, text("length"), "61 ff")}`),
    );
    expect(Object.keys(Object(term))).toEqual(["constructor", "toString", "length"]);
    expect(Object.getPrototypeOf(term)).toBe(Object.prototype);
    expect("a" in {}).toBe(false);
  });

  it("and finds keys that occur twice even when others have extended Object.prototype", () => {
    Reflect.set(Object.prototype, "polluted", 1);
    try {
      expect(codec.decode(codec.encode({ a: 1 }))).toStrictEqual({ a: 1 });
      expect(failure(bytes(`83 ${map(text("a"), three, text("a"), three)}`)).message).toContain("all different");
    } finally {
      Reflect.deleteProperty(Object.prototype, "polluted");
    }
  });
});
