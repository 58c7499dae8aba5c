/** What an entry has to look like: patterns for values and for whole entries, typed like what they are held against (REG-4). */
import { isSamePid, isSameRef, Pid, Ref } from "@otp/core";
import { tryTermKey } from "@otp/core/internal";

import type { RegistryEntry } from "./registry-name.ts";

/** The type of `Registry.any`. */
export interface Anything {
  readonly "~any": true;
}

/** Matches everything; `Registry.any`. */
export const any: Anything = Object.freeze({ "~any": true });

/**
 * What a value has to look like: the value itself, `Registry.any`, a predicate, or an object or array of patterns. An object
 * has to have at least the fields of the pattern, an array its length.
 */
export type ValuePattern<Value> = Anything | ((value: Value) => boolean) | Shape<Value>;

/** What an entry has to look like. */
export type EntryPattern<Key, Value> =
  | Anything
  | ((entry: RegistryEntry<Key, Value>) => boolean)
  | {
      readonly key?: ValuePattern<Key>;
      readonly pid?: ValuePattern<Pid>;
      readonly value?: ValuePattern<Value>;
    };

type Atom = string | number | bigint | boolean | symbol | null | undefined;

type Shape<Value> = unknown extends Value
  ? Atom | object
  : Value extends Atom | Pid | Ref | Date | Uint8Array | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
    ? Value
    : Value extends (...args: never) => unknown
      ? never
      : Value extends readonly unknown[]
        ? { readonly [At in keyof Value]: ValuePattern<Value[At]> }
        : { readonly [Field in keyof Value]?: ValuePattern<Value[Field]> };

/** Whether `value` is as `pattern` says. What a predicate throws is the caller's. */
export function matches(pattern: unknown, value: unknown): boolean {
  if (pattern === any || pattern === value) return true;
  if (typeof pattern === "function") return Boolean(Reflect.apply(pattern, undefined, [value]));
  if (typeof pattern !== "object" || pattern === null) return Number.isNaN(pattern) && Number.isNaN(value);
  if (pattern instanceof Pid) return value instanceof Pid && isSamePid(pattern, value);
  if (pattern instanceof Ref) return value instanceof Ref && isSameRef(pattern, value);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(pattern)) {
    return (
      Array.isArray(value) && pattern.length === value.length && pattern.every((one, at) => matches(one, value[at]))
    );
  }
  if (!isPlain(pattern)) {
    const wanted = tryTermKey(pattern);
    return wanted !== undefined && wanted === tryTermKey(value);
  }
  return Object.entries(pattern).every(
    ([field, wanted]) => Object.hasOwn(value, field) && matches(wanted, Reflect.get(value, field)),
  );
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
