/** From a failing schedule to the few deviations that make it fail: delta debugging over named decisions. */
import { type Deviations, Schedule } from "./schedule.ts";

/** Smaller sets of deviations, the smallest first: none, halves, quarters …, all but one; then smaller answers. */
export function candidates(deviations: Deviations): Deviations[] {
  const all = [...deviations];
  if (all.length === 0) return [];
  const found: Deviations[] = [new Map()];
  for (let size = Math.ceil(all.length / 2); size >= 1 && all.length > 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = 0; start < all.length; start += size) {
      if (size > 1) found.push(new Map(all.slice(start, start + size)));
      found.push(new Map([...all.slice(0, start), ...all.slice(start + size)]));
    }
  }
  for (const [name, value] of all) {
    for (const less of new Set([1, Math.floor(value / 2), value - 1])) {
      if (less > 0 && less < value) found.push(new Map([...all, [name, less]]));
    }
  }
  return found;
}

/**
 * The smallest schedule found that still fails, within `budget` runs. `fails` runs one.
 *
 * @example
 * const failing = Schedule.parse("1; hold a.1@1; hold a.2@1");
 * const smallest = await shrink(failing, async (one) => {
 *   const { error } = await observe(one, async (sim) => {
 *     const node = await sim.node("a");
 *     const seen: number[] = [];
 *     for (const n of [1, 2]) node.spawn(() => void seen.push(n));
 *     await sim.run("toQuiescence");
 *     if (seen[0] === 2) throw new Error("the second was first");
 *   });
 *   return error !== undefined;
 * });
 * smallest.deviations.size <= 1; // => true
 */
export async function shrink(
  failing: Schedule,
  fails: (schedule: Schedule) => Promise<boolean>,
  budget: number = 300,
): Promise<Schedule> {
  let best = Schedule.fixed(failing.seed, new Map(failing.deviations));
  let deviations: Deviations = failing.deviations;
  let left = budget;
  for (let isSmaller = true; isSmaller && left > 0;) {
    isSmaller = false;
    for (const fewer of candidates(deviations)) {
      left -= 1;
      if (left < 0) break;
      const schedule = Schedule.fixed(failing.seed, fewer);
      if (!(await fails(schedule))) continue;
      // What was not asked for any more is not part of the failure.
      best = schedule;
      deviations = new Map(schedule.deviations);
      isSmaller = true;
      break;
    }
  }
  return best;
}
