/** The tables of `docs/wire-format.md`, held against the codec and, where there is one, a real Erlang. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { remote } from "@otp/core";
import { ErlangCodec, IdentityTable } from "@otp/core/transport";
import { describe, expect, it } from "vitest";

import { ErlangPort, missingErlang } from "./erlang-port.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/wire-format.md"), "utf8");
const rows = [...page.matchAll(/^\| `(.+?)` \| `(.+?)` \| `([0-9a-f ]+)` \|$/gm)].map(
  ([, javascript = "", erlang = "", bytes = ""]) => ({ javascript, erlang, bytes: bytes.replaceAll(" ", "") }),
);
const codec = new ErlangCodec({ identities: new IdentityTable("a@host", 5) });

const error = Object.assign(new TypeError("no"), { code: 7 });
Reflect.deleteProperty(error, "stack");

const values: Readonly<Record<string, unknown>> = {
  "3": 3,
  "1000": 1000,
  "2 ** 40": 2 ** 40,
  "2n ** 64n": 2n ** 64n,
  "1.5": 1.5,
  '"abc"': "abc",
  true: true,
  null: null,
  undefined,
  "[]": [],
  '[1, "a"]': [1, "a"],
  "{ by: 3 }": { by: 3 },
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
  "5n": 5n,
  '"\\ud800"': "\ud800",
  "new Date(5)": new Date(5),
  "new Date(NaN)": new Date(Number.NaN),
  'new Map([["a", 1]])': new Map([["a", 1]]),
  'new Set(["a"])': new Set(["a"]),
  "new Uint8Array([1, 2])": new Uint8Array([1, 2]),
  "new Int16Array([1])": new Int16Array([1]),
  "Buffer.of(7)": Buffer.of(7),
  even: remote("even", (n: number) => n % 2 === 0),
  'remote.bind(above, "b")': remote.bind(
    remote("above", (than: string, text: string) => text > than),
    "b",
  ),
  error,
};

describe("docs/wire-format.md", () => {
  it("has a row for each of these values, and no other", () => {
    expect(rows.map((row) => row.javascript).toSorted()).toEqual(Object.keys(values).toSorted());
  });

  it.each(rows)("tells the bytes of $javascript", ({ javascript, bytes }) => {
    expect(Buffer.from(codec.encode(values[javascript])).toString("hex")).toBe(bytes);
  });

  it("tells what Erlang makes of them", { timeout: 60_000 }, async () => {
    const reason = missingErlang();
    if (reason !== null) {
      if (process.env["CI"] !== undefined) throw new Error(reason);
      console.log(`not tested: ${reason}`);
      return;
    }
    await using port = new ErlangPort();
    for (const { erlang, bytes } of rows) expect(await port.show(Buffer.from(bytes, "hex"))).toBe(erlang);
  });
});
