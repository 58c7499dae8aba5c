import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  type Ack,
  type Content,
  contentsHeadMax,
  packetKind,
  readContents,
  readText,
  writeContentsHead,
  writeFarewell,
} from "./packet.ts";

const ranges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 1_000 })), { maxLength: 32 })
  .map((pairs) => {
    let at = 0;
    return pairs.map(([gap, length]) => {
      const start = at + gap;
      at = start + length;
      return { start, length };
    });
  });

const ack: fc.Arbitrary<Ack> = fc
  .record({
    next: fc.nat({ max: 2 ** 40 }),
    frame: fc.nat({ max: 2 ** 40 }),
    delay: fc.nat({ max: 60_000 }),
    slack: fc.nat({ max: 60_000 }),
    ranges,
  })
  .map(({ next, frame, delay, slack, ranges: relative }) => ({
    next,
    frame,
    delayMs: delay / 8,
    slackMs: slack / 8,
    ranges: relative.map(({ start, length }) => ({ start: next + start, length })),
  }));

const content: fc.Arbitrary<Content> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(packetKind.batch, packetKind.goodbye),
    fragment: fc.constant(undefined),
    body: fc.uint8Array({ maxLength: 50 }),
  }),
  fc.record({
    kind: fc.constant(packetKind.fragment),
    fragment: fc.record({
      lane: fc.nat({ max: 2 ** 31 }),
      total: fc.nat({ max: 2 ** 31 }),
      isFirst: fc.boolean(),
      isBinary: fc.boolean(),
      isLast: fc.boolean(),
    }),
    body: fc.uint8Array({ maxLength: 50 }),
  }),
  fc.constant({ kind: packetKind.nothing, fragment: undefined, body: new Uint8Array() }),
);

describe("the contents of a frame", () => {
  it("are read as they were written", () => {
    const anyPacket = fc.record({ sequence: fc.nat({ max: 2 ** 40 }), content, isUrgent: fc.boolean() });
    fc.assert(
      fc.property(fc.option(ack, { nil: undefined }), fc.option(anyPacket, { nil: undefined }), (a, packet) => {
        const head = writeContentsHead(a, packet);
        expect(head.length).toBeLessThanOrEqual(contentsHeadMax);
        const read = readContents(Uint8Array.from([...head, ...(packet?.content.body ?? [])]));
        expect(read?.ack).toEqual(a);
        expect(read?.sequence).toBe(packet?.sequence ?? -1);
        expect(read?.isUrgent).toBe(packet?.isUrgent ?? false);
        expect(read?.content?.kind).toBe(packet?.content.kind);
        expect(read?.content?.fragment).toEqual(packet?.content.fragment);
        expect([...(read?.content?.body ?? [])]).toEqual([...(packet?.content.body ?? [])]);
      }),
    );
  });

  it("that make no sense are refused, whatever they are, without an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => void readContents(bytes)),
      { numRuns: 20_000 },
    );
    for (const bad of [
      [],
      [16],
      [3],
      [2, 0, 0, 0, 0, 0, 0, 9],
      [0, 1],
      [1, ...Array.from({ length: 16 }, () => 0), 33],
    ]) {
      expect(readContents(Uint8Array.from(bad))).toBeUndefined();
    }
  });

  it("refuse ranges that touch, overlap, go back or are empty", () => {
    const withSecond = (start: number, length: number): Uint8Array => {
      const both = [
        { start: 2, length: 2 },
        { start, length },
      ];
      return writeContentsHead({ next: 0, frame: 0, delayMs: 0, slackMs: 0, ranges: both }, undefined);
    };
    expect(readContents(withSecond(5, 1))).toBeDefined();
    for (const [start, length] of [
      [4, 1],
      [3, 1],
      [0, 1],
      [5, 0],
    ] as const) {
      expect(readContents(withSecond(start, length))).toBeUndefined();
    }
  });

  it("may say goodbye, in one short line whatever was sent", () => {
    const read = readContents(writeFarewell("overflow: too\nmuch\u001b[31m" + "x".repeat(10_000)));
    expect(read?.farewell).toMatch(/^overflow: too\?much\?\[31mx+$/u);
    expect(read?.farewell?.length).toBe(256);
    expect(readText(Uint8Array.from([0xff, 0xfe, 10]))).not.toContain("\n");
  });
});
