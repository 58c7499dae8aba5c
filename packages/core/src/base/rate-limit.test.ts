import { describe, expect, it } from "vitest";

import { OncePerName, TokenBucket } from "./rate-limit.ts";

describe("a bucket", () => {
  it("lets so many through at once and then so many a second", () => {
    const bucket = new TokenBucket(5, 2);
    const taken = (now: number, tries: number): number =>
      Array.from({ length: tries }, () => bucket.take(now)).filter(Boolean).length;
    expect(taken(0, 10)).toBe(5);
    expect(taken(1_000, 10)).toBe(2);
    expect(taken(1_400, 10)).toBe(0);
    expect(taken(1_000_000, 10)).toBe(5);
  });
});

describe("once per name", () => {
  it("lets each name through once per interval", () => {
    const once = new OncePerName(100);
    expect([once.allow("a", 0), once.allow("a", 99), once.allow("b", 99), once.allow("a", 100)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it("remembers a bounded number of names and lets no more through", () => {
    const once = new OncePerName(100, 3);
    const allowed = Array.from({ length: 10 }, (_, i) => once.allow(`name ${i}`, i));
    expect(allowed.filter(Boolean)).toHaveLength(3);
    expect(once.allow("late", 101)).toBe(true);
    expect(once.allow("later", 101)).toBe(true);
    expect(once.allow("latest", 101)).toBe(false);
  });
});
