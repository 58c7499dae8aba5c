/** Whether a row has reached its goals. */
import type { RowResult } from "../runner/measure.ts";
import { digits } from "./format.ts";

/** One goal and what became of it. */
export interface Verdict {
  readonly goal: string;
  readonly isMet: boolean;
}

/** The verdicts on the goals that could be measured. */
export function verdictsOf({ row, results, ratios }: RowResult): readonly Verdict[] {
  return Object.entries(row.goals).flatMap(([against, wanted]) => {
    if (against === "absolute") {
      const ours = results.find(({ name }) => name === "otp");
      if (ours === undefined || "skipped" in ours) return [];
      return [{ goal: `at most ${digits(wanted)} ${row.unit}`, isMet: ours.value.median <= wanted }];
    }
    const found = ratios.find(({ reference }) => reference === against);
    return found === undefined
      ? []
      : [{ goal: `at least ${digits(wanted)} × ${against}`, isMet: found.ratio.median >= wanted }];
  });
}
