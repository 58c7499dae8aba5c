import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Heap } from "./heap.ts";

describe("a heap", () => {
  it("gives the least element first, whatever was pushed and taken when", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant("pop" as const))), (program) => {
        const heap = new Heap<number>((a, b) => a < b);
        let model: number[] = [];
        for (const step of program) {
          if (step === "pop") {
            const [least] = model;
            expect(heap.pop()).toBe(least);
            model = model.slice(1);
          } else {
            heap.push(step);
            model = [...model, step].toSorted((a, b) => a - b);
          }
          expect(heap.peek()).toBe(model[0]);
          expect(heap.size).toBe(model.length);
        }
      }),
    );
  });
});
