import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Liveness } from "./liveness.ts";

const times = { tickTimeMs: 1_000, goneAfterMs: 400, probeEveryMs: 0 };

describe("liveness", () => {
  it("calls a node that was woken too late stopped, once", () => {
    const liveness = new Liveness(times, 0);
    expect([250, 1_250, 2_251, 2_300].map((now) => liveness.awake(now))).toEqual([0, 0, 1_001, 0]);
  });

  it("has patience with peers after the node itself was held up", () => {
    const liveness = new Liveness(times, 0);
    expect(liveness.silentAt(0)).toBe(1_000);
    liveness.awake(990);
    expect(liveness.silentAt(0)).toBe(1_115);
  });

  it("calls a peer absent when the medium says so without a break", () => {
    const liveness = new Liveness(times, 0);
    const answers = [0, 100, 200, 300, 399, 400].map((now) => liveness.absent(now));
    expect(answers).toEqual(["noted", "noted", "noted", "noted", "noted", "gone"]);
  });

  it("begins anew after a frame, a break, or when the medium was away", () => {
    const heard = new Liveness(times, 0);
    const answers = [0, 100, 200, 300].map((now) => heard.absent(now));
    heard.heard();
    expect([...answers, heard.absent(400), heard.absent(500)]).not.toContain("gone");
    const broken = new Liveness(times, 0);
    expect([0, 100, 350, 400, 500].map((now) => broken.absent(now))).not.toContain("gone");
    const away = new Liveness(times, 0);
    away.absent(0);
    away.mediumChanged(100);
    expect([200, 300, 400, 450, 500, 600, 700, 800, 899].map((now) => away.absent(now))).not.toContain("gone");
    expect(away.absent(901)).toBe("gone");
  });

  it("asks the medium again and again, more often as long as it says that nobody listens", () => {
    const liveness = new Liveness(times, 0);
    expect(liveness.probeAt(0)).toBe(100);
    expect(liveness.probeAt(70)).toBe(170);
    liveness.probed(170);
    liveness.absent(180);
    expect(liveness.probeAt(70)).toBe(220);
    liveness.probed(400);
    expect(liveness.probeAt(70)).toBe(500);
    liveness.absent(410);
    liveness.heard();
    expect(liveness.probeAt(420)).toBe(520);
  });

  it("asks seldom where there are many peers, about each at a time of its own, and at once when somebody else has doubts", () => {
    const crowded = { ...times, probeEveryMs: 10_000 };
    const asked = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(100_000));
    fc.assert(
      fc.property(asked, ([place, heardAt]) => {
        const liveness = new Liveness(crowded, 0);
        liveness.takePlace(place);
        const at = liveness.probeAt(heardAt);
        expect(at - heardAt).toBeGreaterThanOrEqual(5_000);
        expect(at - heardAt).toBeLessThanOrEqual(15_000);
        // The same place in each round, whatever was heard.
        const round = at / 10_000 - place;
        expect(Math.abs(round - Math.round(round))).toBeLessThan(1e-9);
      }),
    );
    const liveness = new Liveness(crowded, 0);
    liveness.probed(20_000);
    liveness.doubt(20_010);
    expect(liveness.probeAt(0)).toBe(20_050);
    liveness.probed(20_050);
    expect(liveness.probeAt(0)).toBeGreaterThan(25_000);
    liveness.doubt(22_000);
    expect(liveness.probeAt(0)).toBe(22_000);
  });

  it("has news only where nobody else had them before", () => {
    const crowded = { ...times, probeEveryMs: 200 };
    const told = new Liveness(crowded, 0);
    told.doubt(0);
    expect([10, 60].map((now) => told.absent(now))).toEqual(["noted", "noted"]);
    const later = new Liveness(crowded, 0);
    later.doubt(0);
    expect([500, 550].map((now) => later.absent(now))).toEqual(["news", "noted"]);
    const few = new Liveness(times, 0);
    expect(few.absent(500)).toBe("noted");
  });
});
