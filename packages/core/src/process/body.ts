/** What a process runs: a function of its own `self`, or a behaviour that is called for each message. */

/** The code of one process. */
export interface Body {
  /** Called in the process's first turn. */
  start(): unknown;
  /**
   * Absent for plain functions, which take their messages by `receive` and end the process by returning. A behaviour's
   * `start` only begins; from then on `handle` is called for each message, directly, and a promise that it returns
   * suspends the process until it settles (JS-10). Neither may throw: a behaviour ends its process by `terminate`.
   */
  readonly handle?: (message: unknown) => unknown;
  /** Which messages `handle` takes at the moment; null for all. A suspended behaviour takes system messages only (SYS-2). */
  readonly accepts?: ((message: unknown) => boolean) | null;
  /** What the dictionary holds before anyone has touched it, made when somebody looks (PLIB-4). */
  readonly seed?: () => readonly (readonly [unknown, unknown])[];
  /** The function that the process was started to run, for info. */
  readonly initialCall?: string;
  /** Called when the mailbox holds nothing to handle and `wake` was called on the process. */
  readonly idle?: () => unknown;
}
