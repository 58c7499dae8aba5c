/**
 * Output and input: `IO.puts(self, "hello")`.
 *
 * Every function takes the context first: a process, whose group leader is written to or read from, or a node for code
 * outside any process, or a device of this node. A device may stand between the context and the text: a pid, a local name,
 * `{ name, node }`, or `"stderr"`. All of them reject with a `DeviceError` when the device is dead or dies before it
 * answers, and with an `ArgumentError` when there is none of that name or it refuses (IO-8).
 */
import { inspect as inspectValue } from "node:util";

import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { EOF, type Eof } from "../process/process.ts";
import { type Device, type IoContext, inProcess, inquire, putChars, readDone, readRaw, readText } from "./client.ts";
import type { IoRequest } from "./protocol.ts";

export { serve } from "./device.ts";

/** How `inspect` prints. */
export interface InspectOptions {
  /** Stands before the value, with a colon. */
  readonly label?: string;
  /** Where to print; the group leader by default. */
  readonly device?: Device;
  /** How many levels of objects are shown; 5 by default, null for all. */
  readonly depth?: number | null;
  /** Whether to colour; false by default. */
  readonly colors?: boolean;
  /** Where lines are broken; 80 by default. */
  readonly width?: number;
}

/** The text, or a device and the text. */
export type TextArguments = readonly [text: string] | readonly [device: Device, text: string];

/** What to read: that many characters, one line, or everything up to the end. */
export type Amount = number | "line" | "eof";

/** How much is asked for at once when everything is read. */
const chunk = 4_096;

/**
 * Writes `text` and a newline, and waits until the device has taken them.
 *
 * @example
 * const device = StringIO.open(self);
 * await IO.puts(self, device, "hello");
 * const { output } = await StringIO.contents(self, device);
 * output; // => "hello\n"
 */
export function puts(context: IoContext, ...given: TextArguments): Promise<void> {
  const { device, text } = split(given);
  return inquire(context, { device, request: putChars(`${text}\n`), read: readDone });
}

/** Writes `text` as it is. */
export function write(context: IoContext, ...given: TextArguments): Promise<void> {
  const { device, text } = split(given);
  return inquire(context, { device, request: putChars(text), read: readDone });
}

/** Prints `term` as people read it, and gives it back unchanged (IO-11). */
export function inspect<Term>(context: IoContext, term: Term, options: InspectOptions = {}): Promise<Term> {
  const { label, device, depth = 5, colors = false, width = 80 } = options;
  const text = inspectValue(term, { depth, colors, breakLength: width, maxArrayLength: 100, maxStringLength: 10_000 });
  const line = label === undefined ? text : `${label}: ${text}`;
  return inquire(context, { device, request: putChars(`${line}\n`), read: (reply) => (readDone(reply), term) });
}

/** Asks for one line by `prompt` and gives it with its newline, or `EOF` at the end of the input (IO-7). */
export function gets(
  context: IoContext,
  ...given: readonly [prompt?: string | undefined] | readonly [device: Device, prompt: string]
): Promise<string | Eof> {
  const { device, text } = split(given.length === 2 ? given : [given[0] ?? ""]);
  return inquire(context, { device, request: line(text), read: readText });
}

/** Reads a number of characters (Unicode code points), a line, or all there is; `EOF` when nothing is left (IO-7). */
export function read(
  context: IoContext,
  ...given: readonly [amount: Amount] | readonly [device: Device, amount: Amount]
): Promise<string | Eof> {
  const [device, amount] = given.length === 2 ? given : [undefined, given[0]];
  if (amount === "line") return inquire(context, { device, request: line(""), read: readText });
  if (amount === "eof") return inProcess(context, device, readAll);
  if (!Number.isSafeInteger(amount) || amount < 0) {
    throw new ArgumentError(`expected a number of characters, "line" or "eof" to read. Got: ${show(amount)}`);
  }
  return inquire(context, { device, request: chars(amount), read: readText });
}

/**
 * Reads line by line, for `for await`.
 *
 * @yields each line with its newline, up to the end of the input.
 */
export async function* lines(context: IoContext, device?: Device): AsyncGenerator<string, void, void> {
  for (;;) {
    const text = await inquire(context, { device, request: line(""), read: readText });
    if (text === EOF) return;
    yield text;
  }
}

/** The options of the device, such as its encoding. */
export function getOptions(context: IoContext, device?: Device): Promise<unknown> {
  return inquire(context, { device, request: { type: "getopts" }, read: readAnswer });
}

/** Changes options of the device; an `ArgumentError` for those that it does not have. */
export function setOptions(
  context: IoContext,
  options: Readonly<Record<string, unknown>>,
  device?: Device,
): Promise<void> {
  return inquire(context, { device, request: { type: "setopts", options }, read: readDone });
}

/** How many columns or rows the device has; undefined when it is no terminal. */
export function geometry(context: IoContext, what: "columns" | "rows", device?: Device): Promise<number | undefined> {
  const read = (reply: unknown): number | undefined => (typeof reply === "number" ? reply : undefined);
  return inquire(context, { device, request: { type: "get_geometry", what }, read });
}

/** Sends any request to a device and gives its answer as it is, `{ error }` included (IO-5, IO-6). */
export function request(
  context: IoContext,
  device: Device | undefined,
  asked: IoRequest | Readonly<Record<string, unknown>>,
): Promise<unknown> {
  return inquire(context, { device, request: asked, read: readRaw });
}

function readAnswer(reply: unknown): unknown {
  readDone(reply);
  return reply;
}

async function readAll(context: IoContext, device: Device | undefined): Promise<string | Eof> {
  let all = "";
  for (;;) {
    const text = await inquire(context, { device, request: chars(chunk), read: readText });
    if (text === EOF) return all === "" ? EOF : all;
    all += text;
  }
}

function line(prompt: string): IoRequest {
  return { type: "get_line", encoding: "unicode", prompt };
}

function chars(count: number): IoRequest {
  return { type: "get_chars", encoding: "unicode", prompt: "", count };
}

function split(given: TextArguments): {
  readonly device: Device | undefined;
  readonly text: string;
} {
  const [device, text] = given.length === 2 ? given : [undefined, given[0]];
  if (typeof text !== "string") throw new ArgumentError(`expected text as a string. Got: ${show(text)}`);
  return { device, text };
}
