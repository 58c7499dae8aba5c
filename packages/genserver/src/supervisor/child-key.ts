/** Ids of children as keys of a map: equal by value where they are arrays or plain objects, as Erlang's terms are. */
import { Pid, Ref } from "@otp/core";

/** The key of `id`: the same for two ids that are equal by value. */
export function keyOf(id: unknown): unknown {
  return typeof id === "object" && id !== null ? (textOf(id) ?? id) : id;
}

/** A whole number from 0 that is the same for keys that are equal by value, in every program. */
export function hashOf(key: unknown): number {
  const text = textOf(key) ?? String(key);
  // FNV-1a: spreads short texts well enough to share out work.
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** A text for every term that can be compared by value; undefined for what cannot. */
function textOf(term: unknown): string | undefined {
  if (typeof term === "string") return JSON.stringify(term);
  if (typeof term === "bigint") return `${term}n`;
  if (typeof term === "function" || typeof term === "symbol") return undefined;
  if (typeof term !== "object" || term === null) return String(term);
  if (term instanceof Pid || term instanceof Ref) return `${term}/${term.home.creation}`;
  if (Array.isArray(term)) return joined("[", term.map(textOf));
  const prototype: unknown = Object.getPrototypeOf(term);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const fields = Object.entries(term).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return joined("{", fields.flat().map(textOf));
}

function joined(mark: string, parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : `${mark}${parts.join(",")}`;
}
