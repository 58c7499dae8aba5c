/** Arbitrary pids and refs, as one node sees them: its own, and those of other incarnations and other nodes. */
import type { Pid, Ref } from "@otp/core";
import { IdentityTable, type NodeIdentity } from "@otp/core/transport";
import fc from "fast-check";

const strangers: readonly (readonly [string, number])[] = [
  ["b@host", 4],
  ["b@host", 5],
  ["ü@höst", 2 ** 32 - 1],
];

function identity(table: IdentityTable): fc.Arbitrary<NodeIdentity> {
  return fc.constantFrom(table.own, ...strangers.map(([name, creation]) => table.get(name, creation)));
}

/**
 * Pids of the node that owns `table`, and of others.
 *
 * @example
 * import fc from "fast-check";
 *
 * fc.sample(pids(), 3).every(({ node }) => node.includes("@")); // => true
 */
export function pids(table: IdentityTable = new IdentityTable("a@host", 4)): fc.Arbitrary<Pid> {
  return fc.tuple(identity(table), fc.maxSafeNat()).map(([home, number]) => home.pid(number));
}

/**
 * Refs of the node that owns `table`, and of others.
 *
 * ```ts continues
 * fc.sample(refs(), 3).length; // => 3
 * ```
 */
export function refs(table: IdentityTable = new IdentityTable("a@host", 4)): fc.Arbitrary<Ref> {
  return fc.tuple(identity(table), fc.maxSafeNat()).map(([home, number]) => home.ref(number));
}
