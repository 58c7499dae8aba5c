/** Reads from the sources what a door of a package exports, types included: what its users may rely on. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The names that the module at `path` exports, sorted; a type alone is marked `type`. */
export function exportsOf(
  path: string,
  read = (file: string): string => readFileSync(file, "utf8"),
): readonly string[] {
  return [...new Set(collect(path, read))].toSorted((a, b) => bare(a).localeCompare(bare(b), "en"));
}

const bare = (name: string): string => name.replace(/^type /, "");

function collect(path: string, read: (file: string) => string): readonly string[] {
  const source = read(path).replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const target = (relative: string): string => join(dirname(path), relative);
  return [
    ...[...source.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = "", list = ""]) => listed(list, type)),
    ...[...source.matchAll(/^export \* as (\w+) from/gm)].map(([, name = ""]) => name),
    ...[...source.matchAll(/^export \* from "([^"]+)"/gm)].flatMap(([, from = ""]) => collect(target(from), read)),
    ...[...source.matchAll(/^export (?:interface|type) (\w+)/gm)].map(([, name = ""]) => `type ${name}`),
    ...[...source.matchAll(/^export (?:async |abstract )?(?:function\*?|class|const) (\w+)/gm)].map(
      ([, name = ""]) => name,
    ),
  ];
}

function listed(list: string, type: string): readonly string[] {
  const names = list.split(",").map((item) => item.trim());
  return names
    .filter((name) => name !== "")
    .map((name) => (type !== "" || name.startsWith("type ") ? "type " : "") + bare(name).replace(/^.* as /, ""));
}
