/** The linter's configuration, attacked: each house rule meets a file that breaks it, and one that may. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");

/** File, what it says, and the rule that must report it; no rule where the file must pass. */
const planted: readonly (readonly [file: string, rule: string | undefined, source: string])[] = [
  ["packages/core/src/node/long.ts", "max-lines", "export const x = 1;\n".padEnd(400, "\n")],
  ["packages/core/src/node/tall.ts", "max-lines-per-function", `export function tall(): void {${"\n".repeat(75)}}`],
  [
    "packages/core/src/node/wide.ts",
    "max-params",
    "export const f = (a: 1, b: 2, c: 3, d: 4, e: 5): number => a + b + c + d + e;",
  ],
  ["packages/core/src/node/BadName.ts", "filename-case", "export const x = 1;"],
  ["packages/core/src/node/door.ts", "no-default-export", "export default 1;"],
  [
    "packages/core/src/node/cycle-a.ts",
    "no-cycle",
    'import { b } from "./cycle-b.ts";\nexport const a = (): number => b();',
  ],
  [
    "packages/core/src/node/cycle-b.ts",
    "no-cycle",
    'import { a } from "./cycle-a.ts";\nexport const b = (): number => a();',
  ],
  ["packages/core/src/node/anything.ts", "no-explicit-any", "export const x = (y: any): void => void y;"],
  ["packages/core/src/node/bang.ts", "no-non-null-assertion", "export const x = (y?: string): string => y!;"],
  ["packages/core/src/node/unsafe.ts", "no-unsafe-return", 'export const x = (): number => JSON.parse("1");'],
  ["packages/core/src/node/ignored.ts", "ban-ts-comment", "// @ts-ignore\nexport const x: number = 1;"],
  [
    "packages/core/src/node/floating.ts",
    "no-floating-promises",
    "export function f(p: Promise<void>): void {\n  p;\n}",
  ],
  [
    "packages/core/src/node/misused.ts",
    "no-misused-promises",
    "export const f = (p: Promise<void>): number => (p ? 1 : 2);",
  ],
  [
    "packages/core/src/node/switch.ts",
    "switch-exhaustiveness-check",
    'export function f(x: "a" | "b"): void {\n  switch (x) {\n    case "a":\n      break;\n  }\n}',
  ],
  ["packages/core/src/node/thrown.ts", "only-throw-error", 'export function f(): void {\n  throw "x";\n}'],
  ["packages/core/src/node/untyped.ts", "explicit-module-boundary-types", "export function f() {\n  return 1;\n}"],
  ["packages/core/src/node/loud.ts", "no-console", "export const f = (): void => console.log(1);"],
  ["packages/core/src/node/date-now.ts", "no-restricted-properties", "export const f = (): number => Date.now();"],
  ["packages/core/src/node/math.ts", "no-restricted-properties", "export const f = (): number => Math.random();"],
  ["packages/core/src/node/tick.ts", "no-restricted-properties", "export const f = (): void => process.nextTick(f);"],
  ["packages/core/src/node/clock.ts", "no-restricted-globals", "export const f = (): number => performance.now();"],
  ["packages/core/src/node/timeout.ts", "no-restricted-globals", "export const f = (): unknown => setTimeout(f, 1);"],
  ["packages/core/src/node/interval.ts", "no-restricted-globals", "export const f = (): unknown => setInterval(f, 1);"],
  ["packages/core/src/node/immediate.ts", "no-restricted-globals", "export const f = (): unknown => setImmediate(f);"],
  ["packages/core/src/node/microtask.ts", "no-restricted-globals", "export const f = (): void => queueMicrotask(f);"],
  ["packages/core/src/node/uuid.ts", "no-restricted-globals", "export const f = (): string => crypto.randomUUID();"],
  [
    "packages/core/src/node/random.ts",
    "no-restricted-imports",
    'import { randomBytes } from "node:crypto";\nexport const f = (): unknown => randomBytes(1);',
  ],
  [
    "packages/core/src/node/context.ts",
    "no-restricted-imports",
    'import { AsyncLocalStorage } from "node:async_hooks";\nexport const f = (): unknown => new AsyncLocalStorage();',
  ],
  [
    "packages/genserver/src/deep.ts",
    "no-restricted-imports",
    'import type { Pid } from "@otp/core/src/term/pid.ts";\nexport type X = Pid;',
  ],
  [
    "apps/shop/src/inner.ts",
    "no-restricted-imports",
    'import { invariant } from "@otp/core/internal";\nexport const f = invariant;',
  ],
  ["apps/shop/src/later.ts", "no-restricted-globals", "export const f = (): unknown => setTimeout(f, 1);"],
  ["apps/shop/src/main.ts", undefined, "export const f = (): unknown => setTimeout(f, 1);"],
  ["packages/core/src/runtime/system.ts", undefined, "export const f = (): unknown => setTimeout(f, Date.now());"],
  ["packages/core/src/node/timer.test.ts", undefined, "export const f = () => setTimeout(f, Date.now());"],
  [
    "packages/genserver/src/door.ts",
    undefined,
    'import { invariant } from "@otp/core/internal";\nexport const f: typeof invariant = invariant;',
  ],
  ["vite.config.ts", undefined, "export default {};"],
];

/** Runs the linter over `files` in a world of their own, and returns the rules reported per file. */
function lint(world: string): Map<string, Set<string>> {
  const roots = ["packages", "apps", "vite.config.ts"];
  const run = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--format", "json", ...roots], {
    cwd: world,
    encoding: "utf8",
  });
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] };
  const reported = new Map<string, Set<string>>();
  for (const { code, filename } of diagnostics) {
    const rule = code.replace(/^.*\((.*)\)$/, "$1");
    reported.set(filename, (reported.get(filename) ?? new Set()).add(rule));
  }
  return reported;
}

describe("the linter", () => {
  const world = mkdtempSync(join(tmpdir(), "otp-lint-"));
  let reported = new Map<string, Set<string>>();

  beforeAll(() => {
    for (const file of [".oxlintrc.json", "tsconfig.base.json"]) copyFileSync(join(root, file), join(world, file));
    symlinkSync(join(root, "node_modules"), join(world, "node_modules"));
    const config = {
      extends: "./tsconfig.base.json",
      compilerOptions: { noEmit: true, allowImportingTsExtensions: true },
    };
    writeFileSync(join(world, "tsconfig.json"), JSON.stringify({ ...config, include: ["packages", "apps", "*.ts"] }));
    for (const [file, , source] of planted) {
      mkdirSync(dirname(join(world, file)), { recursive: true });
      writeFileSync(join(world, file), `${source}\n`);
    }
    reported = lint(world);
  }, 30_000);

  afterAll(() => rmSync(world, { recursive: true }));

  it.each(planted.filter(([, rule]) => rule !== undefined))("in %s reports %s", (file, rule) => {
    expect([...(reported.get(file) ?? [])]).toContain(rule);
  });

  it.each(planted.filter(([, rule]) => rule === undefined))("lets %s pass", (file) => {
    expect([...(reported.get(file) ?? [])]).toEqual([]);
  });
});
