import fc from "fast-check";
import { expect, it } from "vitest";

import { Deliveries } from "./deliveries.ts";

/** What happens next: one starts if it may, one of those that run finishes, or what is due is taken. */
const steps = fc.array(fc.oneof(fc.constant("start"), fc.constant("take"), fc.nat(20)));

it("STREAM-1 never more than may run, each result once, in the order that was asked for", () => {
  fc.assert(
    fc.property(steps, fc.boolean(), fc.integer({ min: 1, max: 5 }), (happens, isOrdered, maxConcurrency) => {
      const deliveries = new Deliveries<{ readonly position: number }>({ isOrdered, maxConcurrency });
      const running: number[] = [];
      const finished: number[] = [];
      const taken: number[] = [];
      let started = 0;
      for (const step of happens) {
        expect(deliveries.mayStart).toBe(running.length < maxConcurrency);
        if (step === "start") {
          if (!deliveries.mayStart) continue;
          const position = deliveries.start();
          expect(position).toBe(started);
          started += 1;
          running.push(position);
        } else if (step === "take") {
          const item = deliveries.take();
          if (item !== undefined) taken.push(item.position);
          else if (isOrdered) expect(finished).not.toContain(taken.length);
          else expect(taken).toHaveLength(finished.length);
        } else {
          const [position] = running.splice(step % Math.max(1, running.length), 1);
          if (position === undefined) continue;
          finished.push(position);
          deliveries.finish(position, { position });
        }
        expect(deliveries.isIdle).toBe(running.length === 0 && taken.length === finished.length);
      }
      expect(taken).toEqual(isOrdered ? taken.map((_, index) => index) : finished.slice(0, taken.length));
    }),
  );
});
