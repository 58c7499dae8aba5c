/** Callbacks may return promises or values; a value goes on at once, without a detour through a promise (JS-10). */

/** True for anything with a `then`. */
export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** What comes after a callback. */
export interface Continuations<Value, Result> {
  readonly returned: (value: Value) => Result;
  readonly threw: (thrown: unknown) => Result;
}

/** Calls `callback` and goes on with what it returns or throws, now or once its promise has settled. */
export function settle<Value, Result>(
  callback: () => Value | PromiseLike<Value>,
  { returned, threw }: Continuations<Value, Result>,
): Result | Promise<Result> {
  let value: Value | PromiseLike<Value>;
  try {
    value = callback();
  } catch (thrown) {
    return threw(thrown);
  }
  // What is not a promise proper is not trusted to behave like one.
  return isPromise(value) ? Promise.resolve(value).then(returned, threw) : returned(value);
}
