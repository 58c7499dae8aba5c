/** Arbitrary exit reasons: those that mean something to links and supervisors, and others. */
import fc from "fast-check";

/**
 * Exit reasons. About half of them are the ones that links and supervisors treat in a special way (EXIT-6, SUP-4): `normal`,
 * `shutdown`, `{ shutdown }`, `kill`, `killed`, `noproc`, `noconnection`.
 *
 * @example
 * import fc from "fast-check";
 *
 * fc.sample(reasons(), 3).length; // => 3
 */
export function reasons(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom<unknown>("normal", "shutdown", "kill", "killed", "noproc", "noconnection", "timeout"),
    fc.string().map((detail) => ({ shutdown: detail })),
    fc.string().map((detail) => ({ badarg: detail })),
    fc.string({ minLength: 1 }),
  );
}
