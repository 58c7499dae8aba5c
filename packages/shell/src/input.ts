/**
 * What was typed becomes a script: types are taken out, top-level `await` is wrapped, and what is declared becomes a property
 * of the global object, so that it can be declared again and forgotten.
 */
import { Script } from "node:vm";

import { transformSync } from "esbuild";

/** A script to run, a text that goes on in the next line, or what is wrong with it. */
export type Prepared =
  | { readonly kind: "script"; readonly code: string }
  | { readonly kind: "incomplete" }
  | { readonly kind: "fault"; readonly error: Error };

/** Prepares one input, TypeScript or JavaScript. */
export function prepare(text: string): Prepared {
  const typed = withDynamicImports(text.trim());
  if (typed === "") return { kind: "script", code: "" };
  const plain = asScript(typed);
  if (plain !== undefined) return { kind: "script", code: plain };
  const stripped = stripTypes(typed);
  if (typeof stripped !== "string") return stripped;
  const code = asScript(stripped);
  return code === undefined ? { kind: "fault", error: faultOf(stripped) } : { kind: "script", code };
}

/** The text as a script, if it is JavaScript; its value is that of its last expression, or a promise of it. */
function asScript(text: string): string | undefined {
  const code = withoutDeclaration(text);
  const expression = `(${code.replace(/;\s*$/u, "")}\n)`;
  const candidates = [
    // An object before a block, as one expects of a prompt.
    ...(code.startsWith("{") ? [expression] : []),
    code,
    `(async () => ${expression})()`,
    ...withReturns(code),
    `(async () => {\n${code}\n})()`,
  ];
  return candidates.find(isScript);
}

/**
 * The text as the body of a function that gives the value of its last expression.
 *
 * @yields one for each place where that may begin, the last first.
 */
function* withReturns(code: string): Generator<string> {
  const text = code.replace(/;\s*$/u, "");
  let at = text.length;
  // Nobody types more statements behind one another, and each is tried.
  for (let tries = 0; tries < 50; tries += 1) {
    at = text.lastIndexOf(";", at - 1);
    if (at <= 0) return;
    yield `(async () => {\n${text.slice(0, at)};\nreturn (${text.slice(at + 1)}\n)})()`;
  }
}

/** A first declaration is what a prompt is about; the others of a longer input stay what they are. */
function withoutDeclaration(text: string): string {
  return text
    .replace(/^(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=(?![=>])/u, "$1 =")
    .replace(/^(?:let|var)\s+([A-Za-z_$][\w$]*)\s*;?$/u, "$1 = undefined")
    .replace(/^(?:const|let|var)\s*([{[][^;]*);?$/u, "($1)")
    .replace(/^class\s+([A-Za-z_$][\w$]*)/u, "$1 = class $1")
    .replace(/^(async\s+)?function(\s*\*)?\s+([A-Za-z_$][\w$]*)/u, "$3 = $1function$2 $3");
}

/** Scripts have no `import` declarations; the function does the same. */
function withDynamicImports(text: string): string {
  const from = String.raw`\s+from\s+(["'][^"']+["'])\s*;?\s*$`;
  return text
    .replace(/^import\s+type\s[^;]*$/u, "")
    .replace(new RegExp(String.raw`^import\s+\{([^}]*)\}${from}`, "u"), (_all, names: string, source: string) => {
      const wanted = names.split(",").filter((name) => name.trim() !== "" && !/^\s*type\s/u.test(name));
      return `void ({${wanted.join(",").replaceAll(/\s+as\s+/gu, ": ")}} = await import(${source}))`;
    })
    .replace(new RegExp(String.raw`^import\s+\*\s+as\s+([\w$]+)${from}`, "u"), "$1 = await import($2)")
    .replace(new RegExp(String.raw`^import\s+([\w$]+)${from}`, "u"), "$1 = (await import($2)).default")
    .replace(/^import\s+(["'][^"']+["'])\s*;?$/u, "await import($1)");
}

function isScript(code: string): boolean {
  try {
    return new Script(code) instanceof Script;
  } catch (error) {
    if (isSyntaxError(error)) return false;
    throw error;
  }
}

function faultOf(code: string): Error {
  try {
    return new SyntaxError(`${new Script(code) instanceof Script ? code : ""} is no statement that a prompt can take`);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The text without its types, or why there is none. */
function stripTypes(text: string): string | Prepared {
  try {
    const { code } = transformSync(text, {
      loader: "ts",
      logLevel: "silent",
      target: "esnext",
      tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } },
    });
    return code.trim();
  } catch (error) {
    const [fault] = errorsOf(error);
    if (fault === undefined) throw error;
    const isOpenTemplate = fault.startsWith("Unterminated string") && text.split("`").length % 2 === 0;
    if (
      isOpenTemplate ||
      /^Unexpected end of file|^Unterminated template|^Expected "\*\/"|but found end of file/u.test(fault)
    ) {
      return { kind: "incomplete" };
    }
    return { kind: "fault", error: new SyntaxError(fault) };
  }
}

function errorsOf(error: unknown): string[] {
  if (typeof error !== "object" || error === null || !("errors" in error) || !Array.isArray(error.errors)) return [];
  return error.errors.map((one: unknown) =>
    typeof one === "object" && one !== null && "text" in one ? String(one.text) : String(one),
  );
}

function isSyntaxError(error: unknown): boolean {
  return error instanceof Error && error.name === "SyntaxError";
}
