/** The checks of the documents meet planted faults. */
import { describe, expect, it } from "vitest";

import { checkInvariants, checkLinks } from "./documents.ts";
import { textFile } from "./rules.ts";

describe("checkLinks", () => {
  const texts = new Map([
    ["README.md", ""],
    ["docs/guide/servers.md", "# Servers\n\n## What `call` does, and when\n\n```ts\n# no heading\n```\n"],
  ]);
  const check = (text: string, path = "docs/README.md"): readonly string[] => checkLinks(textFile(path, text), texts);

  it("reports a file that does not exist", () => {
    expect(check("see [the guide](guide/nothing.md)")).toEqual(["links to guide/nothing.md, which does not exist"]);
  });

  it("reports a heading that does not exist", () => {
    expect(check("[a](guide/servers.md#no-heading)")).toEqual([
      "links to guide/servers.md#no-heading, a heading that docs/guide/servers.md does not have",
    ]);
  });

  it("lets files, folders, headings, addresses and code pass", () => {
    expect(check("[a](../README.md) [b](guide/) [c](guide/servers.md#what-call-does-and-when)")).toEqual([]);
    expect(check("[a](https://example.org) `[b](nowhere.md)`\n\n```\n[c](nowhere.md)\n```\n")).toEqual([]);
    expect(check("[a](#servers)", "docs/guide/servers.md")).toEqual([]);
  });
});

describe("checkInvariants", () => {
  const head = "| id | what | guard | test |\n| --- | --- | --- | --- |\n";
  const guard = textFile(
    "packages/core/src/names/names.ts",
    'invariant(\n  owner === undefined,\n  "K7",\n  "twice",\n);',
  );
  const test = textFile("packages/core/src/names/names.test.ts", 'describe("K7 a name has one owner", () => {});');
  const row = "| K7 | one owner | `names.ts` | `names.test.ts` |\n";

  it("is content when row, guard and test agree", () => {
    expect(checkInvariants(head + row, [guard, test])).toEqual([]);
  });

  it("lets a row name neither", () => {
    expect(checkInvariants(`${head}| K7 | one owner | — | — |\n`, [guard, test])).toEqual([]);
  });

  it("reports a named file that does not cite the invariant", () => {
    expect(checkInvariants(head + row, [test])).toEqual(["K7 names names.ts as its guard, which does not cite it"]);
    expect(checkInvariants(head + row, [guard])).toEqual([
      "K7 names names.test.ts as its test, which does not cite it",
    ]);
  });

  it("reports a guard and a test without a row, and a row that stands twice", () => {
    const other = `${head}| K1 | one turn | — | — |\n`;
    expect(checkInvariants(other, [guard, test])).toEqual(["K7 has a guard and no row", "K7 has a test and no row"]);
    expect(checkInvariants(`${other}| K1 | again | — | — |\n`, [])).toEqual(["K1 has two rows"]);
  });

  it("takes rule numbers of the semantics for what they are", () => {
    const cites = textFile("a.test.ts", 'it("LINK-3 and K1-2 and UTF8 are other things", f);');
    expect(checkInvariants(`${head}| K1 | one turn | — | — |\n`, [cites])).toEqual([]);
  });
});
