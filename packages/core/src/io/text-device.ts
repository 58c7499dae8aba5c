/**
 * What a device of text does with a request: pure, from a state and a request to a state and an answer.
 *
 * The node's own device and StringIO are both this, with different ends: a terminal's input may still come, so a read can
 * have to wait, and its output is taken away and printed; a StringIO has all its input from the start and keeps its
 * output.
 */
import { UndefError } from "../base/errors.ts";
import { isRemoteFunction, remoteTerm } from "../term/remote-function.ts";
import {
  type Encoding,
  type IoRequest,
  isRefusal,
  type PutChars,
  type ReadRequest,
  readRequest,
  type Refusal,
  type TextFunction,
  textReply,
} from "./protocol.ts";

/** The state of a device of text. */
export interface TextState {
  /** What has come in and was not read. */
  readonly input: string;
  /** Whether nothing more will come in. */
  readonly isEnded: boolean;
  /** What was written and not taken away. */
  readonly output: string;
  readonly encoding: Encoding;
  /** Whether prompts are written to the output. */
  readonly capturesPrompts: boolean;
}

/** What a device of text is, apart from its state. */
export interface TextTraits {
  /** How wide and high it is; nothing when it is no terminal. */
  readonly geometry: (what: "columns" | "rows") => number | undefined;
  /** Whether a request may call the function of that name here. */
  readonly mayCall: (name: string, node: string) => boolean;
  /** The node of the client, as it says. */
  readonly client: string;
}

/** A request was done, or is left to be done, in part, when more input has come. */
export type TextStep =
  | { readonly state: TextState; readonly reply: unknown }
  | { readonly state: TextState; readonly rest: IoRequest };

/** Does one request. */
export function performText(state: TextState, request: unknown, traits: TextTraits): TextStep {
  const known = readRequest(request);
  if (known === null) return { state, reply: refuse("request") };
  switch (known.type) {
    case "put_chars":
      return put(state, known, traits);
    case "get_line":
    case "get_chars":
    case "get_until":
      return read(state, known, traits);
    case "getopts":
      return { state, reply: { binary: true, encoding: state.encoding } };
    case "setopts":
      return setOptions(state, known.options);
    case "get_geometry":
      return { state, reply: traits.geometry(known.what) ?? refuse("enotsup") };
    case "requests":
      return performAll(state, known.requests, traits);
  }
}

/** Whether a request may have to wait for input. */
export function isReading(request: unknown): boolean {
  for (const queue = [request]; queue.length > 0;) {
    const known = readRequest(queue.pop());
    if (known === null) continue;
    if (known.type === "requests") for (const inner of known.requests) queue.push(inner);
    else if (known.type === "get_line" || known.type === "get_chars" || known.type === "get_until") return true;
  }
  return false;
}

function refuse(error: unknown): Refusal {
  return { error };
}

/** Lists in lists are one list: however deep a stranger nests them, this is a loop. */
function performAll(state: TextState, requests: readonly unknown[], traits: TextTraits): TextStep {
  const queue = requests.toReversed();
  let current = state;
  let reply: unknown = "ok";
  while (queue.length > 0) {
    const next = queue.pop();
    const known = readRequest(next);
    if (known?.type === "requests") {
      for (const inner of known.requests.toReversed()) queue.push(inner);
      continue;
    }
    const step = performText(current, next, traits);
    current = step.state;
    if ("rest" in step) {
      return { state: current, rest: { type: "requests", requests: [step.rest, ...queue.toReversed()] } };
    }
    ({ reply } = step);
    if (isRefusal(reply)) break;
  }
  return { state: current, reply };
}

function setOptions(state: TextState, options: Readonly<Record<string, unknown>>): TextStep {
  const { encoding, ...others } = options;
  if ((encoding !== "unicode" && encoding !== "latin1") || Object.keys(others).length > 0) {
    return { state, reply: refuse("enotsup") };
  }
  return { state: { ...state, encoding }, reply: "ok" };
}

function put(state: TextState, request: PutChars, traits: TextTraits): TextStep {
  const made = "data" in request ? request.data : call(request.fn, request.args, traits);
  const text = decode(made, request.encoding);
  if (typeof text !== "string") return { state, reply: text };
  return { state: { ...state, output: state.output + text }, reply: "ok" };
}

/** Bytes are text in their encoding; nothing else that is not a string is text. */
function decode(data: unknown, encoding: Encoding): string | Refusal {
  if (isRefusal(data)) return data;
  if (typeof data === "string") {
    return encoding === "latin1" && !isLatin1(data) ? refuse("no_translation") : data;
  }
  if (!(data instanceof Uint8Array)) return refuse("badarg");
  if (encoding === "latin1") return Buffer.from(data).toString("latin1");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch (error) {
    if (error instanceof TypeError) return refuse("no_translation");
    throw error;
  }
}

function isLatin1(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0xff) return false;
  return true;
}

/** Calls a function for a client: whatever it does wrong is the client's, never the end of the device. */
function call(fn: TextFunction, args: readonly unknown[], traits: TextTraits): unknown {
  if (isRemoteFunction(fn) && !traits.mayCall(fn[remoteTerm].name, traits.client)) return refuse("notsup");
  try {
    return Reflect.apply(fn, undefined, args);
  } catch (error) {
    return refuse(error instanceof UndefError ? "undef" : "badarg");
  }
}

function read(before: TextState, request: ReadRequest, traits: TextTraits): TextStep {
  const state = before.capturesPrompts ? { ...before, output: before.output + request.prompt } : before;
  if (request.type === "get_until") return readUntil(state, request, traits);
  const length = request.type === "get_line" ? lineLength(state) : charsLength(state, request.count);
  if (length === null) return { state, rest: { ...request, prompt: "" } };
  const taken = state.input.slice(0, length);
  const text = request.type === "get_line" ? taken.replace(/\r\n$/, "\n") : taken;
  const isEof = text === "" && !(request.type === "get_chars" && request.count === 0);
  const after = { ...state, input: state.input.slice(length) };
  if (isEof) return { state: after, reply: "eof" };
  if (request.encoding === "latin1" && !isLatin1(text)) return { state, reply: refuse("no_translation") };
  return { state: after, reply: textReply(text) };
}

/** How much of the input the next line is, its newline included; null as long as that is not known. */
function lineLength({ input, isEnded }: TextState): number | null {
  const newline = input.indexOf("\n");
  if (newline !== -1) return newline + 1;
  return isEnded ? input.length : null;
}

/** How much of the input `count` characters are, which are code points. */
function charsLength({ input, isEnded }: TextState, count: number): number | null {
  let length = 0;
  for (let left = count; left > 0; left -= 1) {
    const point = input.codePointAt(length);
    if (point === undefined) return isEnded ? length : null;
    length += point > 0xffff ? 2 : 1;
  }
  return length;
}

function readUntil(
  state: TextState,
  request: Extract<ReadRequest, { readonly type: "get_until" }>,
  traits: TextTraits,
): TextStep {
  const { fn, args, continuation = [] } = request;
  const wait = (more: unknown): TextStep => ({
    state: { ...state, input: "" },
    rest: { ...request, prompt: "", continuation: more },
  });
  if (state.input === "" && !state.isEnded) return wait(continuation);
  const result = call(fn, [continuation, state.input === "" ? "eof" : state.input, ...args], traits);
  if (isRefusal(result)) return { state, reply: result };
  if (typeof result !== "object" || result === null) return { state, reply: refuse("badarg") };
  if ("done" in result) {
    const rest = "rest" in result && typeof result.rest === "string" ? result.rest : "";
    return { state: { ...state, input: rest }, reply: result.done };
  }
  // A function that wants more behind the end would be asked for ever.
  if (!("more" in result) || state.input === "") return { state, reply: refuse("badarg") };
  return state.isEnded
    ? readUntil({ ...state, input: "" }, { ...request, continuation: result.more }, traits)
    : wait(result.more);
}
