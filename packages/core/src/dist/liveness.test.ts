import { describe, expect, it } from "vitest";

import { Liveness } from "./liveness.ts";

const times = { tickTimeMs: 1_000, goneAfterMs: 400 };

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
    expect([0, 100, 200, 300, 399, 400].map((now) => liveness.absent(now))).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it("begins anew after a frame, a break, or when the medium was away", () => {
    const heard = new Liveness(times, 0);
    const answers = [0, 100, 200, 300].map((now) => heard.absent(now));
    heard.heard();
    expect([...answers, heard.absent(400), heard.absent(500)]).not.toContain(true);
    const broken = new Liveness(times, 0);
    expect([0, 100, 350, 400, 500].map((now) => broken.absent(now))).not.toContain(true);
    const away = new Liveness(times, 0);
    away.absent(0);
    away.mediumChanged(100);
    expect([200, 300, 400, 450, 500, 600, 700, 800, 899].map((now) => away.absent(now))).not.toContain(true);
    expect(away.absent(901)).toBe(true);
  });
});
