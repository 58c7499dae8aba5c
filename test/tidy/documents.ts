/** What the documents promise: links that lead somewhere, and invariants that a guard keeps and a test attacks. */
import { posix } from "node:path";

import type { TextFile } from "./rules.ts";

/** Reports links of the Markdown `file` to files that are not in `paths`, or to headings that are not in them. */
export function checkLinks(file: TextFile, texts: ReadonlyMap<string, string>): readonly string[] {
  const prose = withoutCode(file.text);
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)].flatMap(([, target = ""]) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [relative = "", anchor] = target.split("#");
    const path = relative === "" ? file.path : posix.join(posix.dirname(file.path), decodeURI(relative));
    const folder = path.replace(/\/$/, "");
    const isFolder = [...texts.keys()].some((known) => known.startsWith(`${folder}/`));
    const text = texts.get(path);
    if (text === undefined) return isFolder ? [] : [`links to ${target}, which does not exist`];
    return anchor === undefined || !path.endsWith(".md") || headings(text).has(anchor)
      ? []
      : [`links to ${target}, a heading that ${path} does not have`];
  });
}

/** The ids of headings, made as Git hosts make them. */
function headings(text: string): ReadonlySet<string> {
  const slugs = [...withoutFences(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-"),
  );
  return new Set(slugs);
}

const withoutFences = (text: string): string => text.replaceAll(/^(`{3,})[\s\S]*?^\1/gm, "");
const withoutCode = (text: string): string => withoutFences(text).replaceAll(/`[^`\n]*`/g, "");

/** One row of INVARIANTS.md: the files it names as its guards and tests. */
interface Invariant {
  readonly id: string;
  readonly guards: readonly string[];
  readonly tests: readonly string[];
}

/**
 * Reports where INVARIANTS.md disagrees with the guards in the sources and the titles of the tests: an invariant that is
 * cited and has no row, a row that names a file which does not cite it.
 */
export function checkInvariants(table: string, files: readonly TextFile[]): readonly string[] {
  const rows = invariantRows(table);
  const guarded = citations(
    files.filter(({ path }) => !isTestFile(path)),
    guardIds,
  );
  const tested = citations(
    files.filter(({ path }) => isTestFile(path)),
    titleIds,
  );
  const listed = new Set(rows.map(({ id }) => id));
  const known = new RegExp(`^[${[...new Set(rows.map(({ id }) => id.charAt(0)))].join("")}]\\d+$`);
  return [
    ...rows.flatMap((row) => [
      ...absent(row, "guard", guarded.get(row.id) ?? []),
      ...absent(row, "test", tested.get(row.id) ?? []),
    ]),
    ...[...guarded.keys()].filter((id) => !listed.has(id)).map((id) => `${id} has a guard and no row`),
    ...[...tested.keys()].filter((id) => known.test(id) && !listed.has(id)).map((id) => `${id} has a test and no row`),
    ...rows.filter(({ id }, at) => rows.findIndex((row) => row.id === id) !== at).map(({ id }) => `${id} has two rows`),
  ];
}

/** Files that a row names and that do not cite its invariant. */
function absent(row: Invariant, kind: "guard" | "test", real: readonly string[]): readonly string[] {
  return row[`${kind}s`]
    .filter((name) => !real.some((path) => path === name || path.endsWith(`/${name}`)))
    .map((name) => `${row.id} names ${name} as its ${kind}, which does not cite it`);
}

function invariantRows(table: string): readonly Invariant[] {
  const rows = table.matchAll(/^\| *([A-Z]\d+) *\|(?:[^|\n]*)\|([^|\n]*)\|([^|\n]*)\|/gm);
  return [...rows].map(([, id = "", guards = "", tests = ""]) => ({ id, guards: names(guards), tests: names(tests) }));
}

const names = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
const isTestFile = (path: string): boolean => path.endsWith(".test.ts");

function citations(files: readonly TextFile[], find: (text: string) => readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path, text } of files) {
    for (const id of new Set(find(text))) found.set(id, [...(found.get(id) ?? []), path]);
  }
  return found;
}

function guardIds(text: string): readonly string[] {
  const calls = text.matchAll(/\b(?:invariant\([^"]*?,\s*|InvariantError\(\s*|say\(\s*)"([A-Z]\d+)"/g);
  return [...calls].map(([, id = ""]) => id);
}

function titleIds(text: string): readonly string[] {
  const titles = text.matchAll(
    /\b(?:describe|it|test)(?:\.[\w.]+(?:\([^\n]*?\))?)?\(\s*["'`]((?:[^"'`\\]|\\.)*)["'`]/g,
  );
  return [...titles].flatMap(([, title = ""]) => title.match(/(?<![\w-])[A-Z]\d+(?![\w-])/g) ?? []);
}
