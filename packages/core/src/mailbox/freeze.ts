/** Freezing messages, so that neither side can change what both hold (JS-6). */

/** Deep-freezes the plain objects and arrays in `message` and returns it; other values are left as they are. */
export function deepFreeze<Message>(message: Message): Message {
  if (typeof message === "object" && message !== null && isPlain(message)) freeze(message);
  return message;
}

/** A loop and not a recursion: a message may be nested deeper than the stack is. */
function freeze(message: object): void {
  let seen: Set<object> | undefined;
  let pending: object[] | undefined;
  for (let value: object | undefined = message; value !== undefined; value = pending?.pop()) {
    Object.freeze(value);
    for (const key of Object.keys(value)) {
      const inner: unknown = Reflect.get(value, key);
      if (typeof inner !== "object" || inner === null || !isPlain(inner)) continue;
      seen ??= new Set([message]);
      if (seen.has(inner)) continue;
      seen.add(inner);
      pending ??= [];
      pending.push(inner);
    }
  }
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
