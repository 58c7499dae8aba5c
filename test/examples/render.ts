/**
 * Turns an example into a test. Imports go to the top; the rest becomes the body of one asynchronous test, so that `await`
 * and `await using` work as they do in a module. A comment `// => value` behind a statement becomes an assertion about its
 * value, and `// => throws ArgumentError` one about the error it throws or rejects with.
 *
 * An example of a doc comment need not set the stage: names of our packages are imported for it, and where it speaks of
 * `self` or `node` without making one, it runs in a process, or beside a node, of its own.
 */
import { maskProse } from "../tidy/mask.ts";
import type { Example } from "./extract.ts";

/** An entry point of a package, and what it exports; types are marked `type`. */
export interface Door {
  readonly name: string;
  readonly exports: readonly string[];
}

/**
 * The source of a test file that runs `example`. When it may lean on `doors`, names that it uses and does not have are
 * imported from the first of them that has them.
 */
export function renderTest({ place, code }: Example, doors: readonly Door[] = []): string {
  const { imports, body } = hoistImports(code);
  const stage = doors.length === 0 ? noStage : stageFor(maskProse(code));
  const lines = [
    `/** Made from ${place}. */`,
    'import { expect as expectValue, it as runExample } from "vitest";',
    ...stage.imports,
    ...missingImports(code, doors),
    ...imports,
    "",
    `runExample(${JSON.stringify(place)}, async () => {`,
    ...stage.opening,
    ...assertValues(body),
    ...stage.closing,
    "});",
    "",
  ];
  return lines.join("\n");
}

interface Stage {
  readonly imports: readonly string[];
  readonly opening: readonly string[];
  readonly closing: readonly string[];
}

const noStage: Stage = { imports: [], opening: [], closing: [] };

/** A node, and a process on it, for an example that has none. */
function stageFor(whole: string): Stage {
  const masked = withoutClassBodies(whole);
  const lacks = (name: string): boolean => {
    const isUsed = new RegExp(`(?<![.\\w])${name}\\b(?!\\s*:)`).test(masked);
    return (
      isUsed &&
      !new RegExp(
        `\\b(?:const|let|using) ${name}\\b|[(,] *${name}(?:: [\\w<>]+)? *(?:,[^()\\n]*)?\\)(?:: [^{=\\n]+)? *(?:=>|\\{)`,
      ).test(masked)
    );
  };
  const imports = ['import { Node as ExampleNode } from "@otp/core";'];
  const node = "await using node = await ExampleNode.start();";
  if (!lacks("self")) return lacks("node") ? { ...noStage, imports, opening: [node] } : noStage;
  return {
    imports,
    opening: [
      node,
      "await new Promise<void>((resolve, reject) => {",
      "node.spawn(async (self) => {",
      "const play = async (): Promise<void> => {",
    ],
    closing: ["};", "await play().then(resolve, reject);", "});", "});"],
  };
}

/** What a method calls its parameters says nothing about the names outside. */
function withoutClassBodies(masked: string): string {
  let kept = "";
  let depth = 0;
  let rest = masked;
  for (let start = rest.search(/\bclass \w/); start >= 0; start = rest.search(/\bclass \w/)) {
    kept += rest.slice(0, start);
    rest = rest.slice(start);
    let at = rest.indexOf(" {\n");
    depth = at < 0 ? 0 : 1;
    for (at += 2; depth > 0 && at < rest.length; at += 1) depth += rest[at] === "{" ? 1 : rest[at] === "}" ? -1 : 0;
    rest = rest.slice(Math.max(at, 6));
  }
  return kept + rest;
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

/** Imports of what `code` mentions and neither imports nor declares. */
function missingImports(code: string, doors: readonly Door[]): readonly string[] {
  const masked = maskProse(code);
  const used = new Set(masked.match(/(?<![.\w$]|\?\.)[A-Za-z_$][\w$]*(?!\w*\s*:(?!:))/g));
  const own = /\b(?:const|let|class|function\*?|interface|type|import)\s+(?:type\s+)?(\w+|\{[^}]*\}|\[[^\]]*\])/g;
  const taken = new Set([...masked.matchAll(own)].flatMap(([, names = ""]) => names.match(/\w+/g) ?? []));
  return doors.flatMap((door) => {
    const names = door.exports.filter((entry) => {
      const name = entry.replace(/^type /, "");
      if (!used.has(name) || taken.has(name)) return false;
      taken.add(name);
      return true;
    });
    return names.length === 0 ? [] : [`import { ${names.join(", ")} } from ${JSON.stringify(door.name)};`];
  });
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
