/** What the steps of a crowd are made of, and how what processes see is written. */
import { ArgumentError, ExitError, Pid, TIMEOUT } from "@otp/core";
import fc from "fast-check";

import type { Names } from "./words.ts";

/** The reasons of exits. */
export const reason = fc.constantFrom("normal", "kill", "x", "shutdown");

/** The step of that name. */
export function does<const Name extends string, Rest extends unknown[]>(
  verb: Name,
  ...rest: { [At in keyof Rest]: fc.Arbitrary<Rest[At]> }
): fc.Arbitrary<readonly [Name, ...Rest]> {
  const inOrder = (given: Rest): readonly [Name, ...Rest] => [verb, ...given];
  return fc.tuple<Rest>(...rest).map(inOrder);
}

/** A term in the words of both sides; refs have none. */
export function words(term: unknown, names: Names): string {
  if (term instanceof Pid) return names.of(term);
  if (term === TIMEOUT) return "timeout";
  if (term === undefined) return "undefined";
  if (term instanceof ArgumentError) return "badarg";
  if (term instanceof ExitError) return words(term.reason, names);
  if (typeof term === "string" || typeof term === "boolean") return String(term);
  if (typeof term !== "object" || term === null || !("type" in term))
    throw new Error("expected a message or the value of a step");
  if (term.type === "message" && "number" in term) return `m${String(term.number)}`;
  const whom = "from" in term ? term.from : "object" in term ? term.object : "?";
  return `${String(term.type)} ${words(whom, names)} ${"reason" in term ? words(term.reason, names) : ""}`;
}
