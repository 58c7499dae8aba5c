/** How a value looks in messages for people: short, and never an error itself. */
import { inspect, type InspectOptions } from "node:util";

/** `value` on one line, cut where it gets long. */
export function show(value: unknown): string {
  const text = inspectSafely(value, {
    depth: 2,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 10,
    maxStringLength: 100,
  });
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/** `inspect`, also for values whose own code, run on the way, throws. */
export function inspectSafely(value: unknown, options: InspectOptions): string {
  try {
    return inspect(value, options);
  } catch {
    // Whose error this is does not matter to whoever wants to report another one.
    return `[${typeof value} that cannot be shown]`;
  }
}
