/**
 * Seeds of the workloads that have failed on correct code or on wrong, and are in order now. A change of what a workload draws
 * gives its seeds another meaning; what was wrong in the code itself has a test of its own beside this one.
 */
import { observe, Schedule } from "@otp/testing";
import { describe, expect, it } from "vitest";

import { type WorkloadName, workloads } from "../workload/workloads.ts";

const found: readonly (readonly [WorkloadName, number, string])[] = [
  [
    "processes",
    1_000_213,
    "two links to one that is dead give two EXITs, which an unlink leaves where they are (LINK-3)",
  ],
  [
    "processes",
    1_017_801,
    "who has heard that somebody ended with noproc may link itself to the dead, and hear it again (LINK-1)",
  ],
  [
    "sessions",
    1_001_711,
    "six frames in a row are lost and a connection with them, of which silence is the measure (TR-4)",
  ],
  [
    "names",
    1_006_528,
    "two that connect at once do so twice, and the last word of the first time comes after the second (TR-1)",
  ],
  ["names", 200_024, "the one that had a name before the parts met is chosen by the resolver of the other (GLOBAL-5)"],
];

describe("a seed that has failed once", () => {
  it.each(found)("of %s, %i: %s", async (name, seed) => {
    const { scenarioOf, options } = workloads[name];
    const { error } = await observe(Schedule.drawn(seed), scenarioOf(seed), options);
    expect(error).toBe(undefined);
  });
});
