/** Calling what the user has given, whose types nobody knows. */

/** Any function at all. */
export type AnyFunction = (...args: never) => unknown;

/** Calls `fn` with whatever arguments; the result is not known to be anything. */
export function apply(fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
  const value: unknown = Reflect.apply(fn, self, args);
  return value;
}

/** Whether it can be called. */
export function isFunction(value: unknown): value is AnyFunction {
  return typeof value === "function";
}
