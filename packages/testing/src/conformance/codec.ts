/** What every codec owes a node, as a suite to be applied to an implementation (D3, TR-7). */
import { deepStrictEqual } from "node:assert";

import { CodecError } from "@otp/core";
import { type Codec, IdentityTable } from "@otp/core/transport";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { terms } from "../arbitrary/terms.ts";

/** Things that live in one program only. */
const unsendable: readonly (readonly [string, unknown])[] = [
  ["a function", (): void => undefined],
  ["a symbol", Symbol("x")],
  ["a promise", Promise.resolve()],
  ["a weak map", new WeakMap()],
];

/**
 * Declares the tests of a codec. `makeCodec` makes one for the node that owns the table.
 *
 * ```ts ignore
 * // Declares tests, which an example that is itself a test cannot.
 * describe("MyCodec", () => codecContract((identities) => new MyCodec(identities)));
 * ```
 */
export function codecContract(makeCodec: (identities: IdentityTable) => Codec): void {
  const identities = new IdentityTable("a@host", 4);
  const codec = makeCodec(identities);
  const subject = { codec, identities, term: terms({ identities }) };
  describe("the codec contract: what can be sent", () => keeping(subject));
  describe("the codec contract: what cannot", () => refusing(subject));
}

interface Subject {
  readonly codec: Codec;
  readonly identities: IdentityTable;
  readonly term: fc.Arbitrary<unknown>;
}

function keeping({ codec, identities, term }: Subject): void {
  const again = (value: unknown): unknown => codec.decode(codec.encode(value));
  it("D3 keeps every term, its pids and refs being the same objects", () => {
    fc.assert(fc.property(term, (value) => deepStrictEqual(again(value), value)));
    const { own } = identities;
    const pid = own.pid(7);
    expect(again([pid, pid])).toEqual([pid, pid]);
    expect((again([pid]) as readonly unknown[])[0]).toBe(pid);
  });

  it("D3 keeps what looks like another value: -0, NaN, undefined in lists, empty and lone-surrogate strings", () => {
    const odd = [
      -0,
      Number.NaN,
      [undefined, null],
      "",
      "\ud800",
      0n,
      new Map([[{ a: 1 }, new Set([[]])]]),
      new Date(0),
    ];
    deepStrictEqual(again(odd), odd);
    expect(Object.is((again([-0]) as readonly unknown[])[0], -0)).toBe(true);
  });

  it("D3 shares no memory with what it was given", () => {
    const value = { bytes: Uint8Array.of(1, 2, 3) };
    const bytes = codec.encode(value);
    const kept = codec.decode(bytes);
    bytes.fill(0);
    expect(kept).toEqual(value);
  });

  it("D3 makes the same of bytes whether or not something was refused before", () => {
    expect(() => codec.encode({ deep: [Symbol("x")] })).toThrow(CodecError);
    expect(() => codec.decode(Uint8Array.of(1, 2, 3))).toThrow(CodecError);
    expect(again({ after: 1 })).toEqual({ after: 1 });
  });
}

function refusing({ codec, term }: Subject): void {
  it.each(unsendable)("TR-7 refuses %s, at any depth, with a CodecError", (_what, value) => {
    expect(() => codec.encode(value)).toThrow(CodecError);
    expect(() => codec.encode({ deep: [1, { deeper: value }] })).toThrow(CodecError);
  });

  it("TR-7 refuses what contains itself", () => {
    const endless: unknown[] = [];
    endless.push(endless);
    expect(() => codec.encode(endless)).toThrow(CodecError);
  });

  it("JS-13 refuses bytes that are cut off or go on after the end", () => {
    fc.assert(
      fc.property(term, fc.nat(), (value, at) => {
        const bytes = codec.encode(value);
        expect(() => codec.decode(bytes.subarray(0, at % bytes.length))).toThrow(CodecError);
        expect(() => codec.decode(Uint8Array.of(...bytes, 0))).toThrow(CodecError);
      }),
      { numRuns: 50 },
    );
  });

  it("JS-13 throws nothing but a CodecError, whatever the bytes", () => {
    const mutilated = fc
      .tuple(term, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }))
      .map(([value, edits]) => {
        const bytes = codec.encode(value).slice();
        for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), mutilated), (bytes) => decodesOrRefuses(codec, bytes)));
  });

  it("JS-13 has no way into prototypes", () => {
    const hostile: unknown = JSON.parse('{ "__proto__": { "polluted": true }, "constructor": 1 }');
    try {
      codec.decode(codec.encode(hostile));
    } catch (error) {
      expect(error).toBeInstanceOf(CodecError);
    }
    expect("polluted" in {}).toBe(false);
  });
}

function decodesOrRefuses(codec: Codec, bytes: Uint8Array): void {
  try {
    codec.decode(bytes);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
}
