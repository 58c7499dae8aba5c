/**
 * The house rules that no linter knows, as pure functions from a file to what is wrong with it. Each is attacked by a
 * planted fault in `rules.test.ts`.
 */
import { basename } from "node:path";

import { maskProse } from "./mask.ts";

/** One text file of the repository. */
export interface TextFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text without comments and the insides of strings; masked once. */
  readonly code: string;
}

/** A file as the rules see it. */
export function textFile(path: string, text: string): TextFile {
  return { path, text, code: path.endsWith(".ts") ? maskProse(text) : text };
}

/** Reports what is wrong with a file, one sentence each. */
export type Rule = (file: TextFile) => readonly string[];

export const isTest = (path: string): boolean => /\.test(-d)?\.ts$/.test(path) || path.startsWith("test/");

/** Rules for every TypeScript file. */
export const sourceRules: Readonly<Record<string, Rule>> = {
  "opens with a doc comment": ({ path, text }) => {
    if (/\.test(-d)?\.ts$/.test(path)) return [];
    return /^(#!.*\n)?\/\*\*[\s\S]*?\*\//.test(text) ? [] : ["does not say what it is, and why, in its first line"];
  },

  "documents what it exports": ({ path, text }) => {
    if (isTest(path)) return [];
    // Constants stand in groups, and one comment may speak for a group.
    const bare = /(?<!\*\/\n|^)(?<=\n)export (?:async |abstract )*(?:function\*?|class|interface|type) \w+/g;
    return found(text, bare, (line) => `"${line}" has no doc comment`);
  },

  "is at most 300 lines": ({ text }) => {
    const lines = text.trimEnd().split("\n").length;
    return lines > 300 ? [`has ${lines} lines; cut it where the idea changes`] : [];
  },

  "is named in kebab-case for its idea": ({ path }) => {
    const name = basename(path).replace(/(\.test|\.test-d|\.config)?\.(ts|mjs)$/, "");
    if (/^(utils?|helpers?|common|misc|types|manager|data|impl)$/.test(name)) return [`${name} is not an idea`];
    return /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) ? [] : [`${name} is not kebab-case`];
  },

  "leaves nothing undone without an issue": ({ text }) =>
    found(
      text,
      /\b(?:TO(?:DO)|FIX(?:ME)|XX(?:X)|HA(?:CK))\b(?!\(#\d+\))/g,
      (word) => `${word} names no issue: ${word}(#12)`,
    ),

  "runs all of its tests": ({ code }) =>
    found(code, /\b(?:it|test|describe|suite)(?:\.\w+)*\.(?:only|skip|todo)\b/g, (call) => `${call} hides tests`),

  "does not silence the compiler": ({ path, text, code }) => {
    if (/\.test(-d)?\.ts$/.test(path)) return [];
    return [
      ...found(code, /\bas (?:any|unknown\s+as|never)\b/g, (cast) => `"${cast}" silences the compiler`),
      ...found(text, /@ts-(?:ignore|nocheck)\b/g, (comment) => `${comment} silences the compiler`),
    ];
  },

  "keeps no state of its own": ({ path, code }) =>
    isTest(path) ? [] : found(code, /^(?:export )?(?:let|var) \w+/gm, (line) => `"${line}": a node owns all state`),

  "hides with #": ({ code }) =>
    found(code, /^\s+(?:private|public) (?!constructor\b)\w+/gm, (line) => `"${line.trim()}": use # or nothing`),

  "asks the Runtime for the date": ({ path, code }) => {
    if (isTest(path) || path.startsWith("packages/core/src/runtime/")) return [];
    return found(code, /\bnew Date\(\s*\)|(?<!new )(?<![.\w])Date\(/g, (call) => `${call} reads the clock`);
  },

  "names and codes its errors after their class": ({ path, text }) => (isTest(path) ? [] : errorFaults(text)),

  "gives each test a title of its own": ({ text }) => repeatedTitles(text),
};

/** Rules for every file of the repository, whatever its kind. */
export const fileRules: Readonly<Record<string, Rule>> = {
  "speaks of no machine": ({ text }) => [
    ...found(text, /(?<![\w.~/-])\/(?:work|farm)\/\w*/g, (path) => `${path} is a place on one machine`),
    ...found(text, /"resolved": "https?:[^"]*"/g, (line) => `${line}: a host of one registry`),
    ...found(text, /https?:\/\/[^\s"')]*registry[^\s"')]*/g, (url) => `${url}: a host of one registry`),
  ],
};

function found(text: string, pattern: RegExp, say: (match: string) => string): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    return `line ${line}: ${say(match[0].trim())}`;
  });
}

function errorFaults(text: string): readonly string[] {
  const classes = text.matchAll(/^(?:export )?class (\w+)(?:<[^>]*>)? extends (\w*Error)\b[^{]*\{([\s\S]*?)^\}/gm);
  return [...classes].flatMap(([, name = "", parent = "", body = ""]) => {
    const code = name
      .replace(/Error$/, "")
      .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
      .toLowerCase();
    const itsName = /\bname(?:: \w+)? = "(\w*)"/.exec(body)?.[1];
    const itsCode = /\bcode(?:: \w+)? = "(\w*)"/.exec(body)?.[1];
    const faults: string[] = [];
    if (itsName !== name) faults.push(`${name}.name is ${itsName ?? "inherited"}`);
    if (itsCode === undefined ? parent === "OtpError" : itsCode !== code) {
      faults.push(`${name}.code is ${itsCode ?? "inherited"}, not "${code}"`);
    }
    return faults;
  });
}

/** Titles that stand twice in one block; blocks are told by their indentation, which the formatter keeps. */
function repeatedTitles(text: string): readonly string[] {
  const seen = new Set<string>();
  const faults: string[] = [];
  const blocks: { readonly indent: number; readonly title: string }[] = [];
  for (const [, indent = "", kind = "", title = ""] of text.matchAll(
    /^( *)(describe|suite|it|test)(?:\.[\w.]+(?:\([^\n]*?\))?)?\(\s*["'`]((?:[^"'`\\]|\\.)*)["'`]/gm,
  )) {
    while ((blocks.at(-1)?.indent ?? -1) >= indent.length) blocks.pop();
    const whole = [...blocks.map((block) => block.title), title].join(" > ");
    if (seen.has(whole)) faults.push(`"${whole}" stands twice`);
    seen.add(whole);
    if (kind === "describe" || kind === "suite") blocks.push({ indent: indent.length, title });
  }
  return faults;
}
