import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { wholeOf } from "../codec/held.ts";
import { cutFragment, Reassembly } from "./fragments.ts";
import type { FragmentHead } from "./packet.ts";

const head = (wishes: Partial<FragmentHead>): FragmentHead => ({
  lane: 1,
  total: 10,
  isFirst: false,
  isLast: false,
  isBinary: false,
  ...wishes,
});

/** What stands before a binary of that length. */
function header(length: number): Uint8Array {
  const bytes = Buffer.alloc(5, 109);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

describe("fragments", () => {
  it("become what was cut, however lanes are mixed (80)", () => {
    const signals = fc.array(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        signals,
        fc.array(fc.nat(), { maxLength: 500 }),
        fc.integer({ min: 1, max: 700 }),
        (all, order, size) => {
          const reassembly = new Reassembly(3_000);
          const lanes = all.map((bytes, lane) => ({ bytes, lane, at: 0 }));
          const whole: Uint8Array[] = [];
          for (let i = 0; lanes.length > 0; i += 1) {
            const at = (order[i] ?? i) % lanes.length;
            const lane = lanes[at];
            if (lane === undefined) break;
            const { fragment, body } = cutFragment(lane.lane, wholeOf(lane.bytes), { at: lane.at, size });
            lane.at += body.length;
            const got = fragment === undefined ? "bad" : reassembly.add(fragment, body);
            expect(got).not.toBe("bad");
            if (got === undefined || got === "bad") continue;
            expect(Buffer.compare(got.bytes, lane.bytes)).toBe(0);
            whole.push(got.bytes);
            lanes.splice(at, 1);
          }
          expect(whole).toHaveLength(all.length);
        },
      ),
    );
  });

  const signal = fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.uint8Array({ minLength: 1, maxLength: 900 })), {
      maxLength: 4,
    })
    .chain((binaries) => fc.tuple(fc.constant(binaries), fc.uint8Array({ minLength: 1, maxLength: 40 })))
    .map(([binaries, rest]) => {
      const parts: Uint8Array[] = [];
      const held = binaries.map(([before, bytes]) => {
        parts.push(before, header(bytes.length));
        return { at: Buffer.concat(parts).length, bytes, length: bytes.length };
      });
      return wholeOf(Buffer.concat([...parts, rest]), held);
    });

  it("of large binaries travel apart, and are put where they will be", () => {
    fc.assert(
      fc.property(signal, fc.integer({ min: 1, max: 300 }), (whole, size) => {
        const reassembly = new Reassembly(10_000);
        let got: ReturnType<Reassembly["add"]>;
        for (let at = 0; at < whole.length;) {
          expect(got).toBeUndefined();
          const { fragment, body } = cutFragment(1, whole, { at, size });
          at += body.length;
          got = fragment === undefined ? "bad" : reassembly.add(fragment, body);
        }
        if (got === undefined || got === "bad") throw new Error("it was not put together");
        expect(Buffer.compare(got.bytes, whole.bytes)).toBe(0);
        expect(got.length).toBe(whole.length);
        expect(got.held.map(({ at, bytes }) => [at, [...bytes]])).toEqual(
          whole.held.map(({ at, bytes }) => [at, [...bytes]]),
        );
        // They are the receiver's own, to the last byte of their buffer.
        for (const { bytes } of got.held) expect(bytes.buffer.byteLength).toBe(bytes.length);
      }),
    );
  });

  it("of a binary that was not announced, or of more or less than was, are refused", () => {
    const start = (bytes: Uint8Array, total = 100): Reassembly => {
      const reassembly = new Reassembly(1_000);
      expect(reassembly.add(head({ total, isFirst: true }), bytes)).toBeUndefined();
      return reassembly;
    };
    const binary = (wishes: Partial<FragmentHead> = {}): FragmentHead =>
      head({ total: 100, isBinary: true, ...wishes });
    const ten = new Uint8Array(10);
    expect(new Reassembly(100).add(binary({ isFirst: true }), ten)).toBe("bad");
    expect(start(ten).add(binary(), ten)).toBe("bad");
    expect(start(header(96)).add(binary(), ten)).toBe("bad");
    expect(start(header(2 ** 32 - 1)).add(binary(), ten)).toBe("bad");
    expect(start(header(9)).add(binary(), ten)).toBe("bad");
    const full = start(header(10));
    expect(full.add(binary(), ten)).toBeUndefined();
    expect(full.add(binary(), ten)).toBe("bad");
    const half = start(header(20));
    expect(half.add(binary(), ten)).toBeUndefined();
    expect(half.add(head({ total: 100 }), ten)).toBe("bad");
    expect(start(header(20), 15).add(binary({ total: 15, isLast: true }), ten)).toBe("bad");
  });

  it("show the bytes as they are when they leave: what was transferred away meanwhile is zeros, and nothing breaks", () => {
    const bytes = new Uint8Array(100).fill(7);
    const whole = wholeOf(header(100), [{ at: 5, bytes, length: 100 }]);
    const cut = (at: number): readonly number[] => [...cutFragment(1, whole, { at, size: 40 }).body];
    expect([cut(0), cut(5)]).toEqual([[...header(100)], Array.from({ length: 40 }, () => 7)]);
    structuredClone(bytes, { transfer: [bytes.buffer] });
    expect([cut(45), cut(85)]).toEqual([Array.from({ length: 40 }, () => 0), Array.from({ length: 20 }, () => 0)]);
  });

  it("that fit nowhere are refused", () => {
    const five = new Uint8Array(5);
    expect(new Reassembly(100).add(head({}), five)).toBe("bad");
    expect(new Reassembly(9).add(head({ isFirst: true }), five)).toBe("bad");
    expect(new Reassembly(100).add(head({ isFirst: true }), new Uint8Array())).toBe("bad");
    expect(new Reassembly(100).add(head({ isFirst: true, isLast: true }), five)).toBe("bad");
    expect(new Reassembly(100).add(head({ isFirst: true }), new Uint8Array(11))).toBe("bad");
    const begun = (): Reassembly => {
      const reassembly = new Reassembly(100);
      expect(reassembly.add(head({ isFirst: true }), five)).toBeUndefined();
      return reassembly;
    };
    expect(begun().add(head({ isFirst: true }), five)).toBe("bad");
    expect(begun().add(head({ total: 11 }), five)).toBe("bad");
    expect(begun().add(head({}), five)).toBe("bad");
    expect(begun().add(head({ isLast: true }), new Uint8Array(4))).toBe("bad");
    expect(begun().add(head({ isLast: true }), five)).toMatchObject({ length: 10, held: [] });
  });

  it("take memory as they come, not as they announce, and in a bounded number of lanes", () => {
    const reassembly = new Reassembly(2 ** 31);
    const before = process.memoryUsage().arrayBuffers;
    for (let lane = 0; lane < 64; lane += 1) {
      expect(reassembly.add(head({ lane, total: 2 ** 30, isFirst: true }), new Uint8Array(1))).toBeUndefined();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(reassembly.add(head({ lane: 64, isFirst: true }), new Uint8Array(1))).toBe("bad");
  });
});
