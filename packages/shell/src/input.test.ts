import { describe, expect, it } from "vitest";

import { prepare } from "./input.ts";

const code = (text: string): string => {
  const prepared = prepare(text);
  return prepared.kind === "script" ? prepared.code : prepared.kind;
};

describe("what was typed", () => {
  it.each([
    ["1 + 2", "1 + 2"],
    ["const x = 1", "x = 1"],
    ["let x: number = 1", "x = 1;"],
    ["let x", "x = undefined"],
    ["const { a, b } = c;", "({ a, b } = c)"],
    ["class A {}", "A = class A {}"],
    ["async function f() {}", "f = async function f() {}"],
    ["{ a: 1 }", "({ a: 1 }\n)"],
    ["await f()", "(async () => (await f()\n))()"],
    ["const x = await f();", "(async () => (x = await f()\n))()"],
    ['await f(); g(";")', '(async () => {\nawait f();\nreturn ( g(";")\n)})()'],
    ["await f(); for (;;) {}", "(async () => {\nawait f(); for (;;) {}\n})()"],
    ["const f = (n: number): number => n", "f = (n) => n;"],
    ['import type { A } from "a"', ""],
    ["", ""],
  ])("%s becomes a script", (text, script) => {
    expect(code(text)).toBe(script);
  });

  it.each([
    ['import { a as b, type C } from "m"', 'void ({ a : b} = await import("m"))'],
    ['import * as m from "m"', 'm = await import("m")'],
    ['import m from "m";', 'm = (await import("m")).default'],
    ['import "m"', 'await import("m")'],
  ])("%s is loaded when it runs", (text, expression) => {
    expect(code(text).replaceAll(/\s+/gu, "")).toBe(`(async()=>(${expression}))()`.replaceAll(/\s+/gu, ""));
  });

  it.each(["f(", "`", "if (x) {", "const f = (n: number) => {", "[1,", "/* a"])(
    "%s goes on in the next line",
    (text) => {
      expect(code(text)).toBe("incomplete");
    },
  );

  it.each(["1 +* 2", "const = 3", ")"])("%s is a fault", (text) => {
    expect(prepare(text)).toMatchObject({ kind: "fault", error: { name: "SyntaxError" } });
  });
});
