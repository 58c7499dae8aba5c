/** Values in words for traces: as every node would print them, and quickly, for every message of every run is put in words. */
import { Pid, Ref } from "@otp/core";
import { show } from "@otp/core/internal";

/** From here on a number is the spawner's, and only together with its incarnation somebody's own. */
const spawnerNumbers = 2 ** 52;
const depthMax = 3;
const entriesMax = 8;

/** A node's name without its host. */
export function short(name: string): string {
  const end = name.indexOf("@");
  return end < 0 ? name : name.slice(0, end);
}

/** A pid as every node would print it; anything else as it prints. */
export function wordFor(value: unknown): string {
  if (!(value instanceof Pid)) return wordsFor(value);
  const { node, number, home } = value;
  const word = `${short(node)}.${String(number)}`;
  return number < spawnerNumbers ? word : `${word}/${String(home.creation)}`;
}

/** A value as `inspect` would print it, on one line; what is not plain, or large, is left to that. */
export function wordsFor(value: unknown): string {
  return plainWords(value, 0) ?? show(value);
}

function plainWords(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case "string":
      return value.length <= 60 && /^[\w .,:;!?@<>()+*/=#-]*$/u.test(value) ? `'${value}'` : undefined;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : objectWords(value, depth);
    default:
      return undefined;
  }
}

function objectWords(value: object, depth: number): string | undefined {
  if (value instanceof Pid || value instanceof Ref) return String(value);
  if (depth >= depthMax) return undefined;
  if (Array.isArray(value)) {
    if (value.length > entriesMax || depth >= 2) return undefined;
    const items = value.map((item) => plainWords(item, depth + 1));
    return items.includes(undefined) ? undefined : items.length === 0 ? "[]" : `[ ${items.join(", ")} ]`;
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
  let text = "";
  let count = 0;
  for (const [key, member] of Object.entries(value)) {
    const words = plainWords(member, depth + 1);
    count += 1;
    if (words === undefined || count > entriesMax || !/^[a-z_]\w*$/iu.test(key)) return undefined;
    text += `${count > 1 ? ", " : ""}${key}: ${words}`;
  }
  return count === 0 ? "{}" : `{ ${text} }`;
}
