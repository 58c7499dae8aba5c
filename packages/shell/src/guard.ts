/** Running the user's code so that it can be broken from outside: by Ctrl-C, or by a limit. */
import { type RunningScriptOptions, Script } from "node:vm";

/** Runs `code` and gives its value; how it may be broken is up to the guard. */
export type Guard = (code: () => unknown) => unknown;

/** What an input comes to that Ctrl-C has ended. */
export class InterruptError extends Error {
  constructor() {
    super("interrupted");
    this.name = "InterruptError";
  }
}

const entry = Symbol.for("otp.shell.guarded");
const frame = new Script(`globalThis[Symbol.for(${JSON.stringify(Symbol.keyFor(entry))})]()`);

/** For an input that is no terminal: a signal breaks it, if anything. */
export const untilSignal: Guard = (code) => runGuarded(code, { breakOnSigint: true });

/** For code that others have to wait for: it may hold the program for that many ms at a time. */
export function within(ms: number): Guard {
  return (code) => runGuarded(code, { timeout: ms });
}

function runGuarded(code: () => unknown, limits: RunningScriptOptions): unknown {
  Object.defineProperty(globalThis, entry, { configurable: true, value: code });
  try {
    return frame.runInThisContext(limits);
  } catch (error) {
    const fault: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (fault === "ERR_SCRIPT_EXECUTION_INTERRUPTED") throw new InterruptError();
    if (fault !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    throw new Error(`broken off: it held the node for ${String(limits.timeout)} ms, and everybody else waited`, {
      cause: error,
    });
  }
}
