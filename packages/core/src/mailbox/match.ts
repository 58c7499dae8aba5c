/**
 * What a receive waits for: a type guard, any predicate, or a pattern, which is an object whose fields must be there.
 *
 * `{ type: "DOWN", ref }` matches every message that has at least these fields with these values; nested plain objects are
 * patterns themselves, arrays must have the same length. A pattern never throws: a value that cannot be looked into does not match (RECV-6).
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
  if (!isPattern(matcher)) {
    throw new ArgumentError(`expected a predicate or a pattern object to receive by. Got: ${show(matcher)}`);
  }
  const fields = Object.keys(matcher);
  return (message) => {
    try {
      return matches(matcher, fields, message);
    } catch {
      // A getter or a proxy of the message's that fails: it cannot be looked into, so it is not what is wanted (RECV-6).
      return false;
    }
  };
}

/** The ref that every matching message must hold, if the pattern names one. */
export function refOf(matcher: Matcher): Ref | undefined {
  if (typeof matcher !== "object") return undefined;
  for (const value of Object.values(matcher)) if (value instanceof Ref) return value;
  return undefined;
}

function matches(pattern: Pattern, fields: readonly string[], message: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const values = message as { readonly [field: string]: unknown };
  for (const field of fields) {
    // What is not wanted mostly shows by its first value, which is cheaper to look at than whose it is.
    if (!isEqual(pattern[field], values[field])) return false;
    if (!Object.hasOwn(message, field)) return false;
  }
  return true;
}

function isEqual(wanted: unknown, value: unknown): boolean {
  if (Object.is(wanted, value)) return true;
  if (wanted instanceof Pid) return value instanceof Pid && isSamePid(wanted, value);
  if (wanted instanceof Ref) return value instanceof Ref && isSameRef(wanted, value);
  if (Array.isArray(wanted)) return Array.isArray(value) && areEqual(wanted, value);
  return isPattern(wanted) && matches(wanted, Object.keys(wanted), value);
}

function areEqual(wanted: readonly unknown[], values: readonly unknown[]): boolean {
  return wanted.length === values.length && wanted.every((one, at) => isEqual(one, values[at]));
}

function isPattern(value: unknown): value is Pattern {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
