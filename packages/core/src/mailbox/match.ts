/**
 * What a receive waits for: a type guard, any predicate, or a pattern, which is an object whose fields must be there.
 *
 * `{ type: "DOWN", ref }` matches every message that has at least these fields with these values; nested plain objects are
 * patterns themselves. A pattern never throws: a value that cannot be looked into does not match (RECV-6).
 */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { isSamePid, Pid } from "../term/pid.ts";
import { isSameRef, Ref } from "../term/ref.ts";
import type { Predicate } from "./mailbox.ts";

/** The fields a message must have, with their values. */
export type Pattern = { readonly [field: string]: unknown };

/** A message that matched `Wanted`. */
export type Matched<Wanted> = { readonly [Field in keyof Wanted]: Wanted[Field] } & {
  readonly [field: string]: unknown;
};

/** What `receive` accepts to choose a message. */
export type Matcher = ((message: unknown) => boolean) | Pattern;

/** The predicate of a matcher. */
export function predicateOf(matcher: Matcher): Predicate {
  if (typeof matcher === "function") return matcher;
  if (typeof matcher !== "object" || matcher === null) {
    throw new ArgumentError(`expected a predicate or a pattern object to receive by. Got: ${show(matcher)}`);
  }
  return (message) => matches(matcher, message);
}

/** The ref that every matching message must hold, if the pattern names one. */
export function refOf(matcher: Matcher): Ref | undefined {
  if (typeof matcher !== "object") return undefined;
  for (const value of Object.values(matcher)) if (value instanceof Ref) return value;
  return undefined;
}

function matches(pattern: Pattern, message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  for (const field of Object.keys(pattern)) {
    if (!Object.hasOwn(message, field)) return false;
    if (!isEqual(pattern[field], Reflect.get(message, field))) return false;
  }
  return true;
}

function isEqual(wanted: unknown, value: unknown): boolean {
  if (Object.is(wanted, value)) return true;
  if (wanted instanceof Pid) return value instanceof Pid && isSamePid(wanted, value);
  if (wanted instanceof Ref) return value instanceof Ref && isSameRef(wanted, value);
  return isPattern(wanted) && matches(wanted, value);
}

function isPattern(value: unknown): value is Pattern {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
