/** TR-7 beside the reference implementation: what we write a real Erlang reads, and the other way round. */
import { deepStrictEqual } from "node:assert";

import { remote } from "@otp/core";
import { ErlangCodec, IdentityTable } from "@otp/core/transport";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ErlangPort, missingErlang } from "./erlang-port.ts";

const reason = missingErlang();
const identities = new IdentityTable("ts1@127.0.0.1", 7);
const codec = new ErlangCodec({ identities });

/** A test that needs Erlang: without one it fails where all is expected to be installed, and says so elsewhere. */
function withErlang(title: string, body: (erlang: ErlangPort) => Promise<void>): void {
  it(title, { timeout: 60_000 }, async () => {
    if (reason !== null) {
      if (process.env["CI"] !== undefined) throw new Error(reason);
      console.log(`not tested: ${reason}`);
      return;
    }
    await using erlang = new ErlangPort();
    await body(erlang);
  });
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
);
const key = text.filter((name) => name !== "__proto__");
const scalar: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer({ min: -300, max: 300 }),
  fc.bigInt({ max: 2n ** 2200n, min: -(2n ** 70n) }),
  fc.bigInt({ max: 2n ** 54n, min: -(2n ** 54n) }),
  fc.constantFrom(true, false, null, undefined, -0, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 64),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.float64Array(),
  fc.maxSafeNat().map((number) => identities.own.pid(number)),
  fc.maxSafeNat().map((number) => identities.get("b@host", 2 ** 32 - 1).pid(number)),
  fc.maxSafeNat().map((number) => identities.own.ref(number)),
  fc.maxSafeNat().map((number) => identities.get("ü@höst", 1).ref(number)),
);
const { term } = fc.letrec<{ term: unknown }>((tie) => ({
  term: fc.oneof(
    { depthSize: "small" },
    scalar,
    fc.array(tie("term")),
    fc.array(fc.nat(255)),
    fc.dictionary(key, tie("term"), { noNullPrototype: true }),
    fc.array(fc.tuple(tie("term"), tie("term"))).map((entries) => new Map(entries)),
    fc.array(tie("term")).map((members) => new Set(members)),
    fc.tuple(text, tie("term")).map(([message, cause]) => new RangeError(message, { cause })),
  ),
}));

describe("beside a real Erlang", () => {
  withErlang("TR-7 what we write comes back from Erlang as it was", async (erlang) => {
    await fc.assert(
      fc.asyncProperty(term, async (value) =>
        deepStrictEqual(codec.decode(await erlang.echo(codec.encode(value))), value),
      ),
      { numRuns: 500 },
    );
  });

  withErlang("TR-7 what Erlang writes we read, and what we make of it can be sent on", async (erlang) => {
    for (let seed = 1; seed <= 300; seed++) {
      const value = codec.decode(await erlang.random("any", seed));
      deepStrictEqual(codec.decode(await erlang.echo(codec.encode(value))), value, `seed ${seed}`);
    }
  });

  withErlang("TR-7 what Erlang and we have in common comes back to Erlang as it was", async (erlang) => {
    for (let seed = 1; seed <= 300; seed++) {
      const written = await erlang.random("kept", seed);
      expect(await erlang.same(written, codec.encode(codec.decode(written))), `seed ${seed}`).toBe(true);
    }
  });

  withErlang("shows Erlang terms as one would write them there", async (erlang) => {
    const show = (value: unknown): Promise<string> => erlang.show(codec.encode(value));
    expect(await show({ type: "add", by: 3 })).toBe('#{<<"by">> => 3,<<"type">> => <<"add">>}');
    expect(await show([null, true, undefined, 1.5, 2n ** 64n])).toBe("[nil,true,undefined,1.5,18446744073709551616]");
    expect(await show(5n)).toBe("{'$js','BigInt',5}");
    expect(await show(Number.NaN)).toBe("{'$js','NaN'}");
    expect(await show(new Map([["a", 1]]))).toBe("{'$js','Map',[{<<\"a\">>,1}]}");
    expect(await show(new Set(["a"]))).toBe("{'$js','Set',[<<\"a\">>]}");
    expect(await show(new Date(5))).toBe("{'$js','Date',5}");
    expect(await show(new Uint8Array([1, 2]))).toBe("{'$js','Uint8Array',<<1,2>>}");
    expect(await show(remote("interop-test", (n: number) => n))).toBe("{'$js','Function',<<\"interop-test\">>,[]}");
  });
});
