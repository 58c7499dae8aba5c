import { describe, expect, it } from "vitest";

import type { Task } from "./runtime.ts";
import { SystemRuntime } from "./system.ts";

/** A task that runs again and again until told to stop. */
class Endless implements Task {
  turns = 0;
  isOver = false;
  readonly #again: () => void;
  readonly #resumes: boolean;

  constructor(again: (task: Task) => void, resumes: boolean) {
    this.#again = () => again(this);
    this.#resumes = resumes;
  }

  runTurn(): boolean {
    this.turns += 1;
    if (!this.isOver) this.#again();
    return this.#resumes;
  }
}

describe("the system runtime", () => {
  it("tells the time, chooses, and fires timers", async () => {
    const runtime = new SystemRuntime();
    const start = runtime.now();
    await new Promise<void>((resolve) => {
      runtime.setTimer(5, resolve, false);
    });
    // A host's timer may be early by less than a millisecond.
    expect(runtime.now() - start).toBeGreaterThan(4);
    expect(Math.abs(runtime.wallTime() - Date.now())).toBeLessThan(1_000);
    for (let n = 0; n < 100; n += 1) expect([0, 1, 2]).toContain(runtime.pick(3));
    expect(runtime.randomBytes(16)).toHaveLength(16);
    runtime.setTimer(2 ** 40, () => expect.unreachable(), true).cancel();
  });

  it("runs what is deferred soon, and not at once", async () => {
    const runtime = new SystemRuntime();
    const seen: string[] = [];
    runtime.defer(() => seen.push("deferred"));
    seen.push("now");
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["now", "deferred"]);
  });

  it.each([false, true])("JS-12 an endless task leaves timers their turn; resuming: %s", async (resumes) => {
    const runtime = new SystemRuntime();
    const queue = runtime.createRunQueue();
    const tasks = Array.from({ length: 3 }, () => new Endless((task) => queue.push(task), resumes));
    for (const task of tasks) queue.push(task);
    // That the timers fire at all is what is to be shown; how many turns there are between two is up to the machine.
    while (tasks.some(({ turns }) => turns <= 100)) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const task of tasks) task.isOver = true;
    // Each had its turn as often as the others.
    const [least = 0, , most = 0] = tasks.map(({ turns }) => turns).toSorted((a, b) => a - b);
    expect(most - least).toBeLessThanOrEqual(1);
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("JS-4 lets code that a task has resumed run before the next task", async () => {
    const queue = new SystemRuntime().createRunQueue();
    const seen: string[] = [];
    let resume: () => void = () => undefined;
    const resumed = new Promise<void>((resolve) => (resume = resolve)).then(() => seen.push("resumed code"));
    queue.push({
      runTurn: () => {
        seen.push("first task");
        resume();
        return true;
      },
    });
    queue.push({
      runTurn: () => {
        seen.push("second task");
        return false;
      },
    });
    await resumed;
    await Promise.resolve();
    expect(seen).toEqual(["first task", "resumed code", "second task"]);
  });

  it("goes on with the others when a task throws", async () => {
    const queue = new SystemRuntime().createRunQueue();
    const errors: unknown[] = [];
    const noted = (error: unknown): void => {
      errors.push(error);
    };
    const before = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", noted);
    try {
      const bug = new Error("our own bug");
      queue.push({
        runTurn: () => {
          throw bug;
        },
      });
      const others = new Promise<void>((resolve) => {
        queue.push({
          runTurn: () => {
            resolve();
            return false;
          },
        });
      });
      await others;
      await new Promise((resolve) => setImmediate(resolve));
      expect(errors).toEqual([bug]);
    } finally {
      process.off("unhandledRejection", noted);
      for (const listener of before) process.on("unhandledRejection", listener);
    }
  });
});
