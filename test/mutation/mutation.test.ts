import { describe, expect, it } from "vitest";

import { mutants } from "./mutants.ts";
import { mutate } from "./plant.ts";

describe("the mutants of the study", () => {
  it("are at least forty, each with a name of its own, and each one line that stands where it is said to stand", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(40);
    expect(new Set(mutants.map(({ id }) => id)).size).toBe(mutants.length);
    const lost = mutants.flatMap((mutant) => {
      try {
        return mutate(mutant) === "" ? [mutant.id] : [];
      } catch (error) {
        return [String(error)];
      }
    });
    expect(lost).toEqual([]);
  });
});
