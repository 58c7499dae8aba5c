/** Random programs of processes that act at the same time: a short script for each of them, eight steps in all at the most. */
import fc from "fast-check";

import { does, reason } from "./crowd-words.ts";

/** What one process does, in order; others come in between. */
export type Script = readonly CrowdStep[];
/** The scripts of all processes, which are named by their places. */
export type Crowd = readonly Script[];
/** One step: the others are meant by number. */
export type CrowdStep = Values<ReturnType<typeof stepOf>>;
type Values<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const stepsMax = 8;
const name = fc.constantFrom("a", "a", "b");
const number = fc.nat(9);

/** What process `own` of `size` may do to the others. */
function stepOf(own: number, size: number) {
  const other = fc.nat(size - 2).map((place) => (place < own ? place : place + 1));
  return fc.oneof(
    { weight: 4, arbitrary: does("send", other, number) },
    { weight: 3, arbitrary: does("sendExit", other, reason) },
    { weight: 3, arbitrary: does("link", other) },
    { weight: 1, arbitrary: does("unlink", other) },
    { weight: 3, arbitrary: does("monitor", other) },
    { weight: 1, arbitrary: does("demonitor") },
    { weight: 3, arbitrary: does("trap") },
    { weight: 3, arbitrary: does("exit", reason) },
    { weight: 2, arbitrary: does("register", name) },
    { weight: 1, arbitrary: does("unregister", name) },
    { weight: 2, arbitrary: does("whereis", name) },
    { weight: 2, arbitrary: does("sendName", name, number) },
    { weight: 1, arbitrary: does("timer", other, number) },
    { weight: 2, arbitrary: does("look") },
    { weight: 2, arbitrary: does("take") },
  );
}

/** Crowds of two to five. */
export const crowds: fc.Arbitrary<Crowd> = fc
  .constantFrom(2, 2, 3, 3, 3, 4, 5)
  .chain((size) =>
    fc.tuple(
      ...Array.from({ length: size }, (_, own) =>
        fc.array(stepOf(own, size), { minLength: 1, maxLength: Math.max(2, Math.floor(stepsMax / size)) }),
      ),
    ),
  )
  .filter((crowd) => crowd.flat().length <= stepsMax);

/** A crowd as it is read by people. */
export function writtenCrowd(crowd: Crowd): string {
  return crowd.map((script, own) => `p${String(own)}: ${script.map((step) => step.join(" ")).join("; ")}`).join("\n");
}
