/** How a value looks in an error message: short, and never an error itself. */
import { inspect } from "node:util";

/** `value` on one line, cut where it gets long. */
export function show(value: unknown): string {
  const text = inspect(value, {
    depth: 2,
    breakLength: Number.POSITIVE_INFINITY,
    maxArrayLength: 10,
    maxStringLength: 100,
  });
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
