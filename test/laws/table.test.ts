/** `docs/laws.md` names every property, the laws that check it, and tests that exist. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { lawBook } from "@otp/testing";
import { describe, expect, it } from "vitest";

const docs = join(import.meta.dirname, "../../docs");
const rows = readFileSync(join(docs, "laws.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| *\d/u.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .map(([, number = "", , laws = "", tests = ""]) => ({
    number: Number(number),
    laws: [...laws.matchAll(/`(\w+)`/gu)].map(([, name = ""]) => name),
    links: [...tests.matchAll(/\]\(([^)]+)\)/gu)].map(([, path = ""]) => path),
    tests,
  }));

describe("the table of laws", () => {
  it("has each of the 86 properties once, in order", () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 86 }, (_, at) => at + 1));
  });

  it("names for each the laws that check it, as the laws say themselves", () => {
    for (const { number, laws } of rows) {
      const checked = lawBook.filter(({ properties }) => properties.includes(number)).map(({ name }) => name);
      expect(laws, `property ${String(number)}`).toEqual(checked);
    }
  });

  it("names a law, a test that is there, or the reason why there is none", () => {
    for (const { number, laws, links, tests } of rows) {
      expect(laws.length + tests.length, `property ${String(number)}`).toBeGreaterThan(0);
      for (const link of links) expect(existsSync(join(docs, link)), link).toBe(true);
    }
    expect(rows.filter(({ laws }) => laws.length > 0).length).toBeGreaterThanOrEqual(60);
  });
});
