/** Freezing messages, so that neither side can change what both hold (JS-6). */

/** Deep-freezes the plain objects and arrays in `message` and returns it; other values are left as they are. */
export function deepFreeze<Message>(message: Message): Message {
  if (typeof message === "object" && message !== null) freeze(message, undefined);
  return message;
}

function freeze(value: object, seen: Set<object> | undefined): void {
  const isArray = Array.isArray(value);
  if (!isArray) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return;
  }
  Object.freeze(value);
  let visited = seen;
  for (const key of Object.keys(value)) {
    const inner: unknown = Reflect.get(value, key);
    if (typeof inner !== "object" || inner === null) continue;
    visited ??= new Set([value]);
    if (visited.has(inner)) continue;
    visited.add(inner);
    freeze(inner, visited);
  }
}
