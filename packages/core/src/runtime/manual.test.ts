import { describe, expect, it } from "vitest";

import { ManualRuntime } from "./manual.ts";

describe("the manual runtime", () => {
  it("moves only when told, and fires timers at their times, in order", async () => {
    const runtime = new ManualRuntime();
    const seen: string[] = [];
    for (const ms of [30, 10, 20, 10]) runtime.setTimer(ms, () => seen.push(`${ms} at ${runtime.now()}`), false);
    const cancelled = runtime.setTimer(15, () => seen.push("cancelled"), false);
    cancelled.cancel();
    expect(runtime.pendingTimers).toBe(4);
    await runtime.advance(25);
    expect(seen).toEqual(["10 at 10", "10 at 10", "20 at 20"]);
    expect(runtime.now()).toBe(25);
    expect(runtime.pendingTimers).toBe(1);
    await runtime.advance(5);
    expect(seen.at(-1)).toBe("30 at 30");
  });

  it("runs tasks in order, and what was deferred before them", async () => {
    const runtime = new ManualRuntime();
    const queue = runtime.createRunQueue();
    const seen: string[] = [];
    const task = (name: string): { runTurn(): boolean } => ({
      runTurn: () => {
        seen.push(name);
        if (name === "a") queue.push(task("c"));
        return false;
      },
    });
    queue.push(task("a"));
    queue.push(task("b"));
    runtime.defer(() => seen.push("deferred"));
    expect(seen).toEqual([]);
    expect(queue.size).toBe(2);
    await runtime.settle();
    expect(seen).toEqual(["deferred", "a", "b", "c"]);
    expect(runtime.step()).toBe(false);
  });

  it("N1 makes the same choices from the same seed", () => {
    const choices = (seed: number): number[] => {
      const runtime = new ManualRuntime(seed);
      return Array.from({ length: 50 }, () => runtime.pick(1_000));
    };
    expect(choices(7)).toEqual(choices(7));
    expect(choices(7)).not.toEqual(choices(8));
    expect(new Set(choices(7)).size).toBeGreaterThan(30);
    expect(choices(7).every((choice) => choice >= 0 && choice < 1_000)).toBe(true);
    expect([...new ManualRuntime(7).randomBytes(16)]).toEqual([...new ManualRuntime(7).randomBytes(16)]);
  });
});
