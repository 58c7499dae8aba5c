/**
 * Writes one test per example of the documentation to `test/examples/generated/`. Runs before the type check and the
 * tests; a file that would not change is not touched, and one whose example is gone is deleted.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { doorSources } from "../pack/doors.ts";
import { exportsOf } from "../pack/exports.ts";
import { extractExamples } from "./extract.ts";
import { renderTest, testFileName, type Door } from "./render.ts";

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

/**
 * The doors whose names an example may use without importing them: none in Markdown, whose examples are whole programs to be
 * copied; in a doc comment first those of its own package.
 */
function doorsFor(path: string, doors: readonly Door[]): readonly Door[] {
  if (path.endsWith(".md")) return [];
  const own = `@otp/${path.split("/")[1] ?? ""}`;
  const isOwn = ({ name }: Door): boolean => name === own || name.startsWith(`${own}/`);
  return [...doors.filter(isOwn), ...doors.filter((door) => !isOwn(door))];
}

function main(): number {
  const doors = doorSources()
    .filter(({ door }) => !door.endsWith("/internal"))
    .map(({ door, source }) => ({ name: door, exports: exportsOf(source) }));
  const wanted = new Map<string, string>();
  const faults: string[] = [];
  for (const path of documentation()) {
    const extract = extractExamples(path, readFileSync(join(root, path), "utf8"));
    faults.push(...extract.faults);
    const inReach = doorsFor(path, doors);
    for (const example of extract.examples) wanted.set(testFileName(example.place), renderTest(example, inReach));
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
