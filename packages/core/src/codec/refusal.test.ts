/** TR-7: what cannot be carried is refused by the sending call, which is told where it is and what to do. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CodecError } from "../base/errors.ts";
import { IdentityTable } from "../term/identity.ts";
import { remote } from "../term/remote-function.ts";
import { ErlangCodec } from "./erlang-codec.ts";
import { TermWriter } from "./term-writer.ts";

const codec = new ErlangCodec({ identities: new IdentityTable("a@host", 5) });

function refused(term: unknown): CodecError {
  try {
    codec.encode(term);
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
  throw new Error("it was encoded");
}

class Account {
  balance = 3;
}
class Bag extends Map<string, number> {}

const cyclic: { name: string; children: unknown[] } = { name: "root", children: [] };
cyclic.children.push({ parent: cyclic });

const identity = remote("refusal-test-identity", (term: unknown) => term);

function nested(levels: number): unknown {
  let term: unknown = 1;
  for (let i = 0; i < levels; i++) term = i % 2 === 0 ? [term] : { a: term };
  return term;
}

describe("TR-7 refuses, with path and advice,", () => {
  const callback = (): void => undefined;
  it.each([
    [
      "a function",
      { items: [1, 2, 3, { callback }] },
      "message.items[3].callback",
      "it is a function (callback); make it with remote(",
    ],
    ["a class", [Account], "message[0]", "it is a function (Account)"],
    ["a symbol", { "my key": Symbol("s") }, 'message["my key"]', "it is a symbol (Symbol(s)); send a string"],
    [
      "a class instance",
      { account: new Account() },
      "message.account",
      "it is an instance of Account; send a plain object",
    ],
    ["an instance of a subclass of Map", new Bag(), "message", "it is an instance of Bag"],
    [
      "an instance of a subclass of Array",
      [new (class Stack extends Array<number> {})()],
      "message[0]",
      "an instance of Stack",
    ],
    [
      "an instance of a subclass of Uint8Array",
      new (class Page extends Uint8Array {})(1),
      "message",
      "an instance of Page",
    ],
    ["a boxed number", Object(1), "message", "it is an instance of Number"],
    ["a Promise", [Promise.resolve(1)], "message[0]", "it is a Promise; await it"],
    ["a RegExp", /x/, "message", "it is a RegExp; send its source"],
    ["a WeakMap", new WeakMap(), "message", "it is a weak collection"],
    ["a WeakRef", new WeakRef({}), "message", "it is a weak collection"],
    ["shared memory", new SharedArrayBuffer(1), "message", "it is shared memory"],
    ["an iterator", new Set([1]).values(), "message", "it is an instance of Set Iterator"],
    [
      "a generator",
      (function* (): Generator<number> {
        yield 1;
      })(),
      "message",
      "it is a generator",
    ],
    [
      "a value of a Map",
      new Map<unknown, unknown>([
        ["k", 1],
        ["f", callback],
      ]),
      'message.get("f")',
      "it is a function",
    ],
    ["a key of a Map", new Map([[{ callback }, 1]]), "message.<key 0>.callback", "it is a function"],
    ["a member of a Set", new Set([1, [callback]]), "message.<member 1>[0]", "it is a function"],
    ["a field of an error", Object.assign(new Error("e"), { callback }), "message.callback", "it is a function"],
    ["a cause", new Error("e", { cause: callback }), "message.cause", "it is a function"],
    [
      "a captured argument",
      remote.bind(
        remote("refusal-test", (term: unknown) => term),
        callback,
      ),
      "message.<captured 0>",
      "it is a function",
    ],
    // oxlint-disable-next-line no-sparse-arrays -- that is the point
    ["a hole", { list: [1, , 3] }, "message.list[1]", "it is a hole in an array; put undefined there"],
    [
      "an own __proto__",
      JSON.parse('{"a":{"__proto__":1}}'),
      "message.a.__proto__",
      "a property of this name is never sent",
    ],
    ["a cycle", cyclic, "message.children[0].parent", "it contains itself; send an id"],
    [
      "a getter that throws",
      {
        get now(): number {
          throw new Error("late");
        },
      },
      "message.now",
      "reading it failed: late",
    ],
    ["a revoked proxy", { p: revoked() }, "message.p", "reading it failed: "],
    ["a huge bigint", [1n << 600_000n], "message[0]", "it is a bigint of 75001 bytes"],
  ])("%s", (_, term, path, advice) => {
    const error = refused(term);
    expect(error.path).toBe(path);
    expect(error.message.startsWith(`cannot send ${path}: `), error.message).toBe(true);
    expect(error.message).toContain(advice);
  });

  it("what is nested too deep, at exactly the depth that decoding refuses, too", () => {
    expect(codec.decode(codec.encode(nested(256)))).toEqual(nested(256));
    expect(refused(nested(257)).message).toMatch(/nested in more than 256 others; send it flatter/);
    let bytes = "";
    for (let i = 0; i < 257; i++) bytes += "6c00000001";
    expect(() => codec.decode(Buffer.from(`83${bytes}6a${"6a".repeat(257)}`, "hex"))).toThrow(/at most 256 containers/);
  });

  it.each([
    ["Map", (term: unknown) => new Map([["k", term]])],
    ["Set", (term: unknown) => new Set([term])],
    ["Error", (cause: unknown) => new Error("e", { cause })],
    ["function", (term: unknown) => remote.bind(identity, term)],
  ])("a %s nested too deep, and decodes all that it does not refuse", (_, wrap) => {
    const wrapped = (levels: number): unknown => (levels === 0 ? 1 : wrap(wrapped(levels - 1)));
    expect(() => codec.decode(codec.encode(wrapped(256)))).not.toThrow();
    expect(refused(wrapped(257)).message).toContain("nested in more than 256");
  });

  it("a term of more bytes than allowed, also when sharing makes it grow without end", () => {
    const small = new ErlangCodec({ identities: new IdentityTable("a@host", 5), bytesMax: 100_000 });
    expect(() => small.encode("x".repeat(100_001))).toThrow(/at most 100000 bytes/);
    let bomb: unknown = "x";
    for (let i = 0; i < 100; i++) bomb = [bomb, bomb];
    expect(() => small.encode(bomb)).toThrow(/at most 100000 bytes/);
    expect(() => small.decode(new Uint8Array(100_001))).toThrow(/at most 100000 bytes/);
  });
});

describe("a writer that has refused", () => {
  it("has written nothing and goes on", () => {
    const writer = new TermWriter();
    writer.writeTerm("before");
    const { length } = writer;
    expect(() => writer.writeTerm([1, Symbol("no")], "reason")).toThrow(/^cannot send reason\[1\]: it is a symbol/);
    expect(writer.length).toBe(length);
    writer.writeTerm("after");
    expect(writer.length).toBe(length + 10);
  });

  it("lets a getter encode another message meanwhile", () => {
    const inner: Uint8Array[] = [];
    const term = {
      get a(): number {
        inner.push(codec.encode("inner"));
        return 1;
      },
    };
    expect(codec.decode(codec.encode([term, 2]))).toEqual([{ a: 1 }, 2]);
    expect(inner.map((bytes) => codec.decode(bytes))).toEqual(["inner"]);
    const writer = new TermWriter();
    const greedy = {
      get a(): void {
        return writer.writeTerm(1);
      },
    };
    expect(() => writer.writeTerm(greedy)).toThrow(/message\.a: cannot encode message: a getter/);
  });

  it("ignores toJSON, symbol keys and properties that are not enumerable", () => {
    const term = Object.defineProperty({ a: 1, [Symbol("s")]: 2, toJSON: undefined }, "hidden", { value: 3 });
    expect(codec.decode(codec.encode(term))).toStrictEqual({ a: 1, toJSON: undefined });
  });

  it("fails with nothing but a CodecError, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withSet: true, withSparseArray: true, withObjectString: true }),
        (term) => {
          try {
            codec.decode(codec.encode(term));
          } catch (error) {
            expect(error).toBeInstanceOf(CodecError);
          }
        },
      ),
    );
  });

  it("does not keep what it has written alive", async () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const kept = new WeakRef({ big: new Map([["k", { here: [1] }]]) });
    codec.encode(kept.deref());
    // What a WeakRef has given out lives until the end of the turn.
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(kept.deref()).toBeUndefined();
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
