import { describe, expect, it } from "vitest";

import { parseJson, parseLines } from "./input.ts";

describe("lines", () => {
  it("come without their ends and go out with them", () => {
    const { items, render } = parseLines("a\r\nb\n\nc");
    expect(items).toEqual(["a", "b", "", "c"]);
    expect(render(["a", "c"])).toBe("a\nc\n");
    expect(parseLines("").items).toEqual([]);
  });
});

describe("JSON", () => {
  it("keeps an array an array", () => {
    const { items, render } = parseJson("[1, 2, 3]", undefined);
    expect(items).toEqual([1, 2, 3]);
    expect(JSON.parse(render([3]))).toEqual([3]);
  });

  it("keeps an object an object, and offers the key as a field", () => {
    const { items, render } = parseJson('{ "deps": { "a": { "v": 1 }, "b": 2 } }', "deps");
    expect(items).toEqual([
      { $key: "a", v: 1 },
      { $key: "b", value: 2 },
    ]);
    expect(JSON.parse(render(items.slice(1)))).toEqual({ b: 2 });
  });

  it.each([
    ["not json", undefined, /^the input is no JSON/u],
    ["3", undefined, /^expected the input to be an array or an object of records/u],
    ["{}", "a.b", /^there is no "a.b" in the input/u],
  ])("refuses %j at %s", (text, path, message) => {
    expect(() => parseJson(text, path)).toThrow(message);
  });
});
