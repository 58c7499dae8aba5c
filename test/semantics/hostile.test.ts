/** Code that does what nobody should: in predicates, in abort listeners, with foreign pids, after its own end. */
import { ConcurrentReceiveError, type Pid, type Process, TIMEOUT } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, isolations, next, pause, playing, reasonOf, tells, waits } from "./world.ts";

describe.each(isolations)("hostile code, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "JS-4 a predicate that ends its own process ends the receive as well",
    play(async (self) => {
      const settled: string[] = [];
      const body =
        (end: (p: Process) => unknown) =>
        async (p: Process): Promise<void> => {
          const suicidal = (): boolean => {
            end(p);
            return true;
          };
          await p.receive(suicidal).then(
            () => settled.push("received"),
            (error: unknown) => {
              settled.push(String(error));
              throw error;
            },
          );
        };
      const waiting = self.spawnMonitor(body((p) => p.sendExit(p.pid, "own")));
      await pause(self);
      self.send(waiting.pid, "now");
      expect(await next(self)).toMatchObject({ type: "DOWN", reason: "own" });
      const quiet = self.spawnMonitor(body((p) => p.node.sendExit(p.pid, "from outside")));
      await pause(self);
      self.send(quiet.pid, "now");
      expect(await next(self)).toMatchObject({ type: "DOWN", reason: "from outside" });
      expect(settled).toEqual([]);
      const reason = await reasonOf(self, async (p) => {
        p.send(p.pid, "there already");
        await body((q) => q.sendExit(q.pid, "own"))(p);
      });
      expect(reason).toBe("own");
      expect(await reasonOf(self, async (p) => p.receive(() => p.exit("raised"), { after: 0 }))).toBe("normal");
    }),
  );

  it(
    "JS-11 a predicate that receives is refused, or refuses the outer receive",
    play(async (self) => {
      const inner: Promise<unknown>[] = [];
      self.send(self.pid, "a");
      const outer = self.receive(() => {
        inner.push(self.receive((message) => message === "b"));
        return false;
      });
      await expect(outer).rejects.toBeInstanceOf(ConcurrentReceiveError);
      self.send(self.pid, "b");
      expect(await inner[0]).toBe("b");
      self.flush();
      const refused: Promise<unknown>[] = [];
      const waiting = self.receive(() => {
        refused.push(self.receive().catch((error: unknown) => error));
        return true;
      });
      self.send(self.pid, "c");
      expect(await waiting).toBe("c");
      expect(await Promise.all(refused)).toEqual([expect.any(ConcurrentReceiveError)]);
      expect(self.flush()).toEqual([]);
    }),
  );

  it(
    "RECV-2 a predicate that sends and flushes leaves the mailbox in order",
    play(async (self) => {
      for (let n = 0; n < 20; n += 1) self.send(self.pid, n);
      const taken = await self.receive((message) => {
        if (typeof message === "number" && message < 20) self.send(self.pid, message + 100);
        return message === 119;
      });
      expect(taken).toBe(119);
      expect(self.flush()).toEqual([
        ...Array.from({ length: 20 }, (_, n) => n),
        ...Array.from({ length: 19 }, (_, n) => n + 100),
      ]);
      self.send(self.pid, "gone");
      const got = await self.receive(
        () => {
          self.flush();
          return true;
        },
        { after: 0 },
      );
      expect(got).toBe(TIMEOUT);
    }),
  );

  it(
    "MON-7 a predicate that demonitors with flush does not see that DOWN",
    play(async (self) => {
      const p = self.spawn(waits);
      const ref = self.monitor(p);
      self.send(self.pid, "first");
      self.sendExit(p, "x");
      self.send(self.pid, "last");
      const seen: unknown[] = [];
      await self.receive((message) => {
        if (seen.length === 0) self.demonitor(ref, { flush: true });
        seen.push(message);
        return message === "last";
      });
      expect(seen).toEqual(["first", "last"]);
    }),
  );

  it(
    "JS-3 abort listeners find everything in order, and what they do takes effect at once",
    play(async (self, { node }) => {
      const seen: Record<string, unknown> = {};
      const other = self.spawn(async (p) => {
        p.register("other");
        await waits(p);
      });
      const victim = self.spawnLink(async (p) => {
        p.register("victim");
        p.link(other);
        p.signal.addEventListener("abort", () => {
          seen["reason"] = p.signal.reason;
          seen["alive"] = [node.isProcessAlive(p.pid), node.isProcessAlive(other)];
          seen["names"] = [node.whereis("victim"), node.whereis("other")];
          seen["registered"] = node.register("victim", self.pid);
          const third = node.spawn(waits);
          node.sendExit(third, "kill");
          seen["third"] = node.isProcessAlive(third);
          seen["check"] = node.check();
        });
        await waits(p);
      });
      self.trapExit = true;
      await pause(self);
      self.sendExit(victim, "over");
      expect(seen).toEqual({
        reason: "over",
        alive: [false, false],
        names: [undefined, undefined],
        registered: true,
        third: false,
        check: [],
      });
      expect(await next(self)).toEqual({ type: "EXIT", from: victim, reason: "over" });
      expect(self.whereis("victim")).toBe(self.pid);
    }),
  );

  it(
    "JS-4 the signal of a dead process stays aborted, with its reason",
    play(async (self) => {
      let ghost: Process | undefined;
      const reason = await reasonOf(self, (p) => {
        ghost = p;
        expect(p.signal.aborted).toBe(false);
        p.exit("over");
      });
      expect(reason).toBe("over");
      expect(ghost?.signal.aborted).toBe(true);
      expect(ghost?.signal.reason).toBe("over");
    }),
  );

  it(
    "TIMER-9 sleeping and waiting leave nothing behind, however they end",
    play(async (self, { runtime }) => {
      const before = runtime.pendingTimers;
      const p = self.spawn(async (p) => {
        await Promise.all([p.sleep(1_000), p.sleep(2_000), p.receive({ after: 3_000 })]);
      });
      await pause(self);
      self.sendExit(p, "kill");
      self.sendExit(
        self.spawn((q) => q.sleep(5_000)),
        "kill",
      );
      expect(runtime.pendingTimers).toBe(before);
    }),
  );

  it(
    "LINK-2 a child that ends in its first turn is told once, with its reason, to link and monitor",
    play(async (self) => {
      self.trapExit = true;
      const child = self.spawnLink((c, parent: Pid) => {
        c.monitor(parent);
        c.unlink(parent);
        c.link(parent);
        throw new RangeError("in the first turn");
      }, self.pid);
      const ref = self.monitor(child);
      const got = await arrivals(self);
      expect(got).toHaveLength(2);
      expect(got).toContainEqual({ type: "EXIT", from: child, reason: expect.any(Error) });
      expect(got).toContainEqual({ type: "DOWN", ref, object: child, reason: expect.any(Error) });
    }),
  );

  it(
    "EXIT-12 two ends that cause each other are one end each",
    play(async (self, { node }) => {
      const ring = Array.from({ length: 20 }, () => self.spawn(waits));
      const refs = ring.map((pid) => self.monitor(pid));
      ring.forEach((pid, at) =>
        node.spawn((p) => {
          p.link(pid);
          p.link(ring[(at + 1) % ring.length] ?? pid);
          p.trapExit = true;
          return waits(p);
        }),
      );
      const linker = self.spawn(async (p) => {
        for (const pid of ring) p.link(pid);
        await waits(p);
      });
      await pause(self);
      self.sendExit(linker, "all");
      const got = await arrivals(self);
      expect(got).toHaveLength(20);
      for (const ref of refs) expect(got).toContainEqual(expect.objectContaining({ ref, reason: "all" }));
    }),
  );

  it(
    "EXIT-13 the trap flag counts at the moment of the signal, also within one turn",
    play(async (self) => {
      const reason = await reasonOf(self, async (p) => {
        p.trapExit = true;
        p.sendExit(p.pid, "first");
        p.trapExit = false;
        expect(await p.receive()).toMatchObject({ reason: "first" });
        p.sendExit(p.pid, "second");
      });
      expect(reason).toBe("second");
    }),
  );

  it(
    "JS-5 an exit to oneself deep in asynchronous code ends all of it",
    play(async (self) => {
      const order: string[] = [];
      const reason = await reasonOf(self, async (p) => {
        const inner = async (): Promise<void> => {
          try {
            await p.sleep(5);
            p.sendExit(p.pid, "deep");
          } catch {
            order.push("caught");
            await p.sleep(1).catch(() => order.push("cannot sleep"));
          }
        };
        await Promise.race([inner(), p.receive()]);
        order.push("went on");
        p.send(self.pid, "from beyond");
      });
      expect(reason).toBe("deep");
      expect(await arrivals(self)).toEqual([]);
      expect(order).toEqual(["caught"]);
    }),
  );

  it(
    "TIMER-8 a timer aimed at a name reaches its new owner and not the old",
    play(async (self) => {
      const old = self.spawn(tells, self.pid);
      self.register("n", old);
      self.sendAfter("n", "tick", 10);
      self.sendExit(old, "kill");
      const young = self.spawn(tells, self.pid);
      self.register("n", young);
      expect(await arrivals(self)).toEqual([{ pid: young, got: "tick" }]);
    }),
  );
});
