/** Runs that cannot go on by themselves. */

/** The test waits for what cannot come. */
export class StuckError extends Error {
  override readonly name = "StuckError";

  constructor(why: string) {
    super(
      `the test still waits, and ${why}: what it waits for cannot come, or comes from outside the simulation. ` +
        "Wait for that within sim.foreign(…).",
    );
  }
}

/** Code in the simulation waits for something outside it, where no schedule and no virtual clock holds. */
export class EscapeError extends Error {
  override readonly name = "EscapeError";
}
