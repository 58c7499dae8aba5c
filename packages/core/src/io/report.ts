/**
 * Log records as people read them in a terminal: time, level, node and process in one line, and below it the error and
 * whatever else the record holds.
 *
 * Programs read JSON lines; this is for eyes. A record may come from another node, so nothing in it reaches the terminal as
 * a control sequence.
 */
import { inspect } from "node:util";

/** How records are shown. */
export interface ReportStyle {
  readonly colors: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const levels: Readonly<Record<number, { readonly name: string; readonly color: string | undefined }>> = {
  10: { name: "trace", color: "gray" },
  20: { name: "debug", color: "cyan" },
  30: { name: "info", color: undefined },
  40: { name: "warning", color: "yellow" },
  50: { name: "error", color: "red" },
  60: { name: "fatal", color: "red" },
};

/** Longer values are cut: whoever needs them in full reads the JSON. */
const longestValue = 2_000;
const indent = "    ";

/** One line of pino's in the form for people; a line that is none comes back as it is, made harmless. */
export function formatRecord(line: string, { colors }: ReportStyle): string {
  const record = parse(line);
  if (record === null) return `${harmless(line.trimEnd())}\n`;
  const { level, time, msg, node, pid, err, hostname: _hostname, event: _event, reason, ...others } = record;
  const { name, color } = (typeof level === "number" ? levels[level] : undefined) ?? {
    name: String(level),
    color: undefined,
  };
  const where = [node === "nonode@nohost" ? undefined : node, typeof pid === "string" ? pid : undefined];
  const head = [clock(time), `[${name}]`, ...where].filter((part) => typeof part === "string").join(" ");
  // The error says the same as the reason, and more.
  const details = err === undefined ? { reason, ...others } : others;
  const body = [...errorLines(err), ...Object.entries(details).flatMap(([key, value]) => fieldLines(key, value))];
  const text = [`${head}: ${indented(typeof msg === "string" ? msg : "")}`, ...body].join("\n");
  const safe = harmless(text);
  const [on, off] = (colors && color !== undefined ? inspect.colors[color] : undefined) ?? [];
  return on === undefined ? `${safe}\n` : `\u001B[${on}m${safe}\u001B[${off}m\n`;
}

function parse(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function clock(time: unknown): string | undefined {
  if (typeof time !== "number" || !Number.isFinite(time)) return undefined;
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, "0");
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** The stack says class and message already. */
function errorLines(error: unknown): readonly string[] {
  if (error === undefined || error === null) return [];
  if (typeof error !== "object") return fieldLines("error", error);
  const { stack, message, type, cause, ...others }: Fields = { ...error };
  const said = typeof stack === "string" && stack !== "" ? stack : `${String(type)}: ${String(message)}`;
  return [
    `${indent}** ${indented(cut(said))}`,
    ...(cause === undefined ? [] : fieldLines("cause", cause)),
    ...Object.entries(others).flatMap(([key, value]) => fieldLines(key, value)),
  ];
}

function fieldLines(key: string, value: unknown): readonly string[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  const text =
    typeof value === "string" ? value : inspect(value, { depth: 6, breakLength: 100, maxStringLength: 1_000 });
  return [`${indent}${key}: ${indented(cut(text))}`];
}

function cut(text: string): string {
  return text.length > longestValue ? `${text.slice(0, longestValue)}… (${text.length} characters)` : text;
}

function indented(text: string): string {
  return text.replaceAll("\n", `\n${indent}`);
}

/** Control characters, which could move the cursor or worse, are shown instead of obeyed. */
function harmless(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for.
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return `\\x${code.toString(16).padStart(2, "0")}`;
  });
}
