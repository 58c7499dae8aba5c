/** Schedules for fast-check, which shrink to the deviations that matter. */
import fc from "fast-check";

import { Schedule } from "./schedule.ts";
import { candidates } from "./shrink.ts";

class ScheduleArbitrary extends fc.Arbitrary<Schedule> {
  override generate(random: fc.Random): fc.Value<Schedule> {
    return new fc.Value(Schedule.drawn(random.nextInt(1, 0x7f_ff_ff_ff)), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Schedule {
    return value instanceof Schedule;
  }

  /** From what the latest run with `value` has asked for: a schedule that was not run has nothing to drop. */
  override shrink(value: Schedule): fc.Stream<fc.Value<Schedule>> {
    const smaller = candidates(value.deviations).map(
      (deviations) => new fc.Value(Schedule.fixed(value.seed, deviations), undefined),
    );
    return fc.stream(smaller.values());
  }
}

/**
 * Schedules to run a simulation with. Pass one to `simulate`; a failing one shrinks to the fewest deviations from the plain
 * order, independently of the other arguments of the property.
 *
 * ```ts ignore
 * // Needs a property of one's own.
 * await fc.assert(fc.asyncProperty(schedule(), orders, (s, list) => simulate(s, async (sim) => { … })));
 * ```
 */
export function schedule(): fc.Arbitrary<Schedule> {
  return new ScheduleArbitrary();
}
