import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type ChildState, endsSupervisor, isFailure, judgeEnd, planRestart } from "./strategy.ts";

interface Numbered extends ChildState {
  readonly index: number;
}

const state = fc.record({
  restart: fc.constantFrom("permanent", "transient", "temporary"),
  significant: fc.boolean(),
  isActive: fc.boolean(),
});
const family = fc.tuple(fc.array(state, { minLength: 1, maxLength: 8 }), fc.nat()).map(([states, chosen]) => {
  const children: readonly Numbered[] = states.map((child, index) => ({ ...child, index }));
  const failed = children[chosen % children.length];
  if (failed === undefined) throw new Error("a family has a member");
  return { children, failed };
});
const strategy = fc.constantFrom("one_for_one", "one_for_all", "rest_for_one");
const indexes = (children: readonly Numbered[]): number[] => children.map((child) => child.index);

describe("judgeEnd", () => {
  const reasons = ["normal", "shutdown", { shutdown: 1 }, "killed", "abn", new Error("boom")];

  it("SUP-9 restarts permanent children always, transient ones after a failure, temporary ones never", () => {
    expect(reasons.map((reason) => judgeEnd("permanent", reason))).toEqual(reasons.map(() => "restart"));
    expect(reasons.map((reason) => judgeEnd("transient", reason))).toEqual(
      reasons.map((_, index) => (index < 3 ? "rest" : "restart")),
    );
    expect(reasons.map((reason) => judgeEnd("temporary", reason))).toEqual(reasons.map(() => "forget"));
  });

  it("LOG-5 calls every end of a permanent child a failure, and of others what is no shutdown", () => {
    expect(reasons.map((reason) => isFailure("permanent", reason))).toEqual(reasons.map(() => true));
    expect(reasons.map((reason) => isFailure("temporary", reason))).toEqual([false, false, false, true, true, true]);
  });
});

describe("planRestart", () => {
  it("S1 stops in reverse and starts in order", () => {
    fc.assert(
      fc.property(strategy, family, (strategy, { children, failed }) => {
        const { stop, start } = planRestart(strategy, children, failed);
        expect(indexes(stop)).toEqual(indexes(stop).toSorted((a, b) => b - a));
        expect(indexes(start)).toEqual(indexes(start).toSorted((a, b) => a - b));
      }),
    );
  });

  it("SUP-11 touches the failed child alone, all, or it and those after it", () => {
    fc.assert(
      fc.property(strategy, family, (strategy, { children, failed }) => {
        const { stop, drop, start } = planRestart(strategy, children, failed);
        const touched = new Set(indexes([failed, ...stop, ...drop, ...start]));
        const expected = children.filter(({ index }) => {
          if (strategy === "one_for_all") return true;
          return strategy === "one_for_one" ? index === failed.index : index >= failed.index;
        });
        expect([...touched].toSorted((a, b) => a - b)).toEqual(indexes(expected));
        expect(stop).not.toContain(failed);
      }),
    );
  });

  it("S3 starts no temporary sibling, and drops each that it stops", () => {
    fc.assert(
      fc.property(fc.constantFrom("one_for_all", "rest_for_one"), family, (strategy, { children, failed }) => {
        const { stop, drop, start } = planRestart(strategy, children, failed);
        expect(start.every(({ restart }) => restart !== "temporary")).toBe(true);
        const temporary = [failed, ...stop].filter(({ restart }) => restart === "temporary");
        expect(new Set(drop)).toEqual(new Set(temporary));
        expect(indexes([...start, ...drop]).toSorted((a, b) => a - b)).toEqual(
          indexes([failed, ...stop]).toSorted((a, b) => a - b),
        );
      }),
    );
  });
});

describe("endsSupervisor", () => {
  it("SUP-21 asks for any significant child, or for the last active one", () => {
    fc.assert(
      fc.property(family, ({ children, failed }) => {
        expect(endsSupervisor("never", children, failed)).toBe(false);
        expect(endsSupervisor("any_significant", children, failed)).toBe(failed.significant);
        const others = children.filter((child) => child !== failed && child.significant && child.isActive);
        expect(endsSupervisor("all_significant", children, failed)).toBe(failed.significant && others.length === 0);
      }),
    );
  });
});
