/** A copy of the packages with one mutant in it; the repository itself is never touched, so there is nothing to undo. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import type { Mutant } from "./mutant.ts";

const root = join(import.meta.dirname, "../..");

/** The text of a mutant's file with the mutation in it. @throws Error when the line does not stand there exactly once. */
export function mutate({ id, file, line, mutation }: Mutant): string {
  const text = readFileSync(join(root, file), "utf8");
  const parts = text.split(line);
  if (parts.length !== 2) {
    throw new Error(`the line of the mutant ${id} stands ${String(parts.length - 1)} times in ${file}, and not once`);
  }
  return parts.join(mutation);
}

/** A folder with the packages and the tests, one line of which is another; without a mutant all are as they are. */
export function plant(mutant: Mutant | undefined): { readonly folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "otp-mutant-"));
  const isSource = (path: string): boolean =>
    !/node_modules|^\/?packages\/[^/]+\/dist|\.test(?:-d)?\.ts$/u.test(relative(root, path));
  for (const part of ["packages", "test/simulation/workload", "test/model", "test/mutation"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true, filter: isSource });
  }
  for (const file of ["package.json", "test/package.json"]) cpSync(join(root, file), join(folder, file));
  mkdirSync(join(folder, "node_modules/@otp"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name !== "@otp") symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  }
  for (const name of readdirSync(join(folder, "packages"))) {
    symlinkSync(join(folder, "packages", name), join(folder, "node_modules/@otp", name));
  }
  if (mutant !== undefined) writeFileSync(join(folder, mutant.file), mutate(mutant));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
