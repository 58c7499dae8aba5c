/** A race that was planted in sample code: found within the default budget, shrunk to what matters, and gone when it is mended. */
import { explore, type ExploreOptions, type Scenario, simulate } from "@otp/testing";
import { describe, expect, it } from "vitest";

/** The sample with its fault, and without. */
export interface Planted {
  readonly faulty: Scenario;
  readonly mended: Scenario;
  /** What the failure says. */
  readonly says: RegExp;
  /** A kind of decision that it takes. */
  readonly by: RegExp;
  readonly options?: ExploreOptions;
}

/** Declares the tests of a planted race. */
export function planted(name: string, { faulty, mended, says, by, options = {} }: Planted): void {
  describe(name, () => {
    it("is found and shrunk to at most three decisions", async () => {
      const failure: unknown = await explore(faulty, { ...options, runs: 200 }).catch((error: unknown) => error);
      const text = String(failure);
      expect(text).toMatch(says);
      const schedule = /deviations\): (.*)/u.exec(text)?.[1] ?? "";
      const deviations = schedule.split("; ").slice(1);
      if (process.env["OTP_SHOW"] !== undefined) console.log(`${name}: ${schedule}`);
      expect(deviations.length).toBeGreaterThan(0);
      expect(deviations.length).toBeLessThanOrEqual(3);
      expect(deviations.filter((deviation) => by.test(deviation))).not.toEqual([]);
      await expect(simulate.replay(schedule, faulty, options)).rejects.toThrow(says);
    }, 120_000);

    it("is gone when it is mended", async () => {
      await explore(mended, { runs: 100, ...options });
    }, 120_000);
  });
}
