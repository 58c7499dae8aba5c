import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cutFragment, Reassembly } from "./fragments.ts";
import type { FragmentHead } from "./packet.ts";

const head = (wishes: Partial<FragmentHead>): FragmentHead => ({
  lane: 1,
  total: 10,
  isFirst: false,
  isLast: false,
  ...wishes,
});

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
            const { fragment, body } = cutFragment(lane.lane, lane.bytes, { at: lane.at, size });
            lane.at += body.length;
            const got = fragment === undefined ? "bad" : reassembly.add(fragment, body);
            expect(got).not.toBe("bad");
            if (got === undefined || got === "bad") continue;
            expect(Buffer.compare(got, lane.bytes)).toBe(0);
            whole.push(got);
            lanes.splice(at, 1);
          }
          expect(whole).toHaveLength(all.length);
        },
      ),
    );
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
    expect(begun().add(head({ isLast: true }), five)).toHaveLength(10);
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
