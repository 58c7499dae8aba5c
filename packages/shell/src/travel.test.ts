import { remote } from "@otp/core";
import { describe, expect, it } from "vitest";

import { compile, Traveller } from "./travel.ts";

const traveller = new Traveller(
  () =>
    new Map<string, unknown>([
      ["limit", 4],
      ["limits", [1]],
      ["Thing", class {}],
    ]),
);

/** What another shell makes of a function. */
function arrive(fn: unknown): { fn: (...args: readonly unknown[]) => unknown; bound: unknown } {
  const term: unknown = Object.getOwnPropertySymbols(Object(fn)).map((key) => Reflect.get(Object(fn), key))[0];
  const { source, bound } = Object(term);
  const made = compile(String(source), "test");
  return { fn: (...args) => made(...bound, ...args), bound };
}

describe("functions that travel", () => {
  it("take along what they mention, and nothing else", () => {
    const { fn, bound } = arrive(traveller.remote(compile("(x) => x > limit", "typed")));
    expect(bound).toEqual([4]);
    expect([3, 5].map((x) => fn(x))).toEqual([false, true]);
    expect(arrive(traveller.remote(compile("(x) => x.limit", "typed"))).bound).toEqual([]);
    expect(arrive(traveller.remote(compile("(x) => new Thing(x)", "typed"))).bound).toEqual([]);
  });

  it("are found in plain data", () => {
    const packed = traveller.pack({ list: [1, (x: number) => x + 1], rest: "text" });
    const { list } = Object(packed);
    expect(arrive(list[1]).fn(1)).toBe(2);
    const plain = { list: [1, 2] };
    expect(traveller.pack(plain)).toEqual(plain);
    const known = remote("shell/test/known", () => 1);
    expect(traveller.pack(known)).toBe(known);
  });

  it("must be written out", () => {
    expect(() => traveller.remote(Math.max)).toThrow("cannot travel");
    expect(() => traveller.remote({ f() {} }.f)).toThrow("cannot travel");
    expect(() => traveller.remote(1)).toThrow("expected a function");
    expect(() => compile("1", "x")).toThrow("no function");
    expect(() => compile("(", "x")).toThrow("cannot be compiled");
  });
});
