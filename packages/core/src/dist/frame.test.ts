import { isDeepStrictEqual } from "node:util";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CodecError } from "../base/errors.ts";
import type { Signal } from "../signal/signal.ts";
import { IdentityTable } from "../term/identity.ts";
import { remote, remoteTerm } from "../term/remote-function.ts";
import { ErlangSignals } from "./frame.ts";

const here = new IdentityTable("ts1@127.0.0.1", 7);
const there = new IdentityTable("e25@127.0.0.1", 0x6b028f0a);
const codec = new ErlangSignals({ identities: here });

const us = here.own.pid(100);
const them = here.get("e25@127.0.0.1", 0x6b028f0a).pid(109);
const ref = here.own.ref(2 ** 40 + 12_345);
const double = remote("frame-test/double", (n: number) => 2 * n);

// As a real node has sent them, without the leading 112 and 131 (OTP 25).
const usHex = "58770d747331403132372e302e302e31000000640000000000000007";
const themHex = "58770d653235403132372e302e302e310000006d000000006b028f0a";

const signals: Signal[] = [
  { op: "send", from: us, to: them, message: { type: "ping", n: 1 } },
  { op: "sendName", from: us, to: "echo", message: "hello" },
  { op: "sendAlias", from: us, to: ref, message: [1, 2, 3] },
  { op: "call", from: us, to: them, alias: ref, type: "$gen_call", request: { type: "add", by: 3 } },
  { op: "call", from: us, to: "counter", alias: ref, type: "$system", request: null },
  { op: "link", from: us, to: them },
  { op: "unlink", id: 2 ** 40, from: us, to: them },
  { op: "unlinkAck", id: 1, from: us, to: them },
  { op: "linkExit", from: us, to: them, reason: "normal" },
  { op: "exit", from: us, to: them, reason: { shutdown: "now" } },
  { op: "monitor", from: us, to: them, ref },
  { op: "monitor", from: us, to: "tmp1", ref },
  { op: "demonitor", from: us, to: them, ref },
  { op: "demonitor", from: us, to: "tmp1", ref },
  { op: "down", from: us, to: them, ref, reason: "noproc" },
  { op: "down", from: "tmp1", to: them, ref, reason: "noproc" },
  { op: "groupLeader", leader: us, to: them },
  {
    op: "spawnRequest",
    ref,
    pid: them,
    from: us,
    groupLeader: us,
    fn: double[remoteTerm],
    args: [1, { two: 2 }],
    wishes: { link: true, monitor: false, reply: "errorOnly" },
  },
  {
    op: "spawnRequest",
    ref,
    pid: them,
    from: us,
    groupLeader: us,
    fn: double[remoteTerm],
    args: [],
    wishes: { link: false, monitor: true },
  },
  { op: "spawnReply", ref, to: us, link: true, monitor: true, result: them },
  { op: "spawnReply", ref, to: us, link: false, monitor: false, result: "undef" },
];

function encode(...all: Signal[]): Uint8Array {
  const encoder = codec.createEncoder();
  for (const signal of all) encoder.append(signal);
  return encoder.take(0);
}

function decode(bytes: Uint8Array, with_: ErlangSignals = codec): Signal[] {
  const read: Signal[] = [];
  with_.decode(bytes, (signal) => read.push(signal) > 0);
  return read;
}

/** As it stands alone: what a batch makes shorter is not Erlang's. */
const hex = (signal: Signal): string => {
  const encoder = codec.createEncoder();
  encoder.append(signal, "alone");
  return Buffer.from(encoder.take(0)).toString("hex");
};

describe("a control message", () => {
  it.each(signals.map((signal) => [`${signal.op} ${hex(signal).length / 2}`, signal] as const))(
    "%s comes back",
    (_, signal) => {
      expect(decode(encode(signal))).toEqual([signal]);
    },
  );

  it("is what a real node sends", () => {
    expect(hex({ op: "link", from: us, to: them })).toBe(`68036101${usHex}${themHex}`);
    expect(hex({ op: "unlink", id: 1, from: us, to: them })).toBe(`680461236101${usHex}${themHex}`);
    expect(hex({ op: "unlinkAck", id: 1, from: us, to: them })).toBe(`680461246101${usHex}${themHex}`);
    expect(hex({ op: "sendName", from: us, to: "echo", message: null })).toBe(
      `68046106${usHex}770077046563686f77036e696c`,
    );
    expect(hex({ op: "groupLeader", leader: us, to: them })).toBe(`68036107${usHex}${themHex}`);
    expect(hex({ op: "linkExit", from: them, to: us, reason: true }).slice(0, -12)).toBe(`68036118${themHex}${usHex}`);
    expect(hex({ op: "monitor", from: us, to: "tmp1", ref: here.own.ref(1) })).toBe(
      `68046113${usHex}7704746d70315a0003770d747331403132372e302e302e3100000007000000010000000000000000`,
    );
  });

  it("may stand behind others, and is read until the reader has enough", () => {
    const bytes = encode(...signals);
    expect(decode(bytes)).toEqual(signals);
    let count = 0;
    codec.decode(bytes, () => (count += 1) < 3);
    expect(count).toBe(3);
  });

  it("says what it has in common with others once", () => {
    const one: Signal = { op: "send", from: us, to: them, message: { type: "tick", name: "type", count: 1 } };
    expect(decode(encode(one, one, one))).toEqual([one, one, one]);
    const [first, third] = [encode(one).length, encode(one, one, one).length - encode(one, one).length];
    expect(third).toBeLessThan(first / 2);
  });

  it("taken out of its batch means the same, and the batch goes on without what it said", () => {
    const encoder = codec.createEncoder();
    const [one, two]: Signal[] = [
      { op: "send", from: us, to: them, message: { type: "tick", count: 1 } },
      { op: "send", from: us, to: them, message: { type: "tack", count: 2, more: "tick" } },
    ];
    if (one === undefined || two === undefined) throw new Error("no signals");
    encoder.append(one);
    const { size } = encoder;
    encoder.append(two);
    expect(decode(encoder.take(size))).toEqual([two]);
    encoder.append(two, "alone");
    const alone = encoder.take(size);
    encoder.append(two);
    encoder.put(alone);
    encoder.append(one);
    expect(decode(encoder.take(0))).toEqual([one, two, two, one]);
    encoder.append(two);
    expect(decode(encoder.take(0))).toEqual([two]);
  });

  it("takes back what it said when it cannot be sent", () => {
    const encoder = codec.createEncoder();
    const one: Signal = { op: "send", from: us, to: them, message: { type: "new", word: 1 } };
    expect(() => encoder.append({ ...one, message: { type: "new", word: Symbol("no") } })).toThrow(CodecError);
    encoder.append(one);
    encoder.append(one);
    expect(decode(encoder.take(0))).toEqual([one, one]);
  });

  it("survives more words than there are numbers", () => {
    const message = Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`key${i}`, i]));
    const one: Signal = { op: "send", from: us, to: them, message };
    expect(decode(encode(one, one))).toEqual([one, one]);
    const define = Buffer.from("016d0000000161", "hex");
    expect(() => decode(Buffer.concat(Array.from({ length: 257 }, () => define)))).toThrow(CodecError);
    expect(() => decode(Buffer.from("6803020058", "hex"))).toThrow(CodecError);
  });

  it("means the same processes on the other side", () => {
    const [signal] = decode(encode({ op: "link", from: us, to: them }), new ErlangSignals({ identities: there }));
    expect(signal).toMatchObject({ op: "link" });
    if (signal?.op !== "link") return;
    expect(signal.to).toBe(there.own.pid(109));
    expect(signal.from).toBe(there.get("ts1@127.0.0.1", 7).pid(100));
  });

  it("that cannot be sent leaves the buffer as it was and names the place (TR-7)", () => {
    const encoder = codec.createEncoder();
    encoder.append({ op: "link", from: us, to: them });
    const { size } = encoder;
    const bad = { items: [1, Symbol("no")] };
    expect(() => encoder.append({ op: "send", from: us, to: them, message: bad })).toThrow(/message\.items\[1\]/u);
    expect(() => encoder.append({ op: "exit", from: us, to: them, reason: () => 1 })).toThrow(/reason/u);
    expect(encoder.size).toBe(size);
    expect(decode(encoder.take(0))).toEqual([{ op: "link", from: us, to: them }]);
  });

  it("cannot be sent from within a getter of one that is being sent", () => {
    const encoder = codec.createEncoder();
    const trap = {
      get trap(): string {
        encoder.append({ op: "link", from: us, to: them });
        return "sprung";
      },
    };
    expect(() => encoder.append({ op: "send", from: us, to: them, message: trap })).toThrow(CodecError);
    expect(encoder.size).toBe(0);
  });

  it("that is none costs a CodecError and nothing else, whatever the bytes (79)", () => {
    const bytes = encode(...signals);
    const attempt = (hostile: Uint8Array): void => {
      try {
        decode(hostile);
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), attempt), { numRuns: 3_000 });
    fc.assert(
      fc.property(
        fc.nat({ max: bytes.length - 1 }),
        fc.nat({ max: 255 }),
        fc.nat({ max: bytes.length }),
        (at, value, length) => {
          const copy = Uint8Array.from(bytes);
          copy[at] = value;
          attempt(copy.subarray(0, length));
        },
      ),
      { numRuns: 3_000 },
    );
    for (const bad of ["", "6803616358", "68046101" + usHex + usHex, "680361ff", "6802770161", "6103"]) {
      if (bad !== "") expect(() => decode(Buffer.from(bad, "hex"))).toThrow(CodecError);
    }
  });

  it("gives large buffers away and goes on with a new one", () => {
    const encoder = codec.createEncoder();
    encoder.append({ op: "link", from: us, to: them });
    const { size } = encoder;
    encoder.append({ op: "send", from: us, to: them, message: "x".repeat(3_000_000) });
    const large = encoder.take(size);
    expect(encoder.size).toBe(size);
    encoder.append({ op: "unlinkAck", id: 1, from: us, to: them });
    expect(decode(large)).toHaveLength(1);
    expect(decode(encoder.take(0)).map((signal) => signal.op)).toEqual(["link", "unlinkAck"]);
  });

  it("holds large binaries instead of copying them, and has them back where they were", () => {
    const bytes = Uint8Array.from({ length: 400_000 }, (_, i) => i % 251);
    const message = {
      small: bytes.slice(0, 1_000),
      all: [bytes, Buffer.from(bytes), bytes.slice().buffer, new Float64Array(bytes.slice().buffer)],
      view: new DataView(bytes.buffer, 8),
      shared: new Uint8Array(new SharedArrayBuffer(400_000)).fill(1),
    };
    const encoder = codec.createEncoder();
    encoder.append({ op: "send", from: us, to: them, message });
    const held = encoder.takeHeld(0);
    const skeleton = encoder.take(0);
    expect(skeleton.length).toBeLessThan(3_000);
    expect(held.map(({ length }) => length)).toEqual([400_000, 400_000, 400_000, 400_000, 399_992, 400_000]);
    expect(held[0]?.bytes.buffer).toBe(bytes.buffer);
    expect(encoder.takeHeld(0)).toEqual([]);
    // As they arrive: each in a buffer of its own.
    const arrived = held.map(({ at, bytes: own, length }) => ({ at, bytes: own.slice(), length }));
    const read: Signal[] = [];
    codec.decode(skeleton, (signal) => read.push(signal) > 0, arrived);
    const [signal] = read;
    if (signal?.op !== "send") throw new Error("no signal");
    const expected = { ...message, shared: new Uint8Array(400_000).fill(1) };
    expect(isDeepStrictEqual(signal.message, { ...expected, view: new DataView(bytes.slice(8).buffer) })).toBe(true);
    const misplaced = arrived.map(({ at, bytes: own, length }) => ({ at: at + 1, bytes: own, length }));
    for (const wrong of [misplaced, arrived.slice(1), [...arrived, { at: 1, bytes, length: 400_000 }]]) {
      expect(() => codec.decode(skeleton, () => true, wrong)).toThrow(CodecError);
    }
    expect(decode(encode({ op: "send", from: us, to: them, message: "as ever" }))).toHaveLength(1);
  });

  it("that fails forgets what it held", () => {
    const encoder = codec.createEncoder();
    const message = [new Uint8Array(400_000), Symbol("no")];
    expect(() => encoder.append({ op: "send", from: us, to: them, message })).toThrow(CodecError);
    expect([encoder.takeHeld(0), encoder.size]).toEqual([[], 0]);
    const small = new ErlangSignals({ identities: here, bytesMax: 1_000 }).createEncoder();
    const large = new Uint8Array(3_000_000);
    expect(() => small.append({ op: "send", from: us, to: them, message: large })).toThrow(/at most/u);
    expect([small.takeHeld(0), small.size]).toEqual([[], 0]);
  });
});
