import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Queue } from "./queue.ts";

describe("a queue", () => {
  it("is first in, first out, also while it grows and shrinks", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -90, max: 90 }), { maxLength: 60 }), (program) => {
        const queue = new Queue<number>();
        const model: number[] = [];
        let made = 0;
        for (const step of program) {
          // Positive numbers push that many, negative ones take.
          for (let n = 0; n < step; n += 1) {
            made += 1;
            queue.push(made);
            model.push(made);
          }
          for (let n = step; n < 0; n += 1) expect(queue.shift()).toBe(model.shift());
          expect(queue.size).toBe(model.length);
        }
      }),
    );
  });
});
