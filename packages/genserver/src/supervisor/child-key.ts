/** Ids of children and keys of partitions, compared by value as Erlang's terms are. */
import { tryTermKey } from "@otp/core/internal";

/** The key of `id` in a map: the same for two ids that are equal by value; what has no value is itself. */
export function keyOf(id: unknown): unknown {
  return tryTermKey(id) ?? id;
}

/** A whole number from 0 that is the same for keys that are equal by value, in every program. */
export function hashOf(key: unknown): number {
  const text = tryTermKey(key) ?? String(key);
  // FNV-1a: spreads short texts well enough to share out work.
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
