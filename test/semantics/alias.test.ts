/** Chapter 6: aliases. */
import { ArgumentError, type Pid, type Process, type Ref } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, isolations, next, pause, playing, tells, waits } from "./world.ts";

/** Makes an alias, tells it, then tells what it receives. */
async function owns(self: Process, parent: Pid): Promise<void> {
  self.send(parent, self.alias());
  await tells(self, parent);
}

describe.each(isolations)("aliases, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-ALIAS-01 Send through an alias",
    play(async (self) => {
      const a = self.alias();
      self.spawn((p) => p.send(a, "hi"));
      expect(await next(self)).toBe("hi");
    }),
  );

  it(
    "T-ALIAS-02 unalias",
    play(async (self) => {
      const a = self.alias();
      expect(self.unalias(a)).toBe(true);
      self.send(a, "m");
      expect(await arrivals(self)).toEqual([]);
      expect(self.unalias(a)).toBe(false);
    }),
  );

  it(
    "T-ALIAS-03 Already delivered messages stay",
    play(async (self, { node }) => {
      const a = self.alias();
      self.spawn((p) => p.send(a, "hi"));
      await pause(self);
      expect(node.info(self.pid, "messageQueueLen")).toBe(1);
      self.unalias(a);
      expect(await self.receive()).toBe("hi");
    }),
  );

  it(
    "T-ALIAS-04 reply alias closes after one message",
    play(async (self) => {
      const a = self.alias({ reply: true });
      self.send(self.pid, "direct");
      self.send(a, 1);
      self.send(a, 2);
      expect(await arrivals(self)).toEqual(["direct", 1]);
      expect(self.unalias(a)).toBe(false);
    }),
  );

  it(
    "T-ALIAS-05 reply_demonitor, DOWN first",
    play(async (self) => {
      const p = self.spawn(waits);
      const r = self.monitor(p, { alias: "replyDemonitor" });
      self.sendExit(p, "x");
      expect(await next(self)).toEqual({ type: "DOWN", ref: r, object: p, reason: "x" });
      self.send(r, "late");
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-ALIAS-06 unalias by a stranger",
    play(async (self) => {
      const t = self.spawn(owns, self.pid);
      const a = (await next(self)) as Ref;
      expect(self.unalias(a)).toBe(false);
      self.send(a, "m");
      expect(await next(self)).toEqual({ pid: t, got: "m" });
    }),
  );

  it(
    "T-ALIAS-07 Alias of a dead process",
    play(async (self) => {
      const t = self.spawn(owns, self.pid);
      const a = (await next(self)) as Ref;
      self.sendExit(t, "kill");
      expect(self.send(a, "m")).toBe("m");
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-ALIAS-08 Independent aliases",
    play(async (self) => {
      const [a, b, c] = [self.alias(), self.alias(), self.alias()];
      self.unalias(b);
      self.send(a, 1);
      self.send(b, 2);
      self.send(c, 3);
      expect(await arrivals(self)).toEqual([1, 3]);
    }),
  );

  it(
    "ALIAS-2 unalias refuses what is not a ref",
    play((self) => {
      for (const odd of ["a", 1, undefined, self.pid]) {
        expect(() => Reflect.apply(self.unalias, self, [odd])).toThrow(ArgumentError);
      }
      expect(self.unalias(self.makeRef())).toBe(false);
    }),
  );

  it(
    "ALIAS-3 an alias closed before the message is delivered drops it",
    play(async (self) => {
      const a = self.alias();
      self.send(a, "before");
      self.unalias(a);
      self.send(a, "after");
      expect(await arrivals(self)).toEqual(["before"]);
    }),
  );

  it(
    "ALIAS-5 explicitUnalias survives demonitor and DOWN",
    play(async (self) => {
      const p = self.spawn(waits);
      const a = self.monitor(p, { alias: "explicitUnalias" });
      const b = self.monitor(p, { alias: "explicitUnalias" });
      self.demonitor(a);
      self.send(a, 1);
      self.sendExit(p, "x");
      self.send(b, 2);
      expect(await arrivals(self)).toEqual([1, { type: "DOWN", ref: b, object: p, reason: "x" }, 2]);
      expect([self.unalias(a), self.unalias(b)]).toEqual([true, true]);
    }),
  );

  it(
    "ALIAS-6 demonitor mode: closed by demonitor and DOWN; unalias leaves the monitor",
    play(async (self) => {
      const p = self.spawn(waits);
      const [a, b, c] = [
        self.monitor(p, { alias: "demonitor" }),
        self.monitor(p, { alias: "demonitor" }),
        self.monitor(p, { alias: "demonitor" }),
      ];
      self.send(a, 1);
      self.send(a, 2);
      self.demonitor(a);
      self.send(a, 3);
      expect(self.unalias(a)).toBe(false);
      expect(self.unalias(b)).toBe(true);
      self.sendExit(p, "x");
      self.send(c, 4);
      expect(await arrivals(self)).toEqual([
        1,
        2,
        { type: "DOWN", ref: b, object: p, reason: "x" },
        { type: "DOWN", ref: c, object: p, reason: "x" },
      ]);
    }),
  );

  it(
    "ALIAS-7 replyDemonitor: the first message removes alias and monitor together",
    play(async (self, { node }) => {
      const p = self.spawn(waits);
      const r = self.monitor(p, { alias: "replyDemonitor" });
      self.send(self.pid, "direct");
      self.send(r, "reply");
      self.send(r, "again");
      expect(node.info(self.pid, "monitors")).toEqual([]);
      expect(node.info(p, "monitoredBy")).toEqual([]);
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual(["direct", "reply"]);
      expect(self.unalias(r)).toBe(false);
    }),
  );

  it(
    "ALIAS-8 demonitor of a ref that is only an alias leaves it open",
    play(async (self) => {
      const a = self.alias();
      expect(self.demonitor(a)).toBe(true);
      expect(self.demonitor(a, { info: true })).toBe(false);
      self.send(a, 1);
      expect(await arrivals(self)).toEqual([1]);
    }),
  );

  it(
    "ALIAS-9 aliases are no destination of sendExit, link and monitor",
    play((self) => {
      const a = self.alias();
      expect(() => Reflect.apply(self.sendExit, self, [a, "x"])).toThrow(ArgumentError);
      expect(() => Reflect.apply(self.link, self, [a])).toThrow(ArgumentError);
      expect(() => Reflect.apply(self.monitor, self, [a])).toThrow(ArgumentError);
    }),
  );

  it(
    "ALIAS-10 a ref looks the same whether it is an alias, open or closed, or none",
    play((self) => {
      const [open, closed, none] = [self.alias(), self.alias(), self.makeRef()];
      self.unalias(closed);
      const shape = (ref: Ref): string[] => Reflect.ownKeys(ref).map(String);
      expect(shape(open)).toEqual(shape(none));
      expect(shape(closed)).toEqual(shape(none));
    }),
  );

  it(
    "ALIAS-1 an alias of a monitor of oneself is never open, as in Erlang",
    play(async (self) => {
      const r = self.monitor(self.pid, { alias: "explicitUnalias" });
      self.send(r, "hi");
      expect(await arrivals(self)).toEqual([]);
      expect(self.unalias(r)).toBe(false);
    }),
  );
});
