/**
 * D3 under fire: valid messages, damaged at random, decode to something of their own size or fail with a `CodecError`.
 *
 * 50,000 inputs in a normal run; a million, or as many as two minutes allow, with OTP_LONG=1. OTP_SEED repeats a run.
 */
import { Buffer } from "node:buffer";

import { describe, expect, it } from "vitest";

import { CodecError, ExitError } from "../base/errors.ts";
import { IdentityTable } from "../term/identity.ts";
import { remote } from "../term/remote-function.ts";
import { ErlangCodec } from "./erlang-codec.ts";

const isLong = process.env["OTP_LONG"] === "1";
const seed = Number(process.env["OTP_SEED"] ?? (isLong ? Date.now() % 2 ** 31 : 20_251));
const inputs = isLong ? 1_000_000 : 50_000;
const timeBox = isLong ? 120_000 : 20_000;

function generator(start: number): (bound: number) => number {
  let state = start | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

function messages(identities: IdentityTable): readonly unknown[] {
  const [pid, ref] = [identities.own.pid(100), identities.own.ref(2 ** 50 + 7)];
  const foreign = identities.get("e25@127.0.0.1", 77).foreignRef([1, 2, 3, 4, 5]);
  return [
    { type: "$gen_call", from: [pid, ref], request: { type: "add", by: 3 } },
    {
      type: "DOWN",
      ref,
      object: pid,
      reason: new ExitError({ shutdown: ["a", 1.5] }, "stopped", { cause: new TypeError("t") }),
    },
    [
      0,
      255,
      256,
      -1,
      2 ** 31,
      -(2 ** 40),
      0.1,
      -0,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      5n,
      -(2n ** 70n),
      2n ** 4000n,
    ],
    ["", "abc", "äöü€😀", "\ud800", "x".repeat(300), true, false, null, undefined, foreign],
    new Map<unknown, unknown>([
      [1, "one"],
      [{ a: 1 }, new Set([1, [2], "3"])],
      [pid, ref],
    ]),
    [
      new Uint8Array([1, 2, 3]),
      Buffer.from("abc"),
      new Float64Array([1, 2]),
      new DataView(new ArrayBuffer(4)),
      new ArrayBuffer(3),
    ],
    {
      date: new Date(1e12),
      never: new Date(Number.NaN),
      f: remote.bind(
        remote("fuzz-test", (n: number) => n),
        1,
      ),
    },
    {
      users: Array.from({ length: 5 }, (_, id) => ({
        id,
        name: `user ${id}`,
        tags: ["a", "b"],
        nested: { deep: { deeper: [id] } },
      })),
    },
    new AggregateError([new Error("one"), "two"], "many"),
  ];
}

const lengths = [0, 1, 127, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff];
const tags = [70, 80, 88, 90, 97, 98, 104, 105, 106, 107, 108, 109, 110, 111, 116, 118, 119, 131];

/** One to four of: a flipped bit, another byte, a tag, a length, a cut, a piece left out, repeated or taken from elsewhere. */
function damage(original: Buffer, other: Buffer, pick: (bound: number) => number): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let rounds = 1 + pick(4); rounds > 0; rounds--) {
    const at = pick(bytes.length + 1);
    const span = pick(Math.min(40, bytes.length - at + 1));
    switch (pick(8)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = pick(256);
        break;
      case 2:
        if (at < bytes.length) bytes[at] = tags[pick(tags.length)] ?? 0;
        break;
      case 3:
        if (at + 4 <= bytes.length) bytes.writeUInt32BE(lengths[pick(lengths.length)] ?? 0, at);
        break;
      case 4:
        bytes = bytes.subarray(0, at);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + span)]);
        break;
      case 6:
        bytes = Buffer.concat([bytes.subarray(0, at + span), bytes.subarray(at)]);
        break;
      default: {
        const from = pick(other.length);
        bytes = Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + span), bytes.subarray(at + span)]);
      }
    }
  }
  return bytes;
}

/** How much there is in a value: elements, properties, characters, bytes. */
function weigh(value: unknown): number {
  if (typeof value === "string") return 1 + value.length;
  if (typeof value === "bigint") return 1 + value.toString(16).length / 2;
  if (typeof value !== "object" || value === null) return 1;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 1 + value.byteLength;
  if (value instanceof Map) return 1 + weigh([...value.keys()]) + weigh([...value.values()]);
  if (value instanceof Set) return 1 + weigh([...value]);
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + weigh(item), 1 + value.length);
  if (!(value instanceof Error) && Object.getPrototypeOf(value) !== Object.prototype) return 1;
  return Object.entries(value).reduce((sum, [key, item]) => sum + key.length + weigh(item), 1);
}

describe("D3 fuzz", () => {
  it(`only CodecErrors, nothing out of proportion (seed ${seed})`, { timeout: timeBox + 10_000 }, () => {
    const pick = generator(seed);
    const start = performance.now();
    const tally = { tried: 0, decoded: 0, slowest: 0 };
    while (tally.tried < inputs && performance.now() - start < timeBox) {
      // A new node now and then, for its table keeps every node that it has read of.
      const identities = new IdentityTable("ts1@127.0.0.1", 7);
      const codec = new ErlangCodec({ identities });
      const valid = messages(identities).map((message) => Buffer.from(codec.encode(message)));
      for (let i = 0; i < 10_000; i++) {
        const one = valid[pick(valid.length)] ?? Buffer.alloc(0);
        const two = valid[pick(valid.length)] ?? one;
        const bytes = damage(one, two, pick);
        const began = performance.now();
        tally.tried++;
        try {
          const term = codec.decode(bytes);
          tally.decoded++;
          if (weigh(term) > 4 * bytes.length + 100) throw new Error(`${bytes.toString("hex")} decodes to too much`);
          codec.decode(codec.encode(term));
        } catch (error) {
          if (!(error instanceof CodecError)) throw new Error(bytes.toString("hex"), { cause: error });
          // What can be decoded must not be too much to encode.
          if (error.path !== "") throw new Error(bytes.toString("hex"), { cause: error });
        }
        tally.slowest = Math.max(tally.slowest, performance.now() - began);
      }
    }
    if (isLong)
      console.log(`fuzz: ${tally.tried} inputs, ${tally.decoded} decoded, slowest ${tally.slowest.toFixed(1)} ms`);
    expect(tally.tried).toBeGreaterThanOrEqual(Math.min(inputs, 10_000));
    expect(tally.decoded).toBeGreaterThan(tally.tried / 50);
    expect(tally.slowest).toBeLessThan(5000);
    expect("polluted" in {}).toBe(false);
  });
});
