/** What a door exports is read correctly from its source. */
import { describe, expect, it } from "vitest";

import { exportsOf } from "./exports.ts";

describe("exportsOf", () => {
  const files: Readonly<Record<string, string>> = {
    "src/index.ts": [
      'export * from "./errors.ts";',
      'export * as Server from "./server.ts";',
      'export { start, type Options, inner as outer } from "./start.ts";',
      'export type { Pid, Ref } from "./pid.ts";',
      "/** export const hidden = 1; */",
      "export const version = 1;",
    ].join("\n"),
    "src/errors.ts":
      "export abstract class A {}\nexport interface B {}\nexport type C = 1;\nexport async function d() {}\n",
  };

  it("follows re-exports and tells types from values", () => {
    expect(exportsOf("src/index.ts", (file) => files[file] ?? "")).toEqual([
      "A",
      "type B",
      "type C",
      "d",
      "type Options",
      "outer",
      "type Pid",
      "type Ref",
      "Server",
      "start",
      "version",
    ]);
  });
});
