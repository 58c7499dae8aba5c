/** One value of an arbitrary, as a seed has it. */
import fc from "fast-check";

/** What is drawn from `arbitrary` for `seed`; the same at all times. */
export function drawn<Value>(arbitrary: fc.Arbitrary<Value>, seed: number): Value {
  const [value] = fc.sample(arbitrary, { numRuns: 1, seed });
  if (value === undefined) throw new Error("nothing was drawn");
  return value;
}
