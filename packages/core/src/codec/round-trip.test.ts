/** D3: what comes out is what went in, for every type that can be sent, and no bytes do harm. */
import { deepStrictEqual } from "node:assert";
import { Buffer } from "node:buffer";
import { createContext, runInContext } from "node:vm";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { ExitError, OtpError, StartError } from "../base/errors.ts";
import { IdentityTable } from "../term/identity.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { isRemoteFunction, remote } from "../term/remote-function.ts";
import { ErlangCodec } from "./erlang-codec.ts";

const identities = new IdentityTable("a@host", 5);
const codec = new ErlangCodec({ identities });
const again = (term: unknown): unknown => codec.decode(codec.encode(term));

const pids: fc.Arbitrary<Pid> = fc.oneof(
  fc.maxSafeNat().map((number) => identities.own.pid(number)),
  fc
    .tuple(fc.maxSafeNat(), fc.constantFrom("b@host", "ü@höst"), fc.nat())
    .map(([number, node, creation]) => identities.get(node, creation).pid(number)),
  fc
    .tuple(fc.nat(0xffffffff), fc.nat(0xffffffff))
    .map((words) => identities.get("e@host", 9).foreignPid([2 ** 28 + Math.floor(words[0] / 2), words[1]])),
);
const refs: fc.Arbitrary<Ref> = fc.oneof(
  fc.maxSafeNat().map((number) => identities.own.ref(number)),
  fc
    .array(fc.nat(0xffffffff), { minLength: 1, maxLength: 5 })
    .filter((words) => words.length !== 3)
    .map((words) => identities.get("e@host", 9).foreignRef(words)),
);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
);
const scalars: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 53,
    -(2 ** 60),
    true,
    false,
    null,
    undefined,
  ),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  fc.nat(300).map((bits) => -(2n ** BigInt(bits * 8))),
  text,
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.uint8Array().map((content) => Buffer.from(content)),
  fc.uint8Array().map((content) => content.buffer.slice(0)),
  fc.uint8Array().map((content) => new DataView(content.slice().buffer)),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
  pids,
  refs,
);
const keys = text.filter((key) => key !== "__proto__");
const { term } = fc.letrec<{ term: unknown; inner: unknown; error: Error }>((tie) => ({
  term: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalars, tie("inner")),
  inner: fc.oneof(
    fc.array(tie("term")),
    fc.dictionary(keys, tie("term"), { noNullPrototype: true }),
    fc.array(fc.tuple(tie("term"), tie("term"))).map((entries) => new Map(entries)),
    fc.array(tie("term")).map((members) => new Set(members)),
    tie("error"),
  ),
  error: fc
    .record({
      type: fc.constantFrom(Error, TypeError, RangeError, URIError),
      message: text,
      cause: fc.option(tie("term"), { nil: undefined }),
      fields: fc.dictionary(
        keys.filter((key) => !["message", "stack", "cause", "name"].includes(key)),
        tie("term"),
      ),
    })
    .map(({ type, message, cause, fields }) =>
      Object.assign(new type(message, cause === undefined ? undefined : { cause }), fields),
    ),
}));

describe("D3 round trip", () => {
  it("TR-7 keeps every value of every type", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(term, (value) => deepStrictEqual(again(value), value)),
      { numRuns: 1000 },
    );
  });

  it("TR-7 keeps bigints apart from numbers, and minus zero from zero", () => {
    for (const value of [
      0n,
      5n,
      -5n,
      2n ** 53n - 1n,
      2n ** 53n,
      -(2n ** 53n),
      2n ** 63n,
      5,
      2 ** 53,
      -(2 ** 53),
      1e300,
    ]) {
      expect(again(value)).toBe(value);
    }
    expect(Object.is(again(-0), -0)).toBe(true);
    expect(Object.is(again(0), 0)).toBe(true);
  });

  it("TR-7 keeps a date that is none", () => {
    expect(again([new Date(Number.NaN)])).toStrictEqual([new Date(Number.NaN)]);
  });

  it("JS-7 gives the same pid and ref objects back, wherever in the term they are", () => {
    fc.assert(
      fc.property(pids, refs, (pid, ref) => {
        const back = again([pid, new Map([[pid, ref]]), { to: new Set([ref]) }]);
        expect(back).toStrictEqual([pid, new Map([[pid, ref]]), { to: new Set([ref]) }]);
        expect(Array.isArray(back) && back[0] === pid && back[1].get(pid) === ref && back[2].to.has(ref)).toBe(true);
      }),
    );
  });

  it("JS-7 gives back a pid and a ref that were made without the identity table", () => {
    const pid = new Pid(identities.own, 4711);
    const ref = new Ref(identities.own, 4712);
    expect(again([pid, ref])).toEqual([pid, ref]);
    const [pidBack, refBack] = [again(pid), again(ref)];
    expect(pidBack).toBe(pid);
    expect(refBack).toBe(ref);
  });

  it("JS-7 carries the pid of another node in the same thread by that node's name", () => {
    const elsewhere = new IdentityTable("b@host", 6);
    const pid = new Pid(elsewhere.own, 12);
    const seen = again(pid);
    expect(seen).toBe(identities.get("b@host", 6).pid(12));
    const home = new ErlangCodec({ identities: elsewhere });
    expect(home.decode(codec.encode(seen))).toBe(pid);
  });

  it("EXIT-14 keeps name, message, stack, cause and own fields of errors", () => {
    class OrderError extends RangeError {
      override readonly name = "OrderError";
      readonly order = { id: 3 };
    }
    const error = new OrderError("no", {
      cause: Object.assign(new Error("disk"), { code: "EIO" }),
    });
    const back = again(error);
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toMatchObject({
      name: "OrderError",
      message: "no",
      stack: error.stack,
      order: { id: 3 },
    });
    expect(back).toMatchObject({
      cause: { message: "disk", code: "EIO", stack: expect.stringContaining("disk") },
    });
    expect(Object.keys(Object(back))).toEqual(["name", "order"]);
    deepStrictEqual(again(new AggregateError([1, new Error("e")], "m")), new AggregateError([1, new Error("e")], "m"));
    expect(new Error("later").stack, "errors made later have a stack").toContain("round-trip.test");
    const bare = new Error("bare");
    Reflect.deleteProperty(bare, "stack");
    expect(Object.hasOwn(Object(again(bare)), "stack")).toBe(false);
    expect(again(new DOMException("stop", "AbortError"))).toMatchObject({
      name: "AbortError",
      message: "stop",
    });
  });

  it("EXIT-2 restores errors of the framework as themselves", () => {
    const exit = again(new ExitError({ shutdown: identities.own.pid(3) }, "stopped"));
    expect(exit).toBeInstanceOf(ExitError);
    expect(exit).toMatchObject({
      name: "ExitError",
      code: "exit",
      message: "stopped",
      reason: { shutdown: identities.own.pid(3) },
    });
    expect(OtpError.is(exit)).toBe(true);
    expect(again(new StartError("taken", "no"))).toBeInstanceOf(StartError);
  });

  it("takes more error classes, and names those it does not know", () => {
    class CallError extends ExitError {
      override readonly name = "CallError";
    }
    class Quiet extends Error {}
    const errorClasses = { CallError, Quiet };
    const knowing = new ErlangCodec({ identities, errorClasses });
    const bytes = knowing.encode([new CallError("noproc", "gone"), new Quiet("q")]);
    const [call, quiet] = [0, 1].map((at) => Reflect.get(Object(knowing.decode(bytes)), at));
    expect(call).toBeInstanceOf(CallError);
    expect(quiet).toBeInstanceOf(Quiet);
    const elsewhere = codec.decode(bytes);
    expect(elsewhere).toMatchObject([
      { name: "CallError", reason: "noproc" },
      { name: "Quiet", message: "q" },
    ]);
  });

  it("JS-13 carries remote functions with what they captured, and their source if they have one", () => {
    const more = remote("codec-test-more", (than: number, value: number) => value > than);
    const back = again({ filter: remote.bind(more, 10) });
    expect(back).toMatchObject({ filter: expect.any(Function) });
    const filter = typeof back === "object" && back !== null && "filter" in back ? back.filter : undefined;
    expect(isRemoteFunction(filter) && [filter(9), filter(11)]).toEqual([false, true]);
  });

  it("reads objects, arrays and errors of another realm as ours", () => {
    const foreign: unknown = runInContext(
      "[{ a: [1] }, new Map([[1, 2]]), new TypeError('t'), new Date(5)]",
      createContext({}),
    );
    const back = again(foreign);
    expect(back).toMatchObject([{ a: [1] }, new Map([[1, 2]]), { message: "t" }, new Date(5)]);
    expect(
      Array.isArray(back) && back[2] instanceof TypeError && Object.getPrototypeOf(back[0]) === Object.prototype,
    ).toBe(true);
  });

  it("makes an object without a prototype an ordinary one", () => {
    expect(again(Object.assign(Object.create(null), { a: 1 }))).toStrictEqual({ a: 1 });
  });

  it("copies what it decodes", () => {
    const bytes = codec.encode(["abc", new Uint8Array([1, 2, 3]), Buffer.from([4])]);
    const back = codec.decode(bytes);
    bytes.fill(0);
    expect(back).toStrictEqual(["abc", new Uint8Array([1, 2, 3]), Buffer.from([4])]);
  });
});
