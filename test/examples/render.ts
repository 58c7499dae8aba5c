/**
 * Turns an example into a test. Imports go to the top; the rest becomes the body of one asynchronous test, so that `await`
 * and `await using` work as they do in a module. A comment `// => value` behind a statement becomes an assertion about its
 * value, and `// => throws ArgumentError` one about the error it throws or rejects with.
 */
import { maskProse } from "../tidy/mask.ts";
import type { Example } from "./extract.ts";

/** The source of a test file that runs `example`. */
export function renderTest({ place, code }: Example): string {
  const { imports, body } = hoistImports(code);
  const lines = [
    `/** Made from ${place}. */`,
    'import { expect as expectValue, it as runExample } from "vitest";',
    ...imports,
    "",
    `runExample(${JSON.stringify(place)}, async () => {`,
    ...assertValues(body),
    "});",
    "",
  ];
  return lines.join("\n");
}

/** A name for the test file of an example. */
export function testFileName(place: string): string {
  return `${place.replaceAll(/[^A-Za-z0-9]+/g, "-").toLowerCase()}.test.ts`;
}

function hoistImports(code: string): { readonly imports: readonly string[]; readonly body: string } {
  const imports = new Set<string>();
  const body = code.replaceAll(/^import\b(?!\s*\()[\s\S]*?["'][^"'\n]+["'][^\n]*\n?/gm, (statement) => {
    imports.add(statement.trimEnd());
    return "";
  });
  return { imports: [...imports], body: body.replaceAll(/^export (?=\w)(?!default)/gm, "") };
}

/** The lines of `body`, with an assertion behind or around each statement that tells its value. */
function assertValues(body: string): readonly string[] {
  const lines: string[] = [];
  for (const line of body.trimEnd().split("\n")) {
    const comment = toldAt(line);
    lines.push(comment === -1 ? line : line.slice(0, comment).trimEnd());
    if (comment !== -1) lines.push(assertion(takeStatement(lines), line.slice(comment + "// =>".length).trim()));
  }
  return lines;
}

/** Where the comment `// => …` of `line` starts, -1 when it has none; the same characters in a string are no comment. */
function toldAt(line: string): number {
  const code = maskProse(line).trimEnd();
  const comment = line.indexOf("// =>", code.length);
  return code.trim() === "" ? -1 : comment;
}

/** Removes the statement that ends with the last of `lines`, going back until its brackets are closed. */
function takeStatement(lines: string[]): string {
  let statement = lines.pop() ?? "";
  while (lines.length > 0 && !isWhole(statement)) statement = `${lines.pop() ?? ""}\n${statement}`;
  return statement.trim().replace(/;$/, "");
}

function isWhole(statement: string): boolean {
  const code = maskProse(statement);
  const count = (pattern: RegExp): number => code.match(pattern)?.length ?? 0;
  return count(/[([{]/g) === count(/[)\]}]/g) && !/^\s*[.?:)\]}]/.test(code);
}

function assertion(statement: string, told: string): string {
  const [, name] = /^(?:const|let)\s+(\w+)\b/.exec(statement) ?? /^(\w+)\s*=[^=>]/.exec(statement) ?? [];
  if (name !== undefined) return `${statement};\nexpectValue(${name}).toEqual(${told});`;
  const expression = /^console\.log\(([\s\S]*)\)$/.exec(statement)?.[1] ?? statement;
  const error = /^throws (\w+)$/.exec(told)?.[1];
  if (error === undefined) return `expectValue(${expression}).toEqual(${told});`;
  return `await expectValue((async () => ${expression})()).rejects.toMatchObject({ name: ${JSON.stringify(error)} });`;
}
