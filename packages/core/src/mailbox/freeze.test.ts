import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { deepFreeze } from "./freeze.ts";

function isFrozenInDepth(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozenInDepth);
}

describe("freezing", () => {
  it("JS-6 reaches everything in plain objects and arrays, and changes nothing", () => {
    fc.assert(
      fc.property(fc.object({ withBigInt: true, withNullPrototype: true, withSparseArray: true }), (message) => {
        const copy = structuredClone(message);
        expect(deepFreeze(message)).toBe(message);
        expect(isFrozenInDepth(message)).toBe(true);
        expect(structuredClone(message)).toEqual(copy);
      }),
    );
  });

  it("takes cycles, and parts that occur twice", () => {
    const shared = { n: 1 };
    const message: Record<string, unknown> = { a: shared, b: [shared] };
    message["self"] = message;
    deepFreeze(message);
    expect(Object.isFrozen(shared)).toBe(true);
    expect(Object.isFrozen(message["b"])).toBe(true);
  });

  it("reaches what is thawed inside what is frozen", () => {
    const inner = { n: 1 };
    deepFreeze(Object.freeze({ inner }));
    expect(Object.isFrozen(inner)).toBe(true);
  });

  it("leaves instances of classes, maps and buffers alone", () => {
    class Account {
      balance = 0;
    }
    const parts = [new Account(), new Map([[1, { n: 1 }]]), new Uint8Array(3), new Date(0), new Error("e"), () => 1];
    deepFreeze(parts);
    for (const part of parts) expect(Object.isFrozen(part)).toBe(false);
    expect(deepFreeze(new Account())).toBeInstanceOf(Account);
  });

  it("does not recurse: depth is no limit", () => {
    let message: unknown = { bottom: true };
    const bottom = message;
    for (let n = 0; n < 300_000; n += 1) message = { message };
    deepFreeze(message);
    expect(Object.isFrozen(bottom)).toBe(true);
  });

  it("gives primitives back", () => {
    for (const value of [1, "a", null, undefined, 1n, true]) expect(deepFreeze(value)).toBe(value);
  });
});
