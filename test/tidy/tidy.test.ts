/** The house rules over the whole repository. */
import { describe, expect, it } from "vitest";

import { checkInvariants, checkLinks } from "./documents.ts";
import { checkLayers } from "./layers.ts";
import { fileRules, isTest, sourceRules, type Rule } from "./rules.ts";
import { readTree } from "./tree.ts";

const files = readTree();
const texts = new Map(files.map(({ path, text }) => [path, text]));
const sources = files.filter(({ path }) => /^(?:packages|apps|test)\/.*\.ts$/.test(path));
const documents = files.filter(({ path }) => path.endsWith(".md"));

const faultsOf = (among: typeof files, rule: Rule): readonly string[] =>
  among.flatMap((file) => rule(file).map((fault) => `${file.path}: ${fault}`));

describe("every source file", () => {
  it("is found", () => expect(sources.length).toBeGreaterThan(20));

  it.each(Object.entries(sourceRules))("%s", (_, rule) => expect(faultsOf(sources, rule)).toEqual([]));

  it("imports only layers below its own", () => {
    const inLayers = sources.filter(({ path }) => !isTest(path));
    expect(faultsOf(inLayers, ({ path, text }) => checkLayers(path, text))).toEqual([]);
  });
});

describe("every file", () => {
  it.each(Object.entries(fileRules))("%s", (_, rule) => expect(faultsOf(files, rule)).toEqual([]));
});

describe("every document", () => {
  it("has live links", () => expect(faultsOf(documents, (file) => checkLinks(file, texts))).toEqual([]));
});

describe("every invariant", () => {
  it("that is cited stands in INVARIANTS.md, which names only guards and tests that cite it", () => {
    const ours = sources.filter(({ path }) => !path.startsWith("test/tidy/"));
    expect(checkInvariants(texts.get("INVARIANTS.md") ?? "", ours)).toEqual([]);
  });
});
