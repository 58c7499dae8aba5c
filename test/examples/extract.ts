/**
 * Finds the examples of the documentation: `ts` fences in Markdown, and those in doc comments of TypeScript sources.
 *
 * A fence marked `ts continues` goes on where the last one of its file ended; one marked `ts ignore` is left out, and says
 * why in a comment on its first line. What is neither is a program that must compile and run.
 */

/** A program that stands in the documentation. */
export interface Example {
  /** File and line of its first line, as `docs/guide/servers.md:12`. */
  readonly place: string;
  readonly code: string;
}

/** The examples of one file, and what is wrong with its fences. */
export interface Extract {
  readonly examples: readonly Example[];
  readonly faults: readonly string[];
}

interface Block {
  readonly line: number;
  readonly mark: string;
  readonly code: string;
}

/** Extracts the examples of a Markdown or TypeScript file. */
export function extractExamples(path: string, text: string): Extract {
  const blocks = path.endsWith(".md") ? fencesOf(text, 1) : commentsOf(text).flatMap(blocksOfComment);
  const examples: Example[] = [];
  const faults: string[] = [];
  for (const { line, mark, code } of blocks) {
    const place = `${path}:${line}`;
    const last = examples.at(-1);
    if (mark === "ignore") {
      if (!/^\s*\/\/ \S/.test(code))
        faults.push(`${place}: an ignored example says why in a comment on its first line`);
    } else if (mark === "continues") {
      if (last === undefined) faults.push(`${place}: there is no example before it to continue`);
      else examples.splice(-1, 1, { place: last.place, code: `${last.code}\n${code}` });
    } else if (mark === "") {
      examples.push({ place, code });
    } else {
      faults.push(`${place}: "${mark}" is neither "continues" nor "ignore"`);
    }
  }
  return { examples, faults };
}

/** The `ts` fences of `text`, whose first line is line `first` of the file. */
function fencesOf(text: string, first: number): readonly Block[] {
  const fences = text.matchAll(/^( *)(`{3,})(\S*)[ \t]*([^\n]*)\n([\s\S]*?)^ *\2[ \t]*$/gm);
  return [...fences].flatMap((fence) => {
    const [, indent = "", , language = "", mark = "", code = ""] = fence;
    if (language !== "ts" && language !== "typescript") return [];
    const line = first + lineAt(text, fence.index) + 1;
    return [{ line, mark: mark.trim(), code: code.replaceAll(new RegExp(`^ {0,${indent.length}}`, "gm"), "") }];
  });
}

interface Comment {
  readonly line: number;
  readonly text: string;
}

/** The doc comments of a source file, without their stars. */
function commentsOf(source: string): readonly Comment[] {
  const comments = source.matchAll(/^ *\/\*\*[\s\S]*?\*\//gm);
  return [...comments].map((comment) => ({
    line: lineAt(source, comment.index) + 1,
    text: comment[0].replace(/ *\*\/$/, "").replaceAll(/^ *(?:\/\*\*|\*) ?/gm, ""),
  }));
}

/** The fences of a doc comment, and each `@example` that is code without a fence. */
function blocksOfComment({ line, text }: Comment): readonly Block[] {
  const unfenced = [...text.matchAll(/^@example[ \t]*\n([\s\S]*?)(?=^@|(?![\s\S]))/gm)].flatMap((example) => {
    const [, code = ""] = example;
    if (/^ *```/m.test(code) || code.trim() === "") return [];
    return [{ line: line + lineAt(text, example.index) + 1, mark: "", code }];
  });
  return [...fencesOf(text, line), ...unfenced].toSorted((a, b) => a.line - b.line);
}

/** How many lines end before `index`. */
function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length - 1;
}
