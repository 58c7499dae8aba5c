/** How values, failures and exits look in the shell. */
import { inspect } from "node:util";

import { formatReason } from "@otp/core";

/** A value as text. */
export class Shown {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What an input came to that failed; printed instead of a value, and not counted. */
export class Failure extends Shown {
  constructor(text: string, style: Style) {
    super(paint(text, "red", style));
  }
}

/** Whether and how to use colours. */
export interface Style {
  readonly colors: boolean;
}

/** A value as the shell shows it; long lists are cut after fifty elements. */
export function showValue(value: unknown, { colors }: Style): string {
  try {
    return ownLines(inspect(value, { colors, depth: 6, maxArrayLength: 50, breakLength: 80 }));
  } catch (error) {
    return paint(describeError(error), "red", { colors });
  }
}

/** A text without the lines of stacks that are not the user's, where some are. */
export function ownLines(text: string): string {
  if (!/\n\s+at [^\n]*otp:/u.test(text)) return text;
  return text.replaceAll(/\n\s+at (?![^\n]*otp:)[^\n]*/gu, "");
}

/** `** (ErrorName) message`, with the stack of the user's own code below it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `** (throw) ${inspect(error)}`;
  if ("reason" in error && error.name === "ExitError") return `** (exit) ${formatReason(error.reason)}`;
  const own = (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /u.test(line) && line.includes("otp:"))
    .map((line) => line.replace(/at \w+\.eval \((otp:[^)]*)\)/u, "at $1"));
  const cause = error.cause instanceof Error ? [`    caused by ${error.cause.name}: ${error.cause.message}`] : [];
  return [`** (${error.name}) ${error.message}`, ...cause, ...own].join("\n");
}

/** What is said when the shell's process ends, as iex does. */
export function describeExit(pid: unknown, reason: unknown): string {
  const said =
    reason instanceof Error ? `an exception was raised:\n    ${describeError(reason)}` : formatReason(reason);
  return `** (EXIT from ${String(pid)}) shell process exited with reason: ${said}`;
}

/** Colours a whole text. */
export function paint(text: string, color: "red" | "yellow" | "dim", { colors }: Style): string {
  const [on, off] = inspect.colors[color] ?? [0, 0];
  return colors ? `\u001B[${on}m${text}\u001B[${off}m` : text;
}

/** Rows of cells as columns of text, the first row being the heads. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
