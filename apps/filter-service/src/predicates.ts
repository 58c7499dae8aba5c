/**
 * The predicates that records and lines can be filtered by: functions registered under a name, so that they can run on
 * another node, and the little language in which the command line asks for them.
 */
import { ArgumentError, remote, type RemoteFunction } from "@otp/core";

/** A line of text, or a record. */
type Item = unknown;

/** Decides whether an item is kept; can be sent to the node that does the filtering. */
export type Predicate = RemoteFunction<(item: Item) => boolean>;

/** The value at a dotted path inside a record. */
function at(item: Item, path: string): unknown {
  let value: unknown = item;
  for (const field of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, field)) return undefined;
    value = Reflect.get(value, field);
  }
  return value;
}

/** What of an item is searched for text: a line itself, a record as JSON. */
function textOf(item: Item): string {
  return typeof item === "string" ? item : JSON.stringify(item);
}

function compare(value: unknown, bound: string): number | undefined {
  if (typeof value === "number") return Number.isNaN(Number(bound)) ? undefined : value - Number(bound);
  return typeof value === "string" ? value.localeCompare(bound, "en") : undefined;
}

const contains = remote("filter/contains", (text: string, item: Item): boolean => textOf(item).includes(text));
const matches = remote("filter/matches", (source: string, item: Item): boolean =>
  new RegExp(source, "u").test(textOf(item)),
);
const has = remote("filter/has", (path: string, item: Item): boolean => at(item, path) !== undefined);
const equals = remote(
  "filter/eq",
  (path: string, value: string, item: Item): boolean => String(at(item, path)) === value,
);
const greater = remote("filter/gt", (path: string, bound: string, item: Item): boolean => {
  const order = compare(at(item, path), bound);
  return order !== undefined && order > 0;
});
const less = remote("filter/lt", (path: string, bound: string, item: Item): boolean => {
  const order = compare(at(item, path), bound);
  return order !== undefined && order < 0;
});
const not = remote("filter/not", (predicate: Predicate, item: Item): boolean => !predicate(item));

/** The predicates in words, for `--help`. */
export const predicateHelp = `Predicates:
  contains:TEXT        the line, or the record as JSON, contains TEXT
  matches:REGEX        … matches the regular expression
  has:FIELD            the record has the field; dots lead inside (engines.node)
  eq:FIELD:VALUE       the field, as text, is VALUE
  gt:FIELD:VALUE       the field is greater; as a number where it is one, else as text
  lt:FIELD:VALUE       the field is less
  not:PREDICATE        the opposite`;

/** Reads a predicate such as `has:license` or `not:gt:size:1000`. @throws ArgumentError that says what is wrong with it. */
export function parsePredicate(text: string): Predicate {
  const [kind, rest] = split(text);
  if (rest === undefined || rest === "") throw bad(text, `expected something behind "${kind}:"`);
  switch (kind) {
    case "contains":
      return remote.bind(contains, rest);
    case "matches":
      return remote.bind(matches, checkRegex(text, rest));
    case "has":
      return remote.bind(has, rest);
    case "eq":
      return remote.bind(equals, ...fieldAndValue(text, rest));
    case "gt":
      return remote.bind(greater, ...fieldAndValue(text, rest));
    case "lt":
      return remote.bind(less, ...fieldAndValue(text, rest));
    case "not":
      return remote.bind(not, parsePredicate(rest));
    default:
      throw bad(text, `"${kind}" is none of contains, matches, has, eq, gt, lt, not`);
  }
}

function split(text: string): [string, string | undefined] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}

function fieldAndValue(text: string, rest: string): [string, string] {
  const [field, value] = split(rest);
  if (field === "" || value === undefined) throw bad(text, "expected FIELD:VALUE");
  return [field, value];
}

function checkRegex(text: string, source: string): string {
  try {
    void new RegExp(source, "u");
    return source;
  } catch (error) {
    throw bad(text, error instanceof Error ? error.message : String(error));
  }
}

function bad(text: string, why: string): ArgumentError {
  return new ArgumentError(`bad predicate ${JSON.stringify(text)}: ${why}`);
}
