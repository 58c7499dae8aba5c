import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Intensity, RestartWindow } from "./intensity.ts";

/** The rule as the manual words it: count those within the last `maxSeconds`, this one included. */
function isAdmitted(times: readonly number[], { maxRestarts, maxSeconds }: Intensity): boolean {
  const now = times.at(-1) ?? 0;
  return times.filter((time) => now - time <= maxSeconds * 1_000).length <= maxRestarts;
}

const limits = fc.record({ maxRestarts: fc.nat(6), maxSeconds: fc.constantFrom(1, 2, 5) });
// Steps that meet the border exactly and miss it by one.
const steps = fc.array(fc.constantFrom(0, 1, 250, 333, 499, 500, 501, 999, 1_000, 1_001, 1_999, 2_000, 5_000, 5_001), {
  maxLength: 200,
});

describe("S2 the window of restarts", () => {
  it("agrees with counting, whatever the times", () => {
    fc.assert(
      fc.property(limits, steps, (limit, gaps) => {
        const window = new RestartWindow(limit);
        const times: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          times.push(now);
          expect(window.admit(now)).toBe(isAdmitted(times, limit));
        }
      }),
    );
  });

  it("SUP-3 counts a restart that is exactly as old as the window, and not one that is older", () => {
    const bySpan = (span: number): boolean => {
      const window = new RestartWindow({ maxRestarts: 3, maxSeconds: 5 });
      for (const now of [0, 10, 20]) expect(window.admit(now)).toBe(true);
      return window.admit(span);
    };
    expect([4_999, 5_000, 5_001].map(bySpan)).toEqual([false, false, true]);
  });

  it("SUP-3 with 0 admits none", () => {
    expect(new RestartWindow({ maxRestarts: 0, maxSeconds: 5 }).admit(7)).toBe(false);
  });

  it("remembers no more than the window holds", () => {
    const window = new RestartWindow({ maxRestarts: 1_000_000, maxSeconds: 1 });
    for (let now = 0; now < 100_000; now += 10) window.admit(now);
    expect(window.count).toBe(101);
  });
});
