/** Chapter 2: signals and their order. */
import { ArgumentError, isSamePid, type Pid } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, dead, endOf, isolations, next, pause, playing, tells, waits } from "./world.ts";

describe.each(isolations)("signals, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-SIG-01 Pairwise FIFO of messages",
    play(async (self) => {
      const b = self.spawn(async (b, parent: Pid) => {
        const all: unknown[] = [];
        while (all.length < 1_000) all.push(await b.receive());
        b.send(parent, all);
      }, self.pid);
      for (let n = 1; n <= 1_000; n += 1) self.send(b, n);
      expect(await next(self)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1));
    }),
  );

  it(
    "T-SIG-02 Messages and exit signal keep order",
    play(async (self) => {
      for (let round = 0; round < 200; round += 1) {
        const { pid, ref } = self.spawnMonitor(async (p) => {
          for (;;) if ((await p.receive()) === "no") p.exit("bad");
        });
        for (let n = 0; n < 3; n += 1) self.send(pid, "ok");
        self.sendExit(pid, "good");
        for (let n = 0; n < 3; n += 1) self.send(pid, "no");
        expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "good" });
      }
    }),
  );

  it(
    "T-SIG-03 Last messages before a linked exit",
    play(async (self) => {
      self.trapExit = true;
      const c = self.spawnLink((c, a: Pid) => {
        c.send(a, 1);
        c.send(a, 2);
        c.exit("x");
      }, self.pid);
      expect(await arrivals(self)).toEqual([1, 2, { type: "EXIT", from: c, reason: "x" }]);
    }),
  );

  it(
    "T-SIG-04 alive? after kill",
    play(async (self) => {
      for (const reason of ["kill", "boom"]) {
        for (let round = 0; round < 200; round += 1) {
          const p = self.spawn(waits);
          if (round % 2 === 0) await pause(self);
          self.sendExit(p, reason);
          expect(self.node.isProcessAlive(p)).toBe(false);
        }
      }
    }),
  );

  it(
    "T-SIG-05 Monitor set before the exit signal",
    play(async (self) => {
      const p = self.spawn(waits);
      await pause(self);
      const ref = self.monitor(p);
      self.sendExit(p, "kill");
      expect(await next(self)).toEqual({ type: "DOWN", ref, object: p, reason: "killed" });
    }),
  );

  it(
    "T-SIG-06 Name is free when DOWN arrives",
    play(async (self) => {
      for (let round = 0; round < 200; round += 1) {
        const { pid, ref } = self.spawnMonitor(waits);
        self.register("n", pid);
        self.sendExit(pid, "bang");
        await self.receive({ type: "DOWN", ref });
        expect(self.whereis("n")).toBeUndefined();
        expect(self.register("n")).toBe(true);
        self.unregister("n");
      }
    }),
  );

  it(
    "T-SIG-07 Sends that must not fail",
    play(async (self) => {
      const d = await dead(self);
      expect(self.send(d, "hi")).toBe("hi");
      expect(self.send({ name: "none", node: self.node.name }, "hi")).toBe("hi");
      expect(self.send(self.makeRef(), "hi")).toBe("hi");
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-SIG-08 Send to an unregistered local name",
    play((self) => {
      expect(() => self.send("none", "hi")).toThrow(ArgumentError);
    }),
  );

  it(
    "T-SIG-09 Self-send is immediate",
    play(async (self) => {
      self.send(self.pid, "x");
      expect(await self.receive((message) => message === "x", { after: 0 })).toBe("x");
    }),
  );

  it(
    "T-SIG-10 Group leader change is ordered",
    play(async (self) => {
      const c = self.spawn(async (c, parent: Pid) => {
        await c.receive((message) => message === "q");
        c.send(parent, c.groupLeader);
      }, self.pid);
      const g = self.spawn(waits);
      expect(self.setGroupLeader(c, g)).toBe(true);
      self.send(c, "q");
      expect(await next(self)).toBe(g);
    }),
  );

  it(
    "SIG-3 order holds whatever address each message was sent to",
    play(async (self) => {
      const b = self.spawn(async (b, parent: Pid) => {
        b.register("b");
        b.send(parent, b.alias());
        await tells(b, parent);
      }, self.pid);
      const alias = await self.receive((message): message is ReturnType<typeof self.makeRef> => message !== undefined);
      const forms = [b, "b", { name: "b", node: self.node.name }, alias];
      for (let n = 0; n < 40; n += 1) self.send(forms[n % forms.length] ?? b, n);
      const got = await arrivals(self);
      expect(got).toEqual(Array.from({ length: 40 }, (_, n) => ({ pid: b, got: n })));
    }),
  );

  it(
    "SIG-4 send returns the message and does not wait",
    play(async (self) => {
      const p = self.spawn(tells, self.pid);
      const message = { a: 1 };
      expect(self.send(p, message)).toBe(message);
      expect(self.node.info(self.pid, "messageQueueLen")).toBe(0);
      expect(await next(self)).toEqual({ pid: p, got: { a: 1 } });
    }),
  );

  it(
    "SIG-5 a name on a node never raises, not even one that cannot be reached",
    play((self) => {
      expect(self.send({ name: "none", node: "nowhere@localhost" }, "hi")).toBe("hi");
      for (const odd of [42, null, undefined, {}, { name: "n" }, { name: 1, node: "n@h" }, { name: "n", node: 1 }]) {
        expect(() => Reflect.apply(self.send, self, [odd, "hi"])).toThrow(ArgumentError);
      }
    }),
  );

  it(
    "SIG-6 messages to an inactive alias and to a ref that is none are dropped",
    play(async (self) => {
      const alias = self.alias();
      self.unalias(alias);
      for (const ref of [alias, self.makeRef(), self.monitor(self.spawn(waits))]) expect(self.send(ref, 1)).toBe(1);
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "SIG-7 everything sent before the end comes before its DOWN",
    play(async (self) => {
      const { pid, ref } = self.spawnMonitor(async (p, parent: Pid) => {
        for (let n = 0; n < 50; n += 1) {
          p.send(parent, n);
          if (n % 10 === 0) await p.sleep(1);
        }
        throw new Error("end");
      }, self.pid);
      const got = await arrivals(self);
      expect(got.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, n) => n));
      expect(got[50]).toMatchObject({ type: "DOWN", ref, object: pid });
      expect(got).toHaveLength(51);
    }),
  );

  it(
    "SIG-8 nothing that a sender sends after a fatal signal is handled",
    play(async (self) => {
      const p = self.spawn(tells, self.pid);
      self.send(p, "before");
      await pause(self);
      self.sendExit(p, "over");
      self.send(p, "after");
      expect(await arrivals(self)).toEqual([{ pid: p, got: "before" }]);
    }),
  );

  it(
    "SIG-9 info counts what the same caller has sent",
    play(async (self) => {
      const p = self.spawn(waits);
      for (let n = 1; n <= 10; n += 1) {
        self.send(p, n);
        expect(self.node.info(p, "messageQueueLen")).toBe(n);
        if (n === 5) await pause(self);
      }
      expect(self.node.info(p, "messages")).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }),
  );

  it(
    "SIG-10 names, aliases and timers are gone before EXIT and DOWN",
    play(async (self) => {
      self.trapExit = true;
      const p = self.spawnLink(async (p, parent: Pid) => {
        p.register("owner");
        p.send(parent, { alias: p.alias(), timer: p.sendAfter(p.pid, "late", 5_000) });
        await waits(p);
      }, self.pid);
      const { alias, timer } = await self.receive(
        {} as { alias: ReturnType<typeof self.makeRef>; timer: ReturnType<typeof self.makeRef> },
      );
      self.monitor(p);
      self.sendExit(p, "over");
      for (let n = 0; n < 2; n += 1) {
        await next(self);
        expect(self.whereis("owner")).toBeUndefined();
        expect(self.readTimer(timer)).toBe(false);
        expect(self.node.info(p)).toBeUndefined();
        self.send(alias, "dropped");
      }
    }),
  );

  it(
    "SIG-11 a message to oneself is there when send returns",
    play((self) => {
      self.send(self.pid, "a");
      self.register("me");
      self.send("me", "b");
      expect(self.node.info(self.pid, "messages")).toEqual(["a", "b"]);
      expect(self.flush()).toEqual(["a", "b"]);
    }),
  );

  it(
    "SIG-12 a monitor or link that comes after a fatal signal is answered with noproc",
    play(async (self) => {
      self.trapExit = true;
      const p = self.spawn(waits);
      await pause(self);
      self.sendExit(p, "boom");
      const ref = self.monitor(p);
      self.link(p);
      expect(await arrivals(self)).toEqual([
        { type: "DOWN", ref, object: p, reason: "noproc" },
        { type: "EXIT", from: p, reason: "noproc" },
      ]);
      expect(await endOf(self, p)).toBe("noproc");
    }),
  );

  it(
    "SIG-14 the own group leader can be set, and only to a pid",
    play(async (self) => {
      const leader = self.spawn(waits);
      self.groupLeader = leader;
      expect(self.groupLeader).toBe(leader);
      const odd: unknown = "leader";
      expect(() => Reflect.set(self, "groupLeader", odd)).toThrow(ArgumentError);
      const d = await dead(self);
      expect(() => self.setGroupLeader(d, leader)).toThrow(ArgumentError);
      expect(() => Reflect.apply(self.setGroupLeader, self, ["name", leader])).toThrow(ArgumentError);
      expect(self.setGroupLeader(leader, d)).toBe(true);
      expect(isSamePid(self.node.info(leader, "groupLeader") ?? leader, d)).toBe(true);
    }),
  );
});
