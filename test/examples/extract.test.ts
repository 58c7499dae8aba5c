/** Examples are found where documentation has them, and become tests that say what the example says. */
import { describe, expect, it } from "vitest";

import { extractExamples } from "./extract.ts";
import { renderTest, testFileName } from "./render.ts";

const fence = "```";
const markdown = (...lines: string[]): string => lines.join("\n");

describe("extractExamples", () => {
  it("finds ts fences of Markdown, with their lines, and no others", () => {
    const text = markdown(
      "# A",
      "",
      `${fence}ts`,
      "f();",
      fence,
      "",
      `${fence}sh`,
      "ls",
      fence,
      `${fence}typescript`,
      "g();",
      fence,
    );
    expect(extractExamples("docs/guide/a.md", text)).toEqual({
      examples: [
        { place: "docs/guide/a.md:4", code: "f();\n" },
        { place: "docs/guide/a.md:11", code: "g();\n" },
      ],
      faults: [],
    });
  });

  it("finds fences and bare @example blocks of doc comments", () => {
    const text = markdown(
      "/** One. */",
      "/**",
      " * Two.",
      ` * ${fence}ts`,
      " * if (a) {",
      " *   f();",
      " * }",
      ` * ${fence}`,
      " * @example",
      " * g();",
      " * @throws nothing",
      " */",
      "export const a = 1;",
    );
    expect(extractExamples("packages/core/src/a.ts", text).examples).toEqual([
      { place: "packages/core/src/a.ts:5", code: "if (a) {\n  f();\n}\n" },
      { place: "packages/core/src/a.ts:10", code: "g();\n" },
    ]);
  });

  it("joins a fence that continues to the one before it", () => {
    const text = markdown(`${fence}ts`, "f();", fence, "then", `${fence}ts continues`, "g();", fence);
    expect(extractExamples("a.md", text).examples).toEqual([{ place: "a.md:2", code: "f();\n\ng();\n" }]);
    expect(extractExamples("a.md", text.slice(text.indexOf("then"))).faults).toEqual([
      "a.md:3: there is no example before it to continue",
    ]);
  });

  it("leaves out what is ignored, and wants a reason for it", () => {
    const ignored = (line: string): string => markdown(`${fence}ts ignore`, line, fence);
    expect(extractExamples("a.md", ignored("// needs a broker"))).toEqual({ examples: [], faults: [] });
    expect(extractExamples("a.md", ignored("f();")).faults).toEqual([
      "a.md:2: an ignored example says why in a comment on its first line",
    ]);
    expect(extractExamples("a.md", markdown(`${fence}ts twoslash`, "f();", fence)).faults).toEqual([
      'a.md:2: "twoslash" is neither "continues" nor "ignore"',
    ]);
  });
});

describe("renderTest", () => {
  const body = (code: string): string => {
    const lines = renderTest({ place: "a.md:1", code }).split("\n");
    return lines.slice(lines.findIndex((line) => line.startsWith("runExample")) + 1, -2).join("\n");
  };

  it("hoists imports, once each, and wraps the rest", () => {
    const code =
      'import { a } from "a";\nimport {\n  b,\n} from "b";\nexport class C {}\nimport { a } from "a";\na(b);\n';
    expect(renderTest({ place: "docs/a.md:7", code })).toBe(
      [
        "/** Made from docs/a.md:7. */",
        'import { expect as expectValue, it as runExample } from "vitest";',
        'import { a } from "a";',
        'import {\n  b,\n} from "b";',
        "",
        'runExample("docs/a.md:7", async () => {',
        "class C {}",
        "a(b);",
        "});",
        "",
      ].join("\n"),
    );
  });

  it.each([
    ["add(1, 2); // => 3", "expectValue(add(1, 2)).toEqual(3);"],
    ["await add(1, 2) // => 3", "expectValue(await add(1, 2)).toEqual(3);"],
    ["const x = await f(1); // => { a: 1 }", "const x = await f(1);\nexpectValue(x).toEqual({ a: 1 });"],
    ["x = f(1); // => 1", "x = f(1);\nexpectValue(x).toEqual(1);"],
    ["x === 1; // => true", "expectValue(x === 1).toEqual(true);"],
    ["console.log(x); // => 1", "expectValue(x).toEqual(1);"],
    ['f("//"); // => "// => 1"', 'expectValue(f("//")).toEqual("// => 1");'],
    ["g();\nf({\n  a: 1,\n}); // => 1", "g();\nexpectValue(f({\n  a: 1,\n})).toEqual(1);"],
    ["f()\n  .g(1)\n  .h(); // => 1", "expectValue(f()\n  .g(1)\n  .h()).toEqual(1);"],
    [
      'f(""); // => throws ArgumentError',
      'await expectValue((async () => f(""))()).rejects.toMatchObject({ name: "ArgumentError" });',
    ],
    ["f(); // not => an assertion", "f(); // not => an assertion"],
  ])("turns %j into %j", (code, rendered) => expect(body(code)).toBe(rendered));

  it("imports what a door has and the example uses and has not", () => {
    const doors = [
      { name: "@otp/genserver", exports: ["call", "type From", "start", "reply", "ok"] },
      { name: "@otp/core", exports: ["Node", "Pid", "start", "stop"] },
    ];
    const code = [
      'import { stop } from "./stop.ts";',
      "const ok = 1; // Pid",
      "function f(from: From): void {",
      '  x.call(start, "Node", { reply: ok });',
      "}",
    ];
    const lines = renderTest({ place: "a.ts:1", code: code.join("\n") }, doors).split("\n");
    expect(lines.slice(2, 4)).toEqual(['import { type From, start } from "@otp/genserver";', code[0]]);
  });

  it.each([
    ["await call(self, server);", true],
    ["const self = node.spawn(f);", false],
    ["node.spawn(async (self) => {\n  self.send(self.pid, 1);\n});", false],
    ["class A {\n  static startLink(self: Process, opts?: Options) {}\n}", false],
    ["this.self.send(1);", false],
    ["start({ self: 1 }); // self", false],
  ])("gives %j a process of its own: %s", (code, given) => {
    const rendered = renderTest({ place: "a.ts:1", code }, [{ name: "@otp/core", exports: [] }]);
    expect(rendered.includes("node.spawn(async (self) => {\nconst play")).toBe(given);
    expect(rendered.includes("ExampleNode.start()")).toBe(given || code.includes("node."));
  });

  it("names files after their place", () => {
    expect(testFileName("packages/core/src/term/pid.ts:12")).toBe("packages-core-src-term-pid-ts-12.test.ts");
    expect(testFileName("README.md:3")).toBe("readme-md-3.test.ts");
  });
});
