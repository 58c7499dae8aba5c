import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Ring } from "./ring.ts";

describe("a ring", () => {
  it("is first in, first out, also while it grows", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 60 }), (program) => {
        const ring = new Ring<number>();
        const model: number[] = [];
        let made = 0;
        for (const step of program) {
          // Positive numbers push that many, negative ones take.
          for (let n = 0; n < step; n += 1) {
            made += 1;
            ring.push(made);
            model.push(made);
          }
          for (let n = step; n < 0; n += 1) expect(ring.shift()).toBe(model.shift());
          expect(ring.size).toBe(model.length);
        }
      }),
    );
  });
});
