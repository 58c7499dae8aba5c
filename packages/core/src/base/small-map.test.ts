import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { SmallMap } from "./small-map.ts";

describe("SmallMap", () => {
  it("does what Map does, whatever is set and deleted", () => {
    const step = fc.tuple(fc.constantFrom("set", "delete"), fc.integer({ min: 0, max: 3 }), fc.nat());
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const small = new SmallMap<number, number>();
        const map = new Map<number, number>();
        for (const [what, key, value] of steps) {
          if (what === "set") {
            small.set(key, value);
            map.set(key, value);
          } else expect(small.delete(key)).toBe(map.delete(key));
          expect(small.size).toBe(map.size);
          expect([...small]).toEqual([...map]);
          expect([...small.values()]).toEqual([...map.values()]);
          for (let other = 0; other <= 3; other += 1) {
            expect(small.get(other)).toBe(map.get(other));
            expect(small.has(other)).toBe(map.has(other));
          }
        }
      }),
    );
  });
});
