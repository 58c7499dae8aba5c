/** What every runtime owes a node, as a suite to be applied to an implementation. */
import type { Runtime, Task } from "@otp/core/runtime";
import { describe, expect, it } from "vitest";

/**
 * A runtime under test, with a way to let its time pass.
 *
 * @see runtimeContract
 */
export interface RuntimeSubject {
  readonly runtime: Runtime;
  /** Lets at least `ms` of the runtime's time pass, with everything that is due by then. */
  readonly pass: (ms: number) => Promise<void>;
}

/** A task that notes its turns. */
function note(seen: string[], name: string): Task {
  return {
    runTurn: () => {
      seen.push(name);
      return false;
    },
  };
}

/**
 * Declares the tests of a runtime; each test makes one of its own.
 *
 * ```ts ignore
 * // Declares tests, which an example that is itself a test cannot.
 * describe("MyRuntime", () =>
 *   runtimeContract(() => {
 *     const runtime = new MyRuntime();
 *     return { runtime, pass: (ms) => runtime.advance(ms) };
 *   }));
 * ```
 */
export function runtimeContract(makeRuntime: () => RuntimeSubject): void {
  describe("the runtime contract: time", () => timing(makeRuntime));
  describe("the runtime contract: scheduling", () => scheduling(makeRuntime));
  describe("the runtime contract: turns", () => deferring(makeRuntime));
  describe("the runtime contract: chance", () => choosing(makeRuntime));
}

function timing(makeRuntime: () => RuntimeSubject): void {
  it("never goes back, and passes", async () => {
    const { runtime, pass } = makeRuntime();
    const readings = [runtime.now()];
    for (let n = 0; n < 5; n += 1) {
      await pass(2);
      readings.push(runtime.now());
    }
    expect(readings.toSorted((a, b) => a - b)).toEqual(readings);
    expect((readings.at(-1) ?? 0) - (readings[0] ?? 0)).toBeGreaterThanOrEqual(9);
    expect(runtime.wallTime()).toBeGreaterThan(1_000_000_000_000);
  });

  it("TIMER-2 fires a timer once, no more than a millisecond early, and not within the call", async () => {
    const { runtime, pass } = makeRuntime();
    const start = runtime.now();
    const fired: number[] = [];
    runtime.setTimer(5, () => fired.push(runtime.now() - start), false);
    runtime.setTimer(0, () => fired.push(runtime.now() - start), false);
    expect(fired).toEqual([]);
    await pass(20);
    expect(fired).toHaveLength(2);
    expect(Math.max(...fired)).toBeGreaterThan(4);
  });

  it("TIMER-4 fires timers of one length in the order in which they were set", async () => {
    const { runtime, pass } = makeRuntime();
    const fired: number[] = [];
    for (let n = 0; n < 20; n += 1) runtime.setTimer(3, () => fired.push(n), false);
    await pass(20);
    expect(fired).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });

  it("T1 never fires what was cancelled; cancelling what has fired is harmless", async () => {
    const { runtime, pass } = makeRuntime();
    let fired = 0;
    const kept = runtime.setTimer(1, () => (fired += 1), false);
    runtime.setTimer(1, () => (fired += 100), true).cancel();
    runtime.setTimer(2 ** 40, () => (fired += 1_000), true).cancel();
    await pass(10);
    kept.cancel();
    expect(fired).toBe(1);
  });
}

function scheduling(makeRuntime: () => RuntimeSubject): void {
  it("runs tasks later, each once, in the order in which they came", async () => {
    const { runtime, pass } = makeRuntime();
    const queue = runtime.createRunQueue();
    const seen: string[] = [];
    for (const name of ["a", "b", "c"]) queue.push(note(seen, name));
    expect(queue.size).toBe(3);
    expect(seen).toEqual([]);
    await pass(1);
    expect(seen).toEqual(["a", "b", "c"]);
    expect(queue.size).toBe(0);
  });

  it("JS-4 lets user code that a task has resumed run before the next task", async () => {
    const { runtime, pass } = makeRuntime();
    const queue = runtime.createRunQueue();
    const seen: string[] = [];
    const resumed = async (): Promise<void> => {
      await Promise.resolve();
      seen.push("resumed code");
    };
    queue.push({
      runTurn: () => {
        void resumed();
        return true;
      },
    });
    queue.push(note(seen, "next task"));
    await pass(1);
    expect(seen).toEqual(["resumed code", "next task"]);
  });

  it("JS-12 has a budget that ends and comes back", async () => {
    const { runtime, pass } = makeRuntime();
    const queue = runtime.createRunQueue();
    let spent = 0;
    queue.push({
      runTurn: () => {
        while (queue.spend(1_000) && spent < 1_000) spent += 1;
        return false;
      },
    });
    await pass(1);
    expect(spent).toBeLessThan(1_000);
    const later: boolean[] = [];
    queue.push({
      runTurn: () => {
        later.push(queue.spend(1));
        return false;
      },
    });
    await pass(5);
    expect(later).toEqual([true]);
  });
}

function deferring(makeRuntime: () => RuntimeSubject): void {
  it("keeps the queues of several nodes apart, and loses no task of either", async () => {
    const { runtime, pass } = makeRuntime();
    const seen: string[] = [];
    const [one, two] = [runtime.createRunQueue(), runtime.createRunQueue()];
    for (let n = 0; n < 3; n += 1) {
      one.push(note(seen, `one ${String(n)}`));
      two.push(note(seen, `two ${String(n)}`));
    }
    await pass(1);
    expect(seen.filter((name) => name.startsWith("one"))).toEqual(["one 0", "one 1", "one 2"]);
    expect(seen.filter((name) => name.startsWith("two"))).toEqual(["two 0", "two 1", "two 2"]);
  });

  it("defers to later, soon, and once", async () => {
    const { runtime, pass } = makeRuntime();
    let deferred = 0;
    runtime.defer(() => (deferred += 1));
    expect(deferred).toBe(0);
    await pass(1);
    expect(deferred).toBe(1);
  });
}

function choosing(makeRuntime: () => RuntimeSubject): void {
  it("picks whole numbers below the bound, all of them, and gives as many bytes as asked for", () => {
    const { runtime } = makeRuntime();
    const picked = new Set(Array.from({ length: 1_000 }, () => runtime.pick(3)));
    expect([...picked].toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
    expect(runtime.pick(1)).toBe(0);
    expect(runtime.randomBytes(33)).toHaveLength(33);
    expect(new Set(runtime.randomBytes(1_000)).size).toBeGreaterThan(50);
  });
}
