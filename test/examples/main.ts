/**
 * Writes one test per example of the documentation to `test/examples/generated/`. Runs before the type check and the
 * tests; a file that would not change is not touched, and one whose example is gone is deleted.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { extractExamples } from "./extract.ts";
import { renderTest, testFileName } from "./render.ts";

const root = join(import.meta.dirname, "..", "..");
const generated = join(import.meta.dirname, "generated");

/** Files of `folder` and below, from the root, whose path matches. */
function filesIn(folder: string, pattern: RegExp): readonly string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    )
    .filter((path) => pattern.test(path) && !path.includes("node_modules/"));
}

/** Everything that may hold examples. */
function documentation(): readonly string[] {
  return [
    ...(existsSync(join(root, "README.md")) ? ["README.md"] : []),
    ...filesIn("docs/guide", /\.md$/),
    ...filesIn("packages", /^packages\/[^/]+\/(?:README\.md|src\/.*(?<!\.test|\.test-d)\.ts)$/),
    ...filesIn("apps", /^apps\/[^/]+\/README\.md$/),
  ].toSorted();
}

function main(): number {
  const wanted = new Map<string, string>();
  const faults: string[] = [];
  for (const path of documentation()) {
    const extract = extractExamples(path, readFileSync(join(root, path), "utf8"));
    faults.push(...extract.faults);
    for (const example of extract.examples) wanted.set(testFileName(example.place), renderTest(example));
  }
  mkdirSync(generated, { recursive: true });
  const present = new Set(readdirSync(generated));
  for (const name of present) if (!wanted.has(name)) rmSync(join(generated, name), { recursive: true });
  let written = 0;
  for (const [name, text] of wanted) {
    const file = join(generated, name);
    if (present.has(name) && readFileSync(file, "utf8") === text) continue;
    writeFileSync(file, text);
    written += 1;
  }
  console.log(`examples: ${wanted.size} in the documentation, ${written} written anew`);
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}

process.exitCode = main();
