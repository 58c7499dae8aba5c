import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ManualRuntime } from "./manual.ts";
import type { Runtime, TimerHandle } from "./runtime.ts";
import { TimerEntry, Timers } from "./timers.ts";

class Probe extends TimerEntry {
  readonly #expired: (probe: Probe) => void;

  constructor(expired: (probe: Probe) => void) {
    super();
    this.#expired = expired;
  }

  override expire(): void {
    this.#expired(this);
  }
}

type Step =
  | { readonly do: "start"; readonly ms: number }
  | { readonly do: "cancel"; readonly which: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "clear" };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("start" as const), ms: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: fc.nat(30) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 9 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("clear" as const) }) },
  ),
  { maxLength: 60 },
);

describe("T1 the timers of a node", () => {
  it("expire in the order of their deadlines, equal ones in that of their starts; never early, never when cancelled", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (program) => {
        const runtime = new ManualRuntime();
        const timers = new Timers(runtime);
        const probes: Probe[] = [];
        let running: { readonly probe: Probe; readonly due: number; readonly order: number }[] = [];
        const expired: { readonly probe: Probe; readonly at: number }[] = [];
        const expected: { readonly probe: Probe; readonly at: number }[] = [];
        for (const step of program) {
          if (step.do === "start") {
            const probe = new Probe((self) => expired.push({ probe: self, at: runtime.now() }));
            timers.start(probe, step.ms);
            running.push({ probe, due: runtime.now() + step.ms, order: probes.length });
            probes.push(probe);
          } else if (step.do === "cancel") {
            const probe = probes[step.which % Math.max(1, probes.length)];
            if (probe === undefined) continue;
            expect(timers.cancel(probe)).toBe(running.some((timer) => timer.probe === probe));
            running = running.filter((timer) => timer.probe !== probe);
          } else if (step.do === "clear") {
            timers.clear();
            running = [];
          } else {
            const now = runtime.now() + step.ms;
            await runtime.advance(step.ms);
            const due = running
              .filter((timer) => timer.due <= now)
              .toSorted((a, b) => a.due - b.due || a.order - b.order);
            expected.push(...due.map(({ probe, due: at }) => ({ probe, at })));
            running = running.filter((timer) => timer.due > now);
          }
          expect(timers.size).toBe(running.length);
          expect(runtime.pendingTimers).toBeLessThanOrEqual(1);
          if (running.length > 0) expect(runtime.pendingTimers).toBe(1);
        }
        expect(expired.map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
        expect(expired.every(({ probe }, at) => probe === expected[at]?.probe)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("may be started and cancelled by what they do when they expire", async () => {
    const runtime = new ManualRuntime();
    const timers = new Timers(runtime);
    const order: string[] = [];
    const late = new Probe(() => order.push("late"));
    const again = new Probe((self) => {
      order.push(`again at ${runtime.now()}`);
      if (order.length < 3) timers.start(self, 10);
    });
    const killer = new Probe(() => {
      order.push("killer");
      expect(timers.cancel(late)).toBe(true);
    });
    timers.start(killer, 10);
    timers.start(late, 10);
    timers.start(again, 10);
    await runtime.advance(100);
    expect(order).toEqual(["killer", "again at 10", "again at 20"]);
    expect(timers.size).toBe(0);
  });

  it("TIMER-3 wait out a host whose timers do not reach that far, and are early", async () => {
    const runtime = new ManualRuntime();
    const impatient = Object.assign(Object.create(runtime), {
      now: () => runtime.now(),
      setTimer: (ms: number, fire: () => void, isBackground: boolean) =>
        runtime.setTimer(Math.min(ms, 1_000), fire, isBackground),
    });
    const timers = new Timers(impatient);
    let at = -1;
    timers.start(new Probe(() => (at = runtime.now())), 5_500);
    await runtime.advance(10_000);
    expect(at).toBe(5_500);
  });

  it("TIMER-2 that count from the end of the turn are not early, and read no clock when they are over by then", async () => {
    const runtime = new ManualRuntime();
    let readings = 0;
    const counting: Runtime = Object.assign(Object.create(runtime), {
      now: () => {
        readings += 1;
        return runtime.now();
      },
      setTimer: runtime.setTimer.bind(runtime),
      defer: runtime.defer.bind(runtime),
    });
    const timers = new Timers(counting);
    const expired: string[] = [];
    const probe = (name: string): Probe => new Probe(() => expired.push(`${name} at ${runtime.now()}`));
    for (let n = 0; n < 100; n += 1) {
      const over = probe("over");
      timers.startAfterTurn(over, 5);
      expect(timers.size).toBe(1);
      expect(timers.cancel(over)).toBe(true);
      expect(timers.cancel(over)).toBe(false);
    }
    expect([timers.size, readings, runtime.pendingTimers]).toEqual([0, 0, 0]);
    const [first, second, third] = [probe("first"), probe("second"), probe("third")];
    timers.startAfterTurn(first, 5);
    timers.startAfterTurn(second, 5);
    timers.start(third, 3);
    timers.startAfterTurn(probe("fourth"), 8);
    await runtime.settle();
    expect(timers.size).toBe(4);
    expect(timers.cancel(second)).toBe(true);
    await runtime.advance(4);
    expect(expired).toEqual(["third at 3"]);
    timers.startAfterTurn(second, 5);
    await runtime.advance(100);
    expect(expired).toEqual(["third at 3", "first at 5", "fourth at 8", "second at 9"]);
    expect([timers.size, runtime.pendingTimers]).toEqual([0, 0]);
    timers.startAfterTurn(first, 5);
    timers.clear();
    await runtime.advance(100);
    expect([timers.size, runtime.pendingTimers, expired.length]).toEqual([0, 0, 4]);
  });

  it("keep the host alive while one is running, and no longer", async () => {
    const runtime = new ManualRuntime();
    const held = new Set<object>();
    const set: number[] = [];
    const holding: Runtime = Object.assign(Object.create(runtime), {
      now: () => runtime.now(),
      setTimer(ms: number, fire: () => void): TimerHandle {
        set.push(ms);
        const handle = runtime.setTimer(
          ms,
          () => {
            held.delete(handle);
            fire();
          },
          false,
        );
        held.add(handle);
        return Object.assign(handle, {
          hold: (isHeld: boolean) => (isHeld ? held.add(handle) : held.delete(handle)),
          cancel: () => held.delete(handle),
        });
      },
    });
    const timers = new Timers(holding);
    const probe = new Probe(() => undefined);
    const other = new Probe(() => undefined);
    for (let n = 0; n < 5; n += 1) {
      timers.start(probe, 5_000);
      timers.start(other, 7_000);
      expect(held.size).toBe(1);
      timers.cancel(probe);
      timers.cancel(other);
      expect(held.size).toBe(0);
    }
    expect(set).toEqual([5_000]);
    await runtime.advance(20_000);
    expect(held.size).toBe(0);
    expect(set).toEqual([5_000]);
    timers.start(probe, 10);
    expect(held.size).toBe(1);
    await runtime.advance(10);
    expect(held.size).toBe(0);
  });
});
