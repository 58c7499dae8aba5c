/** A test that runs under many schedules, and shrinks the one it fails under. */
import { test } from "vitest";

import { explore, type ExploreOptions } from "./explore.ts";
import { type Scenario, simulate } from "./simulation/simulate.ts";

/**
 * How a simulated test is run.
 *
 * @see simTest
 */
export interface SimTestOptions extends ExploreOptions {
  /** How long the test may take, in real ms. Default two minutes. */
  readonly timeoutMs?: number;
}

/**
 * Declares a test that runs `scenario` under many schedules. With `OTP_SCHEDULE` in the environment it runs under that one.
 *
 * ```ts ignore
 * // Declares tests, which an example cannot.
 * simTest("survives a partition", { runs: 100, weather: { loss: 0.05 } }, async (sim) => {
 *   const [a, b] = [await sim.node("a"), await sim.node("b")];
 *   sim.partition([a], [b]);
 *   await sim.run({ for: 10_000 });
 * });
 * ```
 */
export function simTest(name: string, options: SimTestOptions, scenario: Scenario): void {
  const asked = process.env["OTP_SCHEDULE"];
  const { timeoutMs = 120_000 } = options;
  test(
    name,
    () => (asked === undefined ? explore(scenario, options) : simulate.replay(asked, scenario, options)),
    timeoutMs,
  );
}
