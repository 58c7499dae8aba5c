/** Time limits, checked at the door (CALL-8). */
import { ArgumentError, type Duration } from "@otp/core";
import { show } from "@otp/core/internal";

const longest = 2 ** 48;

/** A time limit as such or as an option. */
export type Timeout = Duration | { readonly timeout?: Duration };

/** The time limit, `fallback` when none was given. @throws ArgumentError when it is none. */
export function timeoutOf(given: Timeout | undefined, fallback: Duration): Duration {
  const timeout = typeof given === "object" && given !== null ? given.timeout : given;
  return checkDuration(timeout ?? fallback, "a timeout");
}

/** Refuses what is neither a whole number of milliseconds nor `"infinity"`. */
export function checkDuration(value: unknown, what: string): Duration {
  if (value === "infinity") return value;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= longest) return value;
  throw new ArgumentError(`expected ${what} of whole milliseconds from 0, or "infinity". Got: ${show(value)}`);
}
