/** What a process runs: a function of its own `self`, or a behaviour that is called for each message. */

/**
 * A plain function with its arguments but for the first, which is the process; in the form in which `spawn` is given them.
 * Without arguments the function alone, so that no list waits for the process's first turn.
 */
export type Launch =
  | ((...args: never) => unknown)
  | readonly [fn: (...args: never) => unknown, ...args: readonly unknown[]];

/** The code of a process; a plain function is let go when it has been called. */
export type Code = Body | Launch;

/** True for a plain function that has not been called yet. */
export function isLaunch(code: Code): code is Launch {
  return typeof code === "function" || Array.isArray(code);
}

/** A behaviour. */
export interface Body {
  /** Called in the process's first turn. */
  start(): unknown;
  /**
   * Absent where `start` does all there is to do: it takes messages by `receive`, and ends the process by returning. Else
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

/** Calls a plain function as the code of `process`. */
export function launch(process: object, code: Launch): unknown {
  if (typeof code === "function") return Reflect.apply(code, undefined, [process]);
  const args: unknown[] = code.slice();
  args[0] = process;
  return Reflect.apply(code[0], undefined, args);
}

/** `value` as something to wait for, null when it is an ordinary value. What is not a promise proper is not trusted to be one. */
export function promised(value: unknown): PromiseLike<unknown> | null {
  if (value instanceof Promise) return value;
  if (typeof value !== "object" || value === null || !("then" in value)) return null;
  return typeof value.then === "function" ? Promise.resolve(value) : null;
}
