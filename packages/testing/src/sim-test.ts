/** A test that runs under many schedules, and shrinks the one it fails under. */
import { test } from "vitest";

import { Schedule } from "./schedule/schedule.ts";
import { shrink } from "./schedule/shrink.ts";
import { failureOf, observe, type Scenario, simulate, type SimulateOptions } from "./simulation/simulate.ts";
import { firstDifference } from "./simulation/trace.ts";

/** How a simulated test is run. */
export interface SimTestOptions extends SimulateOptions {
  /** How many schedules are drawn, after the plain one. Default 20. */
  readonly runs?: number;
  /** The first seed; the others follow it. Default 1. */
  readonly seed?: number;
}

/**
 * Runs `scenario` in the plain order, twice, which must come to the same event by event; then under drawn schedules. Rejects
 * with the failure of the smallest schedule that was found.
 */
export async function explore(scenario: Scenario, options: SimTestOptions = {}): Promise<void> {
  const { runs = 20, seed = 1 } = options;
  const run = (schedule: Schedule): ReturnType<typeof observe> => observe(schedule, scenario, options);
  const plain = await run(Schedule.fixed(seed));
  if (plain.error !== undefined) throw failureOf(plain);
  const again = await run(Schedule.fixed(seed));
  const difference = firstDifference(plain.trace, again.trace);
  if (difference !== undefined) {
    throw new Error(
      `N1: the run is not reproducible, so something in it comes from outside. It parts at ${difference}`,
    );
  }
  for (let next = seed; next < seed + runs; next += 1) {
    const outcome = await run(Schedule.drawn(next));
    if (outcome.error === undefined) continue;
    const smallest = await shrink(outcome.schedule, async (schedule) => (await run(schedule)).error !== undefined);
    throw failureOf(await run(smallest));
  }
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
  test(name, () => (asked === undefined ? explore(scenario, options) : simulate.replay(asked, scenario, options)));
}
