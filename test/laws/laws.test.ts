/** Each law finds its breach, and nothing in what is in order: a law that cannot fail is worth nothing. */
import { checkLaws, lawBook, type TraceEvent } from "@otp/testing";
import { describe, expect, it } from "vitest";

import { cluster, supervision } from "./cluster-cases.ts";
import { lives, mailboxes, signals } from "./process-cases.ts";
import type { Case, Step } from "./steps.ts";
import { ties } from "./tie-cases.ts";

const cases: Readonly<Record<string, Case>> = {
  ...signals,
  ...mailboxes,
  ...lives,
  ...ties,
  ...supervision,
  ...cluster,
};

function traced(steps: readonly Step[]): TraceEvent[] {
  return steps.map((step, at) => {
    const [node, happening] = "kind" in step ? (["a", step] as const) : step;
    return Object.assign({}, happening, { at, node });
  });
}

describe("the laws", () => {
  it("all have an example of a breach, and one of good order", () => {
    expect(Object.keys(cases).toSorted()).toEqual(lawBook.map(({ name }) => name).toSorted());
  });

  it.each(lawBook.map(({ name, check }) => ({ name, check })))("$name finds its breach", ({ name, check }) => {
    for (const bad of cases[name]?.bad ?? []) expect(check(traced(bad)), JSON.stringify(bad)).not.toEqual([]);
    expect(cases[name]?.bad.length).toBeGreaterThan(0);
  });

  it.each(lawBook.map(({ name, check }) => ({ name, check })))(
    "$name finds nothing in good order",
    ({ name, check }) => {
      const good = cases[name]?.good ?? [];
      expect(good.length).toBeGreaterThan(0);
      for (const steps of good) expect(check(traced(steps)), JSON.stringify(steps)).toEqual([]);
    },
  );

  it("name the rule first", () => {
    for (const { name, check } of lawBook) {
      for (const bad of cases[name]?.bad ?? []) {
        for (const line of check(traced(bad))) expect(line).toMatch(/^[A-Z]+(-?\d+)?: /u);
      }
    }
  });

  it("have nothing to say about a trace without events", () => expect(checkLaws([])).toEqual([]));
});
