/** What is shown of a behaviour's inside, in status replies and in reports of its end (SYS-4). */

/** What `formatStatus` may change before it is shown; fields are there where they apply. */
export interface Status<State = unknown> {
  readonly state: State;
  /** The message being handled when the server failed. */
  readonly message?: unknown;
  /** Why the server ends. */
  readonly reason?: unknown;
  /** The logged events, where logging is on. */
  readonly log?: readonly unknown[];
}

/** A status as a server's `formatStatus` gives it back, in which the state may have any form. */
export interface ShownStatus {
  readonly state: unknown;
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly log?: readonly unknown[];
}

/** The status as it is to be shown; a `formatStatus` that fails shows that it does, and no state (SYS-4). */
export function shownStatus<State>(
  status: Status<State>,
  format: ((status: Status<State>) => ShownStatus) | undefined,
): ShownStatus {
  if (format === undefined) return status;
  try {
    return { ...status, ...format(status) };
  } catch (error) {
    return { ...status, state: `formatStatus failed: ${String(error)}` };
  }
}
