/** Each house rule meets a planted fault, and something innocent that looks like it. */
import { describe, expect, it } from "vitest";

import { checkLayers } from "./layers.ts";
import { maskProse } from "./mask.ts";
import { fileRules, sourceRules, textFile } from "./rules.ts";

const faults = (rule: string, text: string, path = "packages/core/src/node/node.ts"): readonly string[] =>
  (sourceRules[rule] ?? fileRules[rule])?.(textFile(path, text)) ?? ["there is no such rule"];

const word = (...parts: string[]): string => parts.join("");

interface Case {
  readonly rule: string;
  readonly faulty: string;
  readonly innocent: string;
  readonly path?: string;
}

const cases: readonly Case[] = [
  { rule: "opens with a doc comment", faulty: "// Adds.\nconst a = 1;", innocent: "/** Adds. */\nconst a = 1;" },
  {
    rule: "documents what it exports",
    faulty: "/** A. */\n\nexport class A {}",
    innocent: "/** A. */\n\n/** B. */\nexport class B {}\nexport { c };\nclass D {}",
  },
  { rule: "is at most 300 lines", faulty: "a\n".repeat(301), innocent: "a\n".repeat(300) },
  {
    rule: "leaves nothing undone without an issue",
    faulty: `// ${word("TO", "DO")}: later`,
    innocent: `// ${word("TO", "DO")}(#12): later\nconst todo = 1;`,
  },
  {
    rule: "runs all of its tests",
    faulty: 'describe.skip("x", () => {});',
    innocent: 'describe.skipIf(!server)("it.only", () => {});',
  },
  { rule: "does not silence the compiler", faulty: "f(x as any);", innocent: '// x as any\nf("as any", x as Any);' },
  { rule: "keeps no state of its own", faulty: "let count = 0;", innocent: "const a = 1;\n{\n  let b = 2;\n}" },
  {
    rule: "hides with #",
    faulty: "class A {\n  private b = 1;\n}",
    innocent: "class A {\n  #b = 1;\n  private constructor() {}\n}",
  },
  { rule: "asks the Runtime for the date", faulty: "f(new Date());", innocent: "f(new Date(0)); // new Date()" },
  {
    rule: "names and codes its errors after their class",
    faulty: 'class LostError extends OtpError {\n  name = "LostError";\n  code = "argument";\n}',
    innocent: 'class DeadNodeError extends OtpError {\n  name = "DeadNodeError";\n  code = "dead_node";\n}',
  },
  {
    rule: "gives each test a title of its own",
    faulty: 'describe("a", () => {\n  it("b", f);\n  it("b", f);\n});',
    innocent: 'describe("a", () => {\n  it("b", f);\n});\ndescribe("c", () => {\n  it("b", f);\n});',
  },
  {
    rule: "speaks of no machine",
    faulty: word("see /wo", "rk/main"),
    innocent: "see docs/work/main and https://a.b/work",
  },
  {
    rule: "speaks of no machine",
    faulty: `"resolved": ${word('"htt', "ps://")}a.b/c.tgz"`,
    innocent: '"resolved": "packages/core"',
  },
];

describe("a source rule", () => {
  it.each(cases)("$rule: reports $faulty", ({ rule, faulty }) => expect(faults(rule, faulty)).toHaveLength(1));
  it.each(cases)("$rule: lets $innocent pass", ({ rule, innocent }) => expect(faults(rule, innocent)).toEqual([]));

  it("knows files by their names", () => {
    const rule = "is named in kebab-case for its idea";
    expect(faults(rule, "", "packages/core/src/node/localRouter.ts")).toEqual(["localRouter is not kebab-case"]);
    expect(faults(rule, "", "packages/core/src/node/utils.ts")).toEqual(["utils is not an idea"]);
    expect(faults(rule, "", "packages/core/src/node/local-router.test.ts")).toEqual([]);
  });

  it("says in which line the fault is", () => {
    expect(faults("asks the Runtime for the date", "/** A. */\n\nf(new Date());")).toEqual([
      "line 3: new Date() reads the clock",
    ]);
  });

  it("wants an inherited code only from a class whose parent has one", () => {
    const rule = "names and codes its errors after their class";
    expect(faults(rule, 'class AError extends OtpError {\n  name = "AError";\n}')).toHaveLength(1);
    expect(faults(rule, 'class BError extends AError {\n  name = "BError";\n}')).toEqual([]);
    expect(faults(rule, 'class BError extends AError {\n  name = "AError";\n}')).toHaveLength(1);
  });
});

describe("the layers", () => {
  const check = (path: string, target: string, kind = "import type { X } from"): readonly string[] =>
    checkLayers(path, `${kind} "${target}";`);

  it("go one way inside core, for types too", () => {
    expect(check("packages/core/src/mailbox/mailbox.ts", "../node/node.ts")).toEqual([
      "imports ../node/node.ts: mailbox may not know node",
    ]);
    expect(check("packages/core/src/node/node.ts", "../mailbox/mailbox.ts")).toEqual([]);
    expect(check("packages/core/src/node/node.ts", "./table.ts", "export * from")).toEqual([]);
  });

  it("keep behaviours apart, except those built on the gen-server", () => {
    expect(check("packages/genserver/src/agent/agent.ts", "../task/task.ts")).toHaveLength(1);
    expect(check("packages/genserver/src/task/task.ts", "../supervisor/supervisor.ts")).toEqual([]);
    expect(check("packages/genserver/src/gen/call.ts", "../sys/sys.ts")).toHaveLength(1);
  });

  it("let no file look through its own door, or out of its package", () => {
    expect(check("packages/core/src/node/node.ts", "../index.ts")).toEqual([
      "imports ../index.ts, a door of its own package",
    ]);
    expect(check("packages/core/src/node/node.ts", "../../../genserver/src/index.ts")).toEqual([
      "imports ../../../genserver/src/index.ts, outside its package",
    ]);
  });

  it("have a place for every folder", () => {
    expect(check("packages/core/src/novelty/x.ts", "../base/ring.ts")).toEqual([
      "folder novelty is not in the list of layers; give it its place in test/tidy/layers.ts",
    ]);
  });

  it("see imports that stand on several lines, and dynamic ones", () => {
    expect(checkLayers("packages/core/src/base/a.ts", 'import {\n  b,\n} from "../term/b.ts";')).toHaveLength(1);
    expect(checkLayers("packages/core/src/base/a.ts", 'await import("../term/b.ts");')).toHaveLength(1);
  });
});

describe("maskProse", () => {
  it.each([
    ["f(1); // as any", "f(1);          "],
    ['f("as any");', 'f("      ");'],
    ["/* a\nb */ c", "    \n     c"],
    ["`a ${b + `c ${d}`} e`;", "`  ${b + `  ${d}`}  `;"],
    ["x = /[/\"]'/g; y", "x = /      g; y"],
    ["a / b / c // d", "a / b / c     "],
    ["`${{ a: {} }}b`", "`${{ a: {} }} `"],
    ['"a\\"b" c', '"    " c'],
  ])("turns %j into %j", (source, masked) => expect(maskProse(source)).toBe(masked));
});
