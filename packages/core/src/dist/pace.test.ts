import { describe, expect, it } from "vitest";

import { Pace } from "./pace.ts";

/** Rounds in which everything allowed is under way and comes back after `roundTripMs`. */
function rounds(pace: Pace, count: number, roundTripMs: number, from = 0): number {
  let now = from;
  for (let i = 0; i < count; i += 1) {
    now += roundTripMs;
    pace.sample(roundTripMs, 0, now);
    pace.progress(pace.window, true);
  }
  return now;
}

describe("the pace towards a peer", () => {
  it("grows while round trips stay short, up to a limit", () => {
    const pace = new Pace();
    rounds(pace, 20, 5);
    expect(pace.window).toBe(4 * 1024 * 1024);
    expect(pace.piece).toBe(64 * 1024);
  });

  it("shrinks while round trips are long, and so do pieces", () => {
    const pace = new Pace();
    const now = rounds(pace, 3, 5);
    rounds(pace, 40, 500, now);
    expect(pace.window).toBe(16 * 1024);
    expect(pace.piece).toBe(4 * 1024);
  });

  it("does not shrink for some that are late among others that are not", () => {
    const pace = new Pace();
    let now = rounds(pace, 20, 5);
    const before = pace.window;
    for (let i = 0; i < 200; i += 1) {
      now += 5;
      pace.sample(i % 3 === 0 ? 6 : 100, 0, now);
    }
    expect(pace.window).toBe(before);
  });

  it("learns that the way has become longer", () => {
    const pace = new Pace();
    const now = rounds(pace, 3, 5);
    rounds(pace, 1_000, 300, now);
    expect(pace.window).toBe(4 * 1024 * 1024);
  });

  it("does not grow for a sender that has little to send", () => {
    const pace = new Pace();
    const before = pace.window;
    for (let i = 0; i < 100; i += 1) pace.progress(1_000, false);
    expect(pace.window).toBe(before);
  });

  it("waits a few round trips for an acknowledgement, never very short", () => {
    const pace = new Pace();
    expect(pace.timeoutMs(10_000)).toBe(500);
    rounds(pace, 50, 2);
    expect(pace.timeoutMs(10_000)).toBe(200);
    const slow = new Pace();
    rounds(slow, 50, 400);
    expect(slow.timeoutMs(10_000)).toBeGreaterThan(400);
    // Never sooner than an answer can be there; it is only the patience beyond that which has a limit.
    const plain = slow.timeoutMs(10_000);
    expect(slow.timeoutMs(300)).toBe(plain);
    slow.timeout();
    slow.timeout();
    expect([slow.timeoutMs(300), slow.timeoutMs(2 * plain)]).toEqual([plain, 2 * plain]);
  });
});
