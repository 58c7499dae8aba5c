/**
 * A string for every term, the same exactly for terms that are equal by value, so that names and groups of any shape can be
 * keys of a map (GLOBAL-1).
 */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { isRemoteFunction, remoteTerm } from "../term/remote-function.ts";

const deepest = 100;

/** The key of `term`. @throws ArgumentError for what cannot be compared by value, such as a closure. */
export function termKey(term: unknown): string {
  // Most names are strings.
  return typeof term === "string" ? `"${term}` : keyOf(term, 0);
}

/** The key of `term`, or undefined where `termKey` would throw. */
export function tryTermKey(term: unknown): string | undefined {
  try {
    return termKey(term);
  } catch (error) {
    if (error instanceof ArgumentError) return undefined;
    throw error;
  }
}

/** A name as it stands in a log line: a string as it is. */
export function showName(name: unknown): string {
  return typeof name === "string" ? name : show(name);
}

function keyOf(term: unknown, depth: number): string {
  if (depth > deepest) throw new ArgumentError("expected a term that is less deeply nested, and not part of itself");
  switch (typeof term) {
    case "string":
      return JSON.stringify(term);
    case "number":
      // 0 and -0 are equal, NaN is one value.
      return `${term === 0 ? 0 : term}`;
    case "bigint":
      return `${term}n`;
    case "boolean":
    case "undefined":
      return `${term}`;
    case "object":
      return term === null ? "null" : keyOfObject(term, depth + 1);
    case "function":
      if (isRemoteFunction(term)) return `fn${keyOf([term[remoteTerm].name, ...term[remoteTerm].bound], depth + 1)}`;
      break;
    case "symbol":
  }
  throw new ArgumentError(`expected a term that can be compared by value. Got: ${show(term)}`);
}

function keyOfObject(term: object, depth: number): string {
  if (Array.isArray(term)) return `[${term.map((item) => keyOf(item, depth)).join(",")}]`;
  if (term instanceof Pid) return `pid(${term.home.name},${term.home.creation},${term.number})`;
  if (term instanceof Ref) return `ref(${term.home.name},${term.home.creation},${term.number})`;
  if (term instanceof Date) return `date(${term.getTime()})`;
  if (term instanceof Set) return `set(${sorted([...term].map((item) => keyOf(item, depth)))})`;
  if (term instanceof Map) {
    return `map(${sorted([...term].map(([key, value]) => `${keyOf(key, depth)}:${keyOf(value, depth)}`))})`;
  }
  if (term instanceof Uint8Array) return `bytes(${Buffer.from(term).toString("base64")})`;
  const prototype: unknown = Object.getPrototypeOf(term);
  if (prototype === Object.prototype || prototype === null) {
    return `{${sorted(Object.entries(term).map(([key, value]) => `${JSON.stringify(key)}:${keyOf(value, depth)}`))}}`;
  }
  throw new ArgumentError(`expected a term that can be compared by value. Got: ${show(term)}`);
}

function sorted(parts: string[]): string {
  return parts.sort().join(",");
}
