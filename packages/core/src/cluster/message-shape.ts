/** Whether a message from another node has the fields that its `type` calls for. */

/** What a field may be. */
export type Check = (value: unknown) => boolean;

/** The fields of each type of message. */
export type Shapes = Readonly<Record<string, Readonly<Record<string, Check>>>>;

/** True for a message of one of these shapes; further fields do no harm. */
export function fits(message: unknown, shapes: Shapes): boolean {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  const { type } = message;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) return false;
  const shape = shapes[type] ?? {};
  for (const field in shape) {
    const check = shape[field];
    if (!Object.hasOwn(message, field) || check?.(Reflect.get(message, field)) !== true) return false;
  }
  return true;
}
