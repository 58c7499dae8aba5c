/** Reads the repository as text: every file that is ours, and nothing that was built or installed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { textFile, type TextFile } from "./rules.ts";

const root = join(import.meta.dirname, "..", "..");
const foreign = new Set(["node_modules", ".git", ".turbo", "coverage", "generated"]);
const built = /^(?:packages|apps)\/[^/]+\/dist$/;
const text = /\.(?:ts|mjs|js|json|md|yml|yaml|conf|sh|txt)$|(?:^|\/)(?:LICENSE|run|\.gitignore)$/;

/** All text files of the repository. */
export function readTree(): readonly TextFile[] {
  return list("").map((path) => textFile(path, readFileSync(join(root, path), "utf8")));
}

function list(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return foreign.has(entry.name) || built.test(path) ? [] : list(path);
    return entry.isFile() && text.test(path) ? [path] : [];
  });
}
