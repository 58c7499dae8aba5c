/** The only way to say "this cannot happen"; each id stands in INVARIANTS.md. */
import { InvariantError } from "./errors.ts";

/** Throws an `InvariantError` naming rule `id` unless `holds`. */
export function invariant(holds: boolean, id: string, what: string): asserts holds {
  if (!holds) throw new InvariantError(id, what);
}
