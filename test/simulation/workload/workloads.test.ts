/** The workloads on the code as it is, a few seeds on every run; `test/mutation` says what they would notice. */
import { observe, Schedule } from "@otp/testing";
import { describe, expect, it } from "vitest";

import { workloads } from "./workloads.ts";

// From another place than the mutants are hunted from.
const first = 100_000;
const count = Number(process.env["OTP_SIMULATIONS"] ?? 20);

describe("a random workload", () => {
  it.each(Object.entries(workloads))(
    "of %s breaks no rule, whatever the seed",
    async (_name, { scenarioOf, options }) => {
      for (let seed = first; seed < first + count; seed += 1) {
        const { error } = await observe(Schedule.drawn(seed), scenarioOf(seed), options);
        expect(error, `seed ${String(seed)}`).toBe(undefined);
      }
    },
    600_000,
  );
});
