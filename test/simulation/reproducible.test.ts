/** N1: the same seed makes the same run, event by event, in a process and in a thread of the test runner alike. */
import { writeFileSync } from "node:fs";

import { firstDifference, observe, Schedule } from "@otp/testing";
import { describe, expect, it } from "vitest";

import { programs } from "./scenarios.ts";

const seeds = process.env["OTP_LONG"] === undefined ? 10 : 1_000;
/** Where the hashes go, to be compared with those of another kind of test runner. */
const record = process.env["OTP_HASHES"];

describe("N1 a seed", () => {
  const hashes: string[] = [];

  it.each(Object.entries(programs))(
    "makes the same run twice: %s",
    async (name, { scenario, options }) => {
      const seen = new Set<string>();
      for (let seed = 1; seed <= seeds; seed += 1) {
        const one = await observe(Schedule.drawn(seed), scenario, options);
        const other = await observe(Schedule.drawn(seed), scenario, options);
        if (one.trace.hash !== other.trace.hash) {
          expect.fail(
            `seed ${String(seed)} differs from itself at ${firstDifference(one.trace, other.trace) ?? "no event"}`,
          );
        }
        expect(one.error?.message).toBe(undefined);
        seen.add(one.trace.hash);
        hashes.push(`${name} ${String(seed)} ${one.trace.hash}`);
      }
      expect(seen.size).toBeGreaterThan(1);
      if (record !== undefined) writeFileSync(record, hashes.join("\n"));
    },
    3_600_000,
  );
});
