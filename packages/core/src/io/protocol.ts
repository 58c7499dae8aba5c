/**
 * The I/O protocol: what clients ask of devices, and what devices answer (IO-4 … IO-6).
 *
 * A device is any process that answers `{ type: "io_request", from, replyAs, request }` by sending
 * `{ type: "io_reply", replyAs, reply }` to `from`. All of it is plain, so that client and device may live on different
 * nodes; whatever arrives may come from a stranger and is checked here, once, for every device.
 */
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";

/** How text counts as characters: all of Unicode, or its first 256 code points. */
export type Encoding = "unicode" | "latin1";

/** A function that makes text, or reads some; on another node it must be one made by `remote`. */
export type TextFunction = (...args: never) => unknown;

/** Writes text, or bytes in that encoding; answered by `"ok"`. */
export type PutChars =
  | { readonly type: "put_chars"; readonly encoding: Encoding; readonly data: string | Uint8Array }
  /** Writes what `fn(...args)` gives, called by the device. */
  | {
      readonly type: "put_chars";
      readonly encoding: Encoding;
      readonly fn: TextFunction;
      readonly args: readonly unknown[];
    };

/** Reads; answered by text (see `textReply`) or by `"eof"`. */
export type ReadRequest =
  | { readonly type: "get_line"; readonly encoding: Encoding; readonly prompt: string }
  | { readonly type: "get_chars"; readonly encoding: Encoding; readonly prompt: string; readonly count: number }
  /**
   * Reads as long as `fn(continuation, text | "eof", ...args)` gives `{ more: continuation }`, at first `[]`; with
   * `{ done: result, rest }` the answer is `result`, and the text `rest` is read next.
   */
  | {
      readonly type: "get_until";
      readonly encoding: Encoding;
      readonly prompt: string;
      readonly fn: TextFunction;
      readonly args: readonly unknown[];
      readonly continuation?: unknown;
    };

/** Everything that a device may be asked; it need not know all of it. */
export type IoRequest =
  | PutChars
  | ReadRequest
  /** Answered by the options as one object. */
  | { readonly type: "getopts" }
  | { readonly type: "setopts"; readonly options: Readonly<Record<string, unknown>> }
  /** Answered by a number. */
  | { readonly type: "get_geometry"; readonly what: "columns" | "rows" }
  /** Done in order up to the first error; answered by the last answer. */
  | { readonly type: "requests"; readonly requests: readonly unknown[] };

/** Why a device did not do what it was asked. */
export interface Refusal {
  /** `"request"`: unknown; `"enotsup"`: known and not possible here (IO-6); or a reason of the device's own. */
  readonly error: unknown;
}

/** A request on its way to a device. */
export interface IoRequestMessage {
  readonly type: "io_request";
  /** Where the reply goes. */
  readonly from: Pid | Ref;
  /** Stands in the reply; the client's ref, and any value to the device. */
  readonly replyAs: unknown;
  /** An `IoRequest`, or something that the device does not know. */
  readonly request: unknown;
}

/** The answer of a device. */
export interface IoReplyMessage {
  readonly type: "io_reply";
  readonly replyAs: unknown;
  readonly reply: unknown;
}

/** Whether a message is a request to a device, well formed as far as answering it goes. */
export function isIoRequest(message: unknown): message is IoRequestMessage {
  return (
    isRecord(message) &&
    message["type"] === "io_request" &&
    (message["from"] instanceof Pid || message["from"] instanceof Ref) &&
    "replyAs" in message &&
    "request" in message
  );
}

/** Whether a reply says that the request was not done. */
export function isRefusal(reply: unknown): reply is Refusal {
  return isRecord(reply) && "error" in reply;
}

/**
 * `text` as a reply. The end of the input is the reply `"eof"`, so text that is just that is wrapped, lest it be taken
 * for the end.
 */
export function textReply(text: string): string | { readonly data: string } {
  return text === "eof" ? { data: text } : text;
}

/** The text in a reply, null when there is none. */
export function textOf(reply: unknown): string | null {
  const text = isRecord(reply) ? reply["data"] : reply;
  return typeof text === "string" ? text : null;
}

/** `request` if it is one that the protocol knows, with everything that belongs to it; else null. */
export function readRequest(request: unknown): IoRequest | null {
  if (!isRecord(request)) return null;
  switch (request["type"]) {
    case "getopts":
      return { type: "getopts" };
    case "setopts":
      return isRecord(request["options"]) ? { type: "setopts", options: request["options"] } : null;
    case "get_geometry": {
      const { what } = request;
      return what === "columns" || what === "rows" ? { type: "get_geometry", what } : null;
    }
    case "requests": {
      const { requests } = request;
      return isList(requests) ? { type: "requests", requests } : null;
    }
    case "put_chars":
      return readPutChars(request);
    case "get_line":
    case "get_chars":
    case "get_until":
      return readReadRequest(request["type"], request);
    default:
      return null;
  }
}

function readPutChars(request: Fields): PutChars | null {
  const { data, fn, args } = request;
  const encoding = readEncoding(request);
  if (encoding === null) return null;
  if (typeof data === "string" || data instanceof Uint8Array) return { type: "put_chars", encoding, data };
  return isTextFunction(fn) && isList(args) ? { type: "put_chars", encoding, fn, args } : null;
}

function readReadRequest(type: ReadRequest["type"], request: Fields): ReadRequest | null {
  const { prompt, count, fn, args, continuation } = request;
  const encoding = readEncoding(request);
  if (encoding === null || typeof prompt !== "string") return null;
  if (type === "get_line") return { type, encoding, prompt };
  if (type === "get_chars") {
    return typeof count === "number" && Number.isSafeInteger(count) && count >= 0
      ? { type, encoding, prompt, count }
      : null;
  }
  return isTextFunction(fn) && isList(args) ? { type, encoding, prompt, fn, args, continuation } : null;
}

type Fields = Readonly<Record<string, unknown>>;

function readEncoding({ encoding }: Fields): Encoding | null {
  return encoding === "unicode" || encoding === "latin1" ? encoding : null;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isTextFunction(value: unknown): value is TextFunction {
  return typeof value === "function";
}
