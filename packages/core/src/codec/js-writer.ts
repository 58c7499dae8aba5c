/** Writes JavaScript's own types as tagged tuples; `js-reader.ts` is its mirror, `docs/wire-format.md` the description. */
import { types } from "node:util";

import { type RemoteFunction, remoteTerm } from "../term/remote-function.ts";
import { isSendable } from "../term/sendable.ts";
import { binaryTypeOf, bytesOf } from "./binary-types.ts";
import { type Step, refusal } from "./refusal.ts";
import { Kind } from "./tags.ts";
import type { TermWriter } from "./term-writer.ts";

/** Writes an object that is neither plain nor an array, if it is of a type that can be sent. */
export function writeObject(writer: TermWriter, value: object, depth: number): void {
  if (isSendable(value)) return inner(writer, depth, { text: "", value: value["~toTerm"]() });
  if (value instanceof Error || types.isNativeError(value)) return writeError(writer, value, depth);
  // Of a subclass we would lose what makes it one, so only direct instances are taken.
  const generations = prototypesBelowObject(value);
  if (generations === 1) {
    if (types.isMap(value)) return writeMap(writer, value, depth);
    if (types.isSet(value)) return writeSet(writer, value, depth);
    if (types.isDate(value)) return writeDate(writer, value);
  }
  const name = binaryTypeOf(value, generations);
  if (name === undefined) throw refusal(value);
  writer.writeTagged(name, 3);
  writer.writeBinary(bytesOf(value));
}

/** Writes a function made by `remote` as its name and captured arguments (JS-13). */
export function writeFunction(writer: TermWriter, fn: RemoteFunction, depth: number): void {
  const { name, bound, source } = fn[remoteTerm];
  writer.writeTagged(Kind.function, source === undefined ? 4 : 5);
  writer.writeText(name);
  writeItems(writer, bound, {
    depth,
    wayTo: (at) => ({ text: `.<captured ${at}>`, value: bound[at] }),
  });
  if (source !== undefined) writer.writeText(source);
}

function writeMap(writer: TermWriter, map: ReadonlyMap<unknown, unknown>, depth: number): void {
  writer.writeTagged(Kind.map, 3);
  // A copy, for a getter in one of the values might change the map.
  const entries = [...map];
  writer.writeListHeader(entries.length);
  for (const [at, [key, value]] of entries.entries()) {
    writer.writeTupleHeader(2);
    inner(writer, depth, { text: `.<key ${at}>`, value: key });
    const shown = typeof key === "string" || typeof key === "number" ? JSON.stringify(key) : `<key ${at}>`;
    inner(writer, depth, { text: `.get(${shown})`, value });
  }
  writer.writeNil();
}

function writeSet(writer: TermWriter, set: ReadonlySet<unknown>, depth: number): void {
  writer.writeTagged(Kind.set, 3);
  const members = [...set];
  writeItems(writer, members, {
    depth,
    wayTo: (at) => ({ text: `.<member ${at}>`, value: members[at] }),
  });
}

function writeDate(writer: TermWriter, date: Date): void {
  const time = date.getTime();
  writer.writeTagged(Kind.date, 3);
  if (Number.isNaN(time)) writer.writeAtom("nil");
  else writer.writeInteger(time);
}

// Enumerable properties are fields, as they are of any object. `message`, `stack` and `cause` normally are not
// enumerable, and `name` is inherited, so they travel apart.
function writeError(writer: TermWriter, error: Error, depth: number): void {
  const className = writer.errorClasses.nameOf(error);
  const prototype = writer.errorClasses.prototypeOf(className);
  const hidden: Record<string, unknown> = {};
  const isHidden = (name: string): boolean => !Object.prototype.propertyIsEnumerable.call(error, name);
  // The types promise strings, JavaScript does not.
  const [name, message, stack]: readonly unknown[] = [error.name, error.message, error.stack];
  if (isHidden("name") && name !== prototype?.name) hidden["name"] = String(name);
  if (isHidden("message") && message !== "") hidden["message"] = String(message);
  if (isHidden("stack") && typeof stack === "string") hidden["stack"] = stack;
  if (isHidden("cause") && Object.hasOwn(error, "cause")) hidden["cause"] = error.cause;
  if (isHidden("errors") && "errors" in error && Object.hasOwn(error, "errors")) hidden["errors"] = error.errors;
  writer.writeTagged(Kind.error, 5);
  writer.writeText(className);
  writer.writeFields(hidden, depth);
  writer.writeFields(Object.fromEntries(Object.entries(error)), depth);
}

function inner(writer: TermWriter, depth: number, step: Exclude<Step, string | number>): void {
  writer.enter(depth, step);
  writer.writeInner(step.value, depth);
  // Overwrites the step, which holds the value, lest the writer keep it alive.
  writer.enter(depth, "");
}

interface Inside {
  readonly depth: number;
  readonly wayTo: (at: number) => Exclude<Step, string | number>;
}

function writeItems(writer: TermWriter, items: readonly unknown[], { depth, wayTo }: Inside): void {
  writer.writeListHeader(items.length);
  for (let at = 0; at < items.length; at++) inner(writer, depth, wayTo(at));
  writer.writeNil();
}

function prototypesBelowObject(value: object): number {
  let generations = -1;
  let prototype: unknown = value;
  while (typeof prototype === "object" && prototype !== null) {
    prototype = Object.getPrototypeOf(prototype);
    generations++;
  }
  return generations - 1;
}
