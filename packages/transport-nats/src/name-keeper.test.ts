import { ManualRuntime } from "@otp/core/runtime";
import { describe, expect, it } from "vitest";

import { decodeClaim, encodeClaim } from "./name-claim.ts";
import { NameKeeper, type ClaimOutcome } from "./name-keeper.ts";

class Bench {
  readonly runtime = new ManualRuntime();
  readonly said: string[] = [];
  readonly outcomes: ClaimOutcome[] = [];
  contested = 0;
  readonly keeper = new NameKeeper({
    runtime: this.runtime,
    ask: (bytes) => this.said.push(`ask ${decodeClaim(bytes)?.isSenior === true ? "again" : "first"}`),
    answer: () => this.said.push("answer"),
    contested: () => {
      this.contested += 1;
    },
  });

  async claim(): Promise<void> {
    void this.keeper.claim().then((outcome) => this.outcomes.push(outcome));
    await Promise.resolve();
  }

  async pass(ms: number): Promise<void> {
    await this.runtime.advance(ms);
  }
}

const rival = (isSenior: boolean, fill: number): Uint8Array =>
  encodeClaim({ kind: "claim", isSenior, nonce: new Uint8Array(16).fill(fill) });

describe("NameKeeper", () => {
  it("is granted the name when nobody is there, and makes sure a second later", async () => {
    const bench = new Bench();
    await bench.claim();
    bench.keeper.hearNobody();
    await bench.pass(0);
    expect(bench.outcomes).toEqual(["granted"]);
    bench.keeper.own();
    await bench.pass(1_000);
    expect(bench.said).toEqual(["ask first", "ask again"]);
    bench.keeper.hearNobody();
    await bench.pass(10_000);
    expect(bench.said).toHaveLength(2);
    expect(bench.contested).toBe(0);
  });

  it("asks five times within a second before it takes silence for an answer", async () => {
    const bench = new Bench();
    await bench.claim();
    await bench.pass(999);
    expect(bench.outcomes).toEqual([]);
    await bench.pass(1);
    expect(bench.outcomes).toEqual(["silent"]);
    expect(bench.said).toHaveLength(5);
  });

  it("answers rivals once it owns the name, and keeps it through silence", async () => {
    const bench = new Bench();
    await bench.claim();
    bench.keeper.hearNobody();
    bench.keeper.own();
    bench.keeper.hear(rival(true, 0));
    expect(bench.said.at(-1)).toBe("answer");
    bench.keeper.reclaim();
    await bench.pass(5_000);
    bench.keeper.hear(rival(false, 255));
    expect(bench.said.at(-1)).toBe("answer");
    expect(bench.contested).toBe(0);
  });

  it("says that the name is contested when its claim after a break meets an older one", async () => {
    const bench = new Bench();
    await bench.claim();
    bench.keeper.hearNobody();
    bench.keeper.own();
    bench.keeper.reclaim();
    bench.keeper.hear(rival(true, 0));
    expect(bench.contested).toBe(1);
  });

  it("gives a rival that it refused time to withdraw", async () => {
    const bench = new Bench();
    await bench.claim();
    await bench.pass(900);
    bench.keeper.hear(rival(false, 255));
    await bench.pass(1_000);
    bench.keeper.hear(rival(false, 255));
    await bench.pass(1_000);
    expect(bench.outcomes).toEqual([]);
    await bench.pass(1_000);
    expect(bench.outcomes).toEqual(["silent"]);
  });

  it("ends a claim that is under way when it is stopped, and then has no timers", async () => {
    const bench = new Bench();
    await bench.claim();
    bench.keeper.stop();
    await bench.pass(10_000);
    expect(bench.outcomes).toEqual(["silent"]);
    expect(bench.said).toHaveLength(1);
  });

  it("ignores what is no message", async () => {
    const bench = new Bench();
    await bench.claim();
    for (const bytes of [new Uint8Array(0), new Uint8Array(18).fill(7), new Uint8Array(4_000)])
      bench.keeper.hear(bytes);
    expect(bench.outcomes).toEqual([]);
    expect(bench.said).toEqual(["ask first"]);
  });
});
