/** Chapter 7: receive and the mailbox. */
import { ArgumentError, ConcurrentReceiveError, IO, type Pid, StringIO, TIMEOUT } from "@otp/core";
import { type Call, call, GenServer, ok, reply, start } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { arrivals, isolations, next, play as playOnce, playing, reasonOf, waits } from "./world.ts";

class Echo extends GenServer<null, { call: Call<"echo", string>; cast: never; info: never }> {
  override init() {
    return ok(null);
  }
  override handleCall(request: Call<"echo", string>, _: unknown, state: null) {
    return reply(request.type, state);
  }
}

describe.each(isolations)("receive, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-RECV-01 Selective receive keeps the rest",
    play(async (self) => {
      for (const message of [1, 2, 3, "x", 4]) self.send(self.pid, message);
      expect(await self.receive((message) => message === "x")).toBe("x");
      const rest = [await self.receive(), await self.receive(), await self.receive(), await self.receive()];
      expect(rest).toEqual([1, 2, 3, 4]);
    }),
  );

  it(
    "T-RECV-02 Zero timeout",
    play(async (self) => {
      self.send(self.pid, "a");
      expect(await self.receive((message) => message === "b", { after: 0 })).toBe(TIMEOUT);
      expect(self.flush()).toEqual(["a"]);
      expect(await self.receive({ after: 0 })).toBe(TIMEOUT);
    }),
  );

  it(
    "T-RECV-03 Timeout is not restarted",
    play(async (self, { runtime }) => {
      self.spawn(async (noise, to: Pid) => {
        for (let n = 0; n < 20; n += 1) {
          await noise.sleep(20);
          noise.send(to, n);
        }
      }, self.pid);
      const start = runtime.now();
      expect(await self.receive((message) => message === "never", { after: 100 })).toBe(TIMEOUT);
      expect(runtime.now() - start).toBe(100);
    }),
  );

  it(
    "T-RECV-04 Illegal timeouts",
    play(async (self) => {
      for (const after of [-1, 1.5, 2 ** 32, Number.NaN, "soon"]) {
        expect(() => Reflect.apply(self.receive, self, [() => true, { after }])).toThrow(/timeout_value/);
        expect(() => Reflect.apply(self.receive, self, [{ after }])).toThrow(ArgumentError);
      }
      self.send(self.pid, "there");
      expect(await self.receive((message) => message === "there", { after: 2 ** 32 - 1 })).toBe("there");
    }),
  );

  it(
    "T-RECV-05 Library calls keep the mailbox",
    play(async (self) => {
      self.send(self.pid, "m1");
      const device = await StringIO.open(self, "");
      const server = await start(self, Echo, undefined);
      await self.sleep(20);
      expect(await call(self, server, { type: "echo" })).toBe("echo");
      await IO.puts(self, device, "text");
      self.send(self.pid, "m2");
      expect(self.flush()).toEqual(["m1", "m2"]);
      await StringIO.close(self, device);
    }),
  );

  it(
    "T-RECV-06 One receive at a time",
    play(async (self) => {
      const first = self.receive();
      await expect(self.receive()).rejects.toBeInstanceOf(ConcurrentReceiveError);
      await expect(self.hibernate()).rejects.toBeInstanceOf(ConcurrentReceiveError);
      self.send(self.pid, "for the first");
      expect(await first).toBe("for the first");
      expect(await self.receive({ after: 0 })).toBe(TIMEOUT);
    }),
  );

  it(
    "RECV-1 the oldest message that matches anything wanted is taken",
    play(async (self) => {
      for (const message of ["c", "b", "a"]) self.send(self.pid, message);
      expect(await self.receive((message) => message === "a" || message === "b")).toBe("b");
      expect(self.flush()).toEqual(["c", "a"]);
    }),
  );

  it(
    "RECV-3 infinity waits for ever, and a message in time stops the clock",
    play(async (self, { runtime }) => {
      self.sendAfter(self.pid, "late", 50_000);
      expect(await self.receive({ after: "infinity" })).toBe("late");
      self.sendAfter(self.pid, "in time", 99);
      const start = runtime.now();
      expect(await self.receive({ after: 100 })).toBe("in time");
      expect(runtime.now() - start).toBe(99);
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "RECV-5 code that fails on a message has consumed that one only",
    play(async (self) => {
      let left: unknown;
      const reason = await reasonOf(self, async (p) => {
        for (const message of [1, 2, 3]) p.send(p.pid, message);
        try {
          await p.receive();
          throw new Error("on the first");
        } catch {
          left = p.flush();
        }
      });
      expect(reason).toBe("normal");
      expect(left).toEqual([2, 3]);
    }),
  );

  it(
    "RECV-6 a predicate that throws fails the receive and leaves the message",
    play(async (self) => {
      const bad = (message: unknown): boolean => {
        if (message === "bad") throw new RangeError("cannot judge");
        return false;
      };
      self.send(self.pid, "bad");
      await expect(self.receive(bad)).rejects.toThrow("cannot judge");
      expect(self.flush()).toEqual(["bad"]);
      self.sendAfter(self.pid, "bad", 10);
      await expect(self.receive(bad)).rejects.toThrow("cannot judge");
      expect(self.flush()).toEqual(["bad"]);
    }),
  );

  it(
    "RECV-7 a receive for a fresh ref never looks at older messages",
    play(async (self) => {
      let looked = 0;
      for (let n = 0; n < 1_000; n += 1) self.send(self.pid, { n });
      const ref = self.makeRef();
      self.spawn((p, to: Pid) => p.send(to, { ref, answer: 42 }), self.pid);
      expect(await self.receive({ ref })).toEqual({ ref, answer: 42 });
      await self.receive(
        () => {
          looked += 1;
          return false;
        },
        { after: 0 },
      );
      expect(looked).toBe(1_000);
    }),
  );

  it(
    "RECV-8 sleeping leaves messages untouched and in order",
    play(async (self) => {
      self.send(self.pid, "m1");
      self.sendAfter(self.pid, "m2", 5);
      await self.sleep(20);
      self.send(self.pid, "m3");
      expect(self.flush()).toEqual(["m1", "m2", "m3"]);
    }),
  );

  it(
    "RECV-9 others can look at a mailbox and not take from it",
    play((self, { node }) => {
      const p = self.spawn(waits);
      self.send(p, "a");
      const seen = node.info(p, "messages");
      expect(seen).toEqual(["a"]);
      expect(node.info(p, "messages")).toEqual(["a"]);
      expect(node.info(p, "messages")).not.toBe(seen);
    }),
  );

  it(
    "RECV-2 patterns match by fields, nested ones too, and leave the rest in order",
    play(async (self) => {
      const messages = [
        { type: "a", n: 1 },
        { type: "b", at: { x: 1, y: 2 } },
        { type: "b", at: { x: 2, y: 2 } },
        [1, 2],
      ];
      for (const message of messages) self.send(self.pid, message);
      expect(await self.receive({ type: "b", at: { x: 2 } })).toEqual(messages[2]);
      expect(await self.receive({ type: "a" })).toEqual(messages[0]);
      expect(self.flush()).toEqual([messages[1], messages[3]]);
    }),
  );
});

it("RECV-6 a pattern never fails: a message that cannot be looked into does not match", () =>
  playOnce(
    async (self) => {
      const trap = new Proxy(
        {},
        {
          getOwnPropertyDescriptor(): never {
            throw new Error("no look");
          },
        },
      );
      self.send(self.pid, trap);
      self.send(self.pid, { type: "a" });
      expect(await self.receive({ type: "a" })).toEqual({ type: "a" });
      for (const odd of [42, null, [], new Map()]) {
        expect(() => Reflect.apply(self.receive, self, [odd])).toThrow(ArgumentError);
      }
      expect(() => Reflect.apply(self.receive, self, [() => true, 100])).toThrow(ArgumentError);
      expect(() => Reflect.apply(self.receive, self, [self.pid])).toThrow(ArgumentError);
      await next(self);
    },
    { isolation: "share" },
  ));
