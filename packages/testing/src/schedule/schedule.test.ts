/** Schedules answer by name, can be written down, and shrink to what matters. */
import { ArgumentError } from "@otp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Schedule } from "./schedule.ts";
import { shrink } from "./shrink.ts";

const names = Array.from({ length: 200 }, (_, n) => `hold a.${String(n)}@1`);

describe("a schedule", () => {
  it("answers by seed and name alone, whatever was asked before", () => {
    fc.assert(
      fc.property(fc.nat(), fc.shuffledSubarray(names, { minLength: 1 }), (seed, order) => {
        const [one, other] = [Schedule.drawn(seed), Schedule.drawn(seed)];
        const answers = new Map(names.map((name) => [name, one.ask(name, 5)]));
        for (const name of order) expect(other.ask(name, 5)).toBe(answers.get(name));
      }),
    );
  });

  it("comes back from its text with the same deviations", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const drawn = Schedule.drawn(seed);
        const answers = names.map((name) => drawn.ask(name, 4));
        const again = Schedule.parse(String(drawn));
        expect(names.map((name) => again.ask(name, 4))).toEqual(answers);
        expect(again.unasked).toEqual([]);
      }),
    );
    expect(() => Schedule.parse("7; hold")).toThrow(ArgumentError);
  });

  it("shrinks to the two deviations that matter", async () => {
    const fails = async (schedule: Schedule): Promise<boolean> => {
      schedule.begin();
      const held = names.map((name) => schedule.ask(name, 2));
      return held[17] === 1 && held[140] === 1;
    };
    let found = Schedule.drawn(1);
    for (let seed = 1; !(await fails(found)); seed += 1) found = Schedule.drawn(seed);
    const smallest = await shrink(found, fails);
    expect([...smallest.deviations.keys()]).toEqual(["hold a.17@1", "hold a.140@1"]);
  });
});
