/** Chapter 1: what JavaScript makes different. */
import {
  ArgumentError,
  ConcurrentReceiveError,
  DeadProcessError,
  isSamePid,
  isSameRef,
  type Pid,
  type Process,
  type Ref,
  remote,
} from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, isolations, next, pause, playing, reasonOf, tells, waits } from "./world.ts";

const nothing = remote("semantics/js/nothing", () => undefined);

describe.each(isolations)("JavaScript, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "JS-1 a process runs until it awaits, and nothing comes between",
    play(async (self) => {
      const order: string[] = [];
      const p = self.spawn(async (p) => {
        order.push("p begins");
        await p.receive();
        order.push("p goes on");
      });
      await pause(self);
      self.send(p, "go");
      order.push("self still runs");
      await pause(self);
      expect(order).toEqual(["p begins", "self still runs", "p goes on"]);
    }),
  );

  it(
    "JS-2 spawn gives the pid at once and runs nothing of the child in the call",
    play(async (self, { node }) => {
      let runs = 0;
      const count = (): void => {
        runs += 1;
      };
      const pids = [self.spawn(count), self.spawnLink(count), self.spawnMonitor(count).pid, node.spawn(count)];
      expect(runs).toBe(0);
      for (const pid of pids) expect(node.isProcessAlive(pid)).toBe(true);
      await pause(self);
      expect(runs).toBe(4);
      self.flush();
    }),
  );

  it(
    "JS-3 a fatal signal to a suspended process takes effect before the call returns",
    play(async (self, { node }) => {
      self.trapExit = true;
      const p = self.spawnLink(async (p) => {
        p.register("victim");
        await waits(p);
      });
      const ref = self.monitor(p);
      await pause(self);
      self.sendExit(p, "over");
      expect(node.isProcessAlive(p)).toBe(false);
      expect(self.whereis("victim")).toBeUndefined();
      expect(new Set(self.flush())).toEqual(
        new Set([
          { type: "EXIT", from: p, reason: "over" },
          { type: "DOWN", ref, object: p, reason: "over" },
        ]),
      );
    }),
  );

  it(
    "JS-4 what a dead process awaits never settles, and its calls fail without effect",
    play(async (self, { node }) => {
      const order: string[] = [];
      let ghost: Process | undefined;
      const p = self.spawn(async (p) => {
        ghost = p;
        p.sleep(5).then(
          () => order.push("slept"),
          () => order.push("sleep failed"),
        );
        try {
          await p.receive({ after: 10 });
          order.push("received");
        } finally {
          order.push("finally");
        }
      });
      await pause(self);
      self.sendExit(p, "over");
      self.send(p, "hello");
      await self.sleep(100);
      expect(order).toEqual([]);
      if (ghost === undefined) throw new Error("the process never ran");
      const dead = ghost;
      const before = node.processes().length;
      const calls: (() => unknown)[] = [
        () => dead.send(self.pid, 1),
        () => dead.receive(),
        () => dead.receive({ after: 0 }),
        () => dead.sleep(0),
        () => dead.hibernate(),
        () => dead.flush(),
        () => dead.spawn(waits),
        () => dead.spawnLink(waits),
        () => dead.spawnMonitor(waits),
        () => dead.link(self.pid),
        () => dead.unlink(self.pid),
        () => dead.monitor(self.pid),
        () => dead.demonitor(self.makeRef()),
        () => dead.alias(),
        () => dead.unalias(self.makeRef()),
        () => dead.makeRef(),
        () => dead.exit("again"),
        () => dead.sendExit(self.pid, "kill"),
        () => dead.flag("trapExit", true),
        () => dead.register("ghost"),
        () => dead.unregister("ghost"),
        () => dead.whereis("ghost"),
        () => dead.sendAfter(self.pid, 1, 0),
        () => dead.startTimer(self.pid, 1, 0),
        () => dead.cancelTimer(self.makeRef()),
        () => dead.readTimer(self.makeRef()),
        () => dead.monitorNode("n@h", true),
        () => dead.monitorNodes(true),
        () => dead.setGroupLeader(self.pid, self.pid),
        () => dead.dictionary,
        () => Reflect.set(dead, "label", "ghost"),
        () => Reflect.set(dead, "trapExit", true),
        () => Reflect.set(dead, "groupLeader", self.pid),
      ];
      for (const call of calls) expect(call, String(call)).toThrow(DeadProcessError);
      expect(node.processes()).toHaveLength(before);
      expect(await arrivals(self)).toEqual([]);
      expect(node.info(self.pid, "monitoredBy")).toEqual([]);
    }),
  );

  it(
    "JS-5 a process that ended itself by a signal does not get past the call",
    play(async (self) => {
      const order: string[] = [];
      const body =
        (reason: string) =>
        async (p: Process): Promise<void> => {
          try {
            p.sendExit(p.pid, reason);
            order.push("past the call");
          } catch {
            order.push("caught");
          }
          await p.receive({ after: 0 });
          order.push("kept alive");
        };
      for (const reason of ["normal", "own", "kill"]) {
        expect(await reasonOf(self, body(reason))).toBe(reason === "kill" ? "killed" : reason);
      }
      expect(order).toEqual(["caught", "caught", "caught"]);
    }),
  );

  it(
    "JS-7 pids, refs and aliases are values: keys, printable, equal after a trip through a message",
    play(async (self) => {
      const mirror = self.spawn(async (p) => {
        for (;;) {
          const { from, value } = (await p.receive()) as { from: Pid; value: unknown };
          p.send(from, value);
        }
      });
      const ref = self.makeRef();
      const alias = self.alias();
      self.send(mirror, { from: self.pid, value: { pid: mirror, ref, alias } });
      const back = (await next(self)) as { pid: Pid; ref: Ref; alias: Ref };
      expect(back.pid).toBe(mirror);
      expect(isSamePid(back.pid, mirror)).toBe(true);
      expect(isSameRef(back.ref, ref)).toBe(true);
      expect(new Map([[String(mirror), 1]]).get(String(back.pid))).toBe(1);
      expect(String(mirror)).toMatch(/^#PID<0\.\d+\.\d+>$/);
      expect(String(ref)).toMatch(/^#Reference<0\.\d+>$/);
      expect(JSON.stringify([mirror])).toBe(JSON.stringify([String(mirror)]));
      self.send(back.alias, "through the copy");
      expect(await next(self)).toBe("through the copy");
      const watched = self.monitor(mirror);
      self.send(mirror, { from: self.pid, value: watched });
      expect(self.demonitor((await next(self)) as Ref, { info: true })).toBe(true);
    }),
  );

  it(
    "JS-8 errors, exits, throws and rejections are told apart",
    play(async (self) => {
      const error = new TypeError("boom");
      expect(await reasonOf(self, () => Promise.reject(error))).toMatchObject({ name: "TypeError", message: "boom" });
      expect(await reasonOf(self, () => Promise.reject("text"))).toEqual({ nocatch: "text" });
      expect(await reasonOf(self, () => Promise.reject(undefined))).toEqual({ nocatch: undefined });
      expect(await reasonOf(self, async (p) => p.exit("exit"))).toBe("exit");
      expect(
        await reasonOf(self, () => {
          throw null;
        }),
      ).toEqual({ nocatch: null });
      const thenable = {
        then(): never {
          throw error;
        },
      };
      expect(await reasonOf(self, () => thenable)).toMatchObject({ message: "boom" });
      const trapped = {
        get then(): never {
          throw error;
        },
      };
      expect(await reasonOf(self, () => trapped)).toMatchObject({ message: "boom" });
    }),
  );

  it(
    "JS-11 a second receive is refused, to the second caller",
    play(async (self) => {
      const both = Promise.allSettled([self.receive(), self.receive({ after: 10 }), self.receive({ type: "a" })]);
      self.send(self.pid, "one");
      const [first, second, third] = await both;
      expect(first).toEqual({ status: "fulfilled", value: "one" });
      expect(second).toMatchObject({ status: "rejected", reason: expect.any(ConcurrentReceiveError) });
      expect(third).toMatchObject({ status: "rejected", reason: expect.any(ConcurrentReceiveError) });
      await Promise.all([self.sleep(5), self.sleep(10)]);
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "JS-13 code for another node must have a name",
    play(async (self, { node }) => {
      expect(() => self.spawn({ node: "other@localhost" }, waits)).toThrow(ArgumentError);
      expect(() => node.spawn({ node: "other@localhost" }, waits)).toThrow(ArgumentError);
      const pid = self.spawn({ node: "other@localhost" }, nothing);
      expect(pid.node).toBe("other@localhost");
      const here = self.spawn({ node: node.name }, tells, self.pid);
      self.send(here, 1);
      expect(await next(self)).toEqual({ pid: here, got: 1 });
    }),
  );

  it(
    "JS-14 options without a meaning here are taken, others refused",
    play(async (self) => {
      const options = {
        priority: "high",
        minHeapSize: 1,
        minBinVheapSize: 1,
        fullsweepAfter: 10,
        maxHeapSize: 1_000,
        messageQueueData: "off_heap",
      } as const;
      const p = self.spawn(options, tells, self.pid);
      self.send(p, 1);
      expect(await next(self)).toEqual({ pid: p, got: 1 });
      for (const odd of [{ nod: "x" }, { node: 1 }, { link: true }, null]) {
        expect(() => Reflect.apply(self.spawn, self, [odd, waits])).toThrow(ArgumentError);
      }
    }),
  );
});
