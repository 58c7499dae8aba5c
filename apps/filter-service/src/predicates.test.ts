import { ArgumentError } from "@otp/core";
import { describe, expect, it } from "vitest";

import { parsePredicate } from "./predicates.ts";

const lodash = { name: "lodash", license: "MIT", size: 1_400, engines: { node: ">=4" } };

describe("parsePredicate", () => {
  it.each([
    ["contains:dash", lodash, true],
    ["contains:dash", "a dash of salt", true],
    ["contains:dash", "none", false],
    ["matches:^a.*z$", "abcz", true],
    ["matches:^a.*z$", "abc", false],
    ["has:license", lodash, true],
    ["has:engines.node", lodash, true],
    ["has:engines.npm", lodash, false],
    ["has:license", "a line", false],
    ["eq:license:MIT", lodash, true],
    ["eq:engines.node:>=4", lodash, true],
    ["gt:size:1000", lodash, true],
    ["gt:size:1400", lodash, false],
    ["gt:name:aardvark", lodash, true],
    ["gt:missing:1", lodash, false],
    ["lt:size:1500", lodash, true],
    ["not:has:license", lodash, false],
    ["not:not:has:license", lodash, true],
  ])("%s of %j is %s", (text, item, expected) => {
    expect(parsePredicate(text)(item)).toBe(expected);
  });

  it.each(["", "contains", "contains:", "foo:bar", "gt:size", "gt::1", "matches:(", "not:foo:bar"])(
    "refuses %j and says why",
    (text) => {
      expect(() => parsePredicate(text)).toThrow(ArgumentError);
      expect(() => parsePredicate(text)).toThrow(/^bad predicate/u);
    },
  );
});
