/** Replaces a method of one object by one that does more, and takes that back. */

/** Takes something back. */
export type Undo = () => void;

/** Calls the method that was there before, with the arguments of this call. */
export type Original = () => unknown;

/**
 * From here on a call of that method runs `instead`, which is given the original and the arguments. Without effect where the
 * object has no such method.
 */
export function around(
  object: object,
  name: string,
  instead: (original: Original, args: readonly unknown[]) => unknown,
): Undo {
  const before: unknown = Reflect.get(object, name);
  if (typeof before !== "function") return () => undefined;
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, {
    configurable: true,
    enumerable: false,
    writable: true,
    value(...args: unknown[]): unknown {
      return instead((): unknown => Reflect.apply(before, object, args), args);
    },
  });
  return () => {
    if (own === undefined) Reflect.deleteProperty(object, name);
    else Object.defineProperty(object, name, own);
  };
}
