import { describe, expect, it } from "vitest";

import { Instant, StuckError } from "./stuck.ts";

describe("an instant", () => {
  it("ends by itself when more happens in it than any program does that waits for something", () => {
    const instant = new Instant();
    for (let now = 0; now < 4; now += 1) for (let step = 0; step < 900_000; step += 1) instant.step(now);
    expect(() => {
      for (;;) instant.step(3);
    }).toThrow(StuckError);
  });
});
