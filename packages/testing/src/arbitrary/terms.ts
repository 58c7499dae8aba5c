/** Arbitrary terms: everything that can be sent to another node and comes back equal (TR-7), the odd values more often. */
import type { IdentityTable } from "@otp/core/transport";
import fc from "fast-check";

import { pids, refs } from "./identities.ts";

/**
 * What terms are made of.
 *
 * @see terms
 */
export interface TermOptions {
  /** Whose view the pids and refs in the terms are; without it there are none. */
  readonly identities?: IdentityTable;
}

// Made when it is asked for: strings of any unit take most of a second to prepare.
function texts(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    // Lone surrogates among them.
    fc.array(fc.nat(0xff_ff)).map((units) => String.fromCharCode(...units)),
  );
}

const scalars: readonly fc.Arbitrary<unknown>[] = [
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 53, -(2 ** 60)),
  fc.constantFrom(true, false, null, undefined),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.float64Array(),
];

/**
 * Terms that survive the way to another node.
 *
 * @example
 * import fc from "fast-check";
 *
 * fc.sample(terms(), 10).length; // => 10
 * fc.sample(terms({ identities: new IdentityTable("a@host", 4) }), 10).length; // => 10
 */
export function terms({ identities }: TermOptions = {}): fc.Arbitrary<unknown> {
  const known = identities === undefined ? [] : [pids(identities), refs(identities)];
  const text = texts();
  const keys = text.filter((key) => key !== "__proto__");
  const { term } = fc.letrec<{ term: unknown }>((tie) => ({
    term: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.oneof(...scalars, text, ...known),
      fc.array(tie("term")),
      fc.dictionary(keys, tie("term"), { noNullPrototype: true }),
      fc.array(fc.tuple(tie("term"), tie("term"))).map((entries) => new Map(entries)),
      fc.array(tie("term")).map((members) => new Set(members)),
    ),
  }));
  return term;
}
