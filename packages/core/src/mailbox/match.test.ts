import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ArgumentError } from "../base/errors.ts";
import { IdentityTable } from "../term/identity.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { predicateOf, refOf } from "./match.ts";

const table = new IdentityTable("one@host", 4);
const other = new IdentityTable("two@host", 5);

const matches = (pattern: Parameters<typeof predicateOf>[0], message: unknown): boolean =>
  predicateOf(pattern)(message);

describe("a pattern", () => {
  it("wants its fields and no others", () => {
    expect(matches({ type: "a" }, { type: "a", more: 1 })).toBe(true);
    expect(matches({ type: "a" }, { type: "b" })).toBe(false);
    expect(matches({ type: "a" }, { other: "a" })).toBe(false);
    expect(matches({}, {})).toBe(true);
    expect(matches({ a: undefined }, {})).toBe(false);
    expect(matches({ a: undefined }, { a: undefined })).toBe(true);
    expect(matches({ constructor: Object }, {})).toBe(false);
  });

  it("tells 0 from -0 and takes NaN for NaN", () => {
    expect(matches({ n: Number.NaN }, { n: Number.NaN })).toBe(true);
    expect(matches({ n: 0 }, { n: -0 })).toBe(false);
  });

  it("is matched by whatever it was made of", () => {
    const term = fc.letrec((tie) => ({
      term: fc.oneof(
        fc.constantFrom(1, "a", null, true),
        fc.array(tie("term"), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie("term"), { maxKeys: 3 }),
      ),
    })).term;
    fc.assert(
      fc.property(fc.dictionary(fc.string(), term), (message) => {
        expect(matches(message, structuredClone(message))).toBe(true);
        expect(matches(message, { ...structuredClone(message), "one more": 1 })).toBe(true);
        expect(matches({ ...message, "one more": 1 }, message)).toBe(Object.hasOwn(message, "one more"));
      }),
    );
  });

  it("compares arrays by length and element", () => {
    expect(matches({ list: [1, { a: 1 }] }, { list: [1, { a: 1, b: 2 }] })).toBe(true);
    expect(matches({ list: [1] }, { list: [1, 2] })).toBe(false);
    expect(matches({ list: [] }, { list: {} })).toBe(false);
  });

  it("JS-7 compares pids and refs by value", () => {
    const pid = new Pid(table.own, 7);
    expect(matches({ from: pid }, { from: new Pid(table.own, 7) })).toBe(true);
    expect(matches({ from: pid }, { from: new Pid(table.own, 8) })).toBe(false);
    expect(matches({ from: pid }, { from: new Pid(other.own, 7) })).toBe(false);
    expect(matches({ ref: new Ref(table.own, 1) }, { ref: new Ref(table.own, 1) })).toBe(true);
    expect(matches({ ref: new Ref(table.own, 1) }, { ref: new Pid(table.own, 1) })).toBe(false);
  });

  it("RECV-6 is not matched by what cannot be looked into, and never throws", () => {
    const getter = {
      get type(): never {
        throw new Error("no");
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const message of [getter, proxy, null, undefined, 1, "a", Symbol("s"), 1n, () => 1]) {
      expect(matches({ type: "a" }, message)).toBe(false);
    }
  });

  it("is a plain object: anything else is refused", () => {
    for (const odd of [1, null, [], new Map(), new Pid(table.own, 1), new Ref(table.own, 1), new Date(0)]) {
      expect(() => Reflect.apply(predicateOf, undefined, [odd])).toThrow(ArgumentError);
    }
    expect(matches(Object.create(null), { a: 1 })).toBe(true);
  });

  it("names the ref that it wants", () => {
    const ref = new Ref(table.own, 1);
    expect(refOf({ type: "DOWN", ref })).toBe(ref);
    expect(refOf({ type: "DOWN" })).toBeUndefined();
    expect(refOf(() => true)).toBeUndefined();
  });
});
