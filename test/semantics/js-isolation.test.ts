/** Chapter 1, JS-6: messages are values. */
import { describe, expect, it } from "vitest";

import { arrivals, endOf, next, pause, play, waits } from "./world.ts";

describe("isolation of messages", () => {
  it("JS-6 frozen messages cannot be changed by either side", () =>
    play(
      async (self) => {
        const message = { list: [{ n: 1 }], when: new Date(0) };
        self.send(self.pid, message);
        const got = (await next(self)) as typeof message;
        expect(() => message.list.push({ n: 2 })).toThrow(TypeError);
        expect(() => Object.assign(got.list[0] ?? {}, { n: 3 })).toThrow(TypeError);
        expect(got).toEqual({ list: [{ n: 1 }], when: new Date(0) });
      },
      { isolation: "freeze" },
    ));

  it("JS-6 copied messages are different objects on both sides", () =>
    play(
      async (self) => {
        const message = { list: [{ n: 1 }], map: new Map([["k", 1]]) };
        self.send(self.pid, message);
        message.list.push({ n: 2 });
        message.map.set("k", 2);
        expect(await next(self)).toEqual({ list: [{ n: 1 }], map: new Map([["k", 1]]) });
      },
      { isolation: "copy" },
    ));

  it.each(["freeze", "copy"] as const)("JS-6 reasons and timer messages are isolated too: %s", (isolation) =>
    play(
      async (self, { node }) => {
        const change = (value: { n: number }): void => {
          try {
            value.n = 2;
          } catch {
            // Frozen.
          }
        };
        const reasons = [{ n: 1 }, { n: 1 }, { n: 1 }];
        const [a, b, c] = reasons as [{ n: number }, { n: number }, { n: number }];
        const p = self.spawnMonitor((p) => p.exit(a));
        const q = self.spawnMonitor(waits);
        const r = self.spawnMonitor(waits);
        await pause(self);
        self.sendExit(q.pid, b);
        node.sendExit(r.pid, c);
        self.sendAfter(self.pid, a, 5);
        self.startTimer(self.pid, b, 5);
        for (const reason of reasons) change(reason);
        for (const message of await arrivals(self)) {
          const { reason, message: inner, n } = message as { reason?: unknown; message?: unknown; n?: number };
          const seen: unknown = reason ?? inner ?? { n };
          expect(seen).toEqual({ n: 1 });
        }
        expect(await endOf(self, p.pid)).toBe("noproc");
      },
      { isolation },
    ),
  );

  it("JS-6 a message nested deeper than the stack is frozen to its bottom", () =>
    play(
      async (self) => {
        const bottom = { n: 0 };
        let message: unknown = bottom;
        for (let n = 0; n < 200_000; n += 1) message = n % 2 === 0 ? [message] : { message };
        self.send(self.pid, message);
        expect(Object.isFrozen(bottom)).toBe(true);
        expect(self.flush()).toHaveLength(1);
      },
      { isolation: "freeze" },
    ));
});
