/** Runs that cannot go on by themselves. */

/**
 * The test waits for what cannot come.
 *
 * @example
 * const outcome = await observe(Schedule.fixed(1), async () => {
 *   await new Promise(() => undefined);
 * });
 * outcome.error instanceof StuckError; // => true
 */
export class StuckError extends Error {
  override readonly name = "StuckError";

  constructor(why: string) {
    super(
      `the test still waits, and ${why}: what it waits for cannot come, or comes from outside the simulation. ` +
        "Wait for that within sim.foreign(…).",
    );
  }
}

/**
 * Code in the simulation waits for something outside it, where no schedule and no virtual clock holds.
 *
 * ```ts continues
 * import { setTimeout } from "node:timers/promises";
 *
 * const escape = await observe(Schedule.fixed(1), async (sim) => {
 *   const node = await sim.node("a");
 *   node.spawn(async () => {
 *     await setTimeout(60_000, undefined, { ref: false });
 *   });
 *   await sim.run("toQuiescence");
 * });
 * escape.error instanceof EscapeError; // => true
 * ```
 */
export class EscapeError extends Error {
  override readonly name = "EscapeError";
}

/** How much may happen at one instant: what does more waits for nothing, and time would stand still for ever. */
const instantMost = 1_000_000;

/** Counts what happens while time stands still. */
export class Instant {
  #at = 0;
  #steps = 0;

  /** One thing has happened. @throws StuckError when that is too much for one instant. */
  step(now: number): void {
    if (now > this.#at) {
      this.#at = now;
      this.#steps = 0;
    }
    this.#steps += 1;
    if (this.#steps > instantMost)
      throw new StuckError(`time stands still at ${String(now)} ms, where ${String(instantMost)} things have happened`);
  }
}
