import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Opener, Sealer, sealOverhead } from "./seal.ts";

const session = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
const key = new Uint8Array(32).fill(7);
const text = (value: string): Uint8Array => Buffer.from(value);

function contentsOf(opener: Opener, frame: Uint8Array): string {
  const opened = opener.open(frame);
  return typeof opened === "string" ? opened : Buffer.from(opened.contents).toString();
}

describe("a sealed frame", () => {
  it("opens to head and body, once", () => {
    const sealer = new Sealer(session, key);
    const opener = new Opener(key);
    const frame = sealer.seal(text("head "), text("body"));
    expect(frame.length).toBe(9 + sealOverhead);
    expect(contentsOf(opener, frame)).toBe("head body");
    expect(contentsOf(opener, frame)).toBe("replayed");
    expect(contentsOf(opener, sealer.seal(text("alone"), undefined))).toBe("alone");
    expect(opener.highest).toBe(1);
  });

  it("that was changed anywhere, or cut, is forged and changes nothing", () => {
    const frame = new Sealer(session, key).seal(text("head"), text("body"));
    const opener = new Opener(key);
    for (let at = 0; at < frame.length; at += 1) {
      const copy = Uint8Array.from(frame);
      copy[at] = (copy[at] ?? 0) ^ 0x10;
      expect(contentsOf(opener, copy)).toBe("forged");
      expect(contentsOf(opener, frame.subarray(0, at))).toBe("forged");
    }
    expect(contentsOf(opener, frame)).toBe("headbody");
  });

  it("is the same, opens the same and is refused the same when it was prepared for", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ ahead: fc.boolean(), awaits: fc.boolean(), flips: fc.nat() })), (steps) => {
        const [plain, ahead] = [new Sealer(session, key, { perKey: 3 }), new Sealer(session, key, { perKey: 3 })];
        const opener = new Opener(key, { perKey: 3 });
        for (const [i, step] of steps.entries()) {
          if (step.ahead) ahead.prepare();
          const frame = ahead.seal(text("head"), text(String(i)));
          expect(frame).toEqual(plain.seal(text("head"), text(String(i))));
          if (step.awaits) opener.prepare();
          const forged = Uint8Array.from(frame);
          const at = step.flips % forged.length;
          forged[at] = (forged[at] ?? 0) ^ 0x01;
          if (step.flips % 2 === 0) expect(["forged", "replayed"]).toContain(contentsOf(opener, forged));
          expect(contentsOf(opener, frame)).toBe(`head${i}`);
          expect(contentsOf(opener, frame)).toBe("replayed");
        }
      }),
      { numRuns: 100 },
    );
  });

  it("may overtake the one that was prepared for", () => {
    const sealer = new Sealer(session, key);
    const opener = new Opener(key);
    const [first, second, third] = ["a", "b", "c"].map((name) => sealer.seal(text(name), undefined));
    expect(contentsOf(opener, first ?? new Uint8Array())).toBe("a");
    opener.prepare();
    expect(contentsOf(opener, third ?? new Uint8Array())).toBe("c");
    opener.prepare();
    expect(contentsOf(opener, second ?? new Uint8Array())).toBe("b");
  });

  it("does not open under the other direction's key", () => {
    const frame = new Sealer(session, key).seal(text("x"), undefined);
    expect(contentsOf(new Opener(new Uint8Array(32)), frame)).toBe("forged");
  });

  it("is accepted exactly once, however frames are mixed", () => {
    const sealer = new Sealer(session, key);
    const frames = Array.from({ length: 600 }, (_, i) => sealer.seal(text(String(i)), undefined));
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 599 }), { maxLength: 200, size: "max" }), (order) => {
        const opener = new Opener(key);
        const seen = new Set<number>();
        for (const i of order) {
          const expected = seen.has(i) ? "replayed" : String(i);
          expect(contentsOf(opener, frames[i] ?? new Uint8Array())).toBe(expected);
          seen.add(i);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("counts as played back when it is older than the window", () => {
    const sealer = new Sealer(session, key);
    const first = sealer.seal(text("first"), undefined);
    const second = sealer.seal(text("second"), undefined);
    const opener = new Opener(key);
    let last = second;
    for (let i = 0; i < 4_064; i += 1) last = sealer.seal(text("x"), undefined);
    expect(contentsOf(opener, last)).toBe("x");
    expect(contentsOf(opener, first)).toBe("replayed");
    expect(contentsOf(opener, second)).toBe("replayed");
  });

  it("goes on under new keys, also for frames that come late from the key before", () => {
    const sealer = new Sealer(session, key, { perKey: 4 });
    const frames = Array.from({ length: 20 }, (_, i) => sealer.seal(text(String(i)), undefined));
    const opener = new Opener(key, { perKey: 4 });
    const swapped = frames.map((_, i) => frames[i % 2 === 0 ? i + 1 : i - 1] ?? new Uint8Array());
    expect(swapped.map((frame) => contentsOf(opener, frame))).toEqual(
      frames.map((_, i) => String(i % 2 === 0 ? i + 1 : i - 1)),
    );
    // The first key opens nothing of the second.
    expect(contentsOf(new Opener(key, { perKey: 1_000 }), frames[5] ?? new Uint8Array())).toBe("forged");
  });
});
