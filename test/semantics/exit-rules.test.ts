/** Chapter 3: exits, the rules without a case of their own. */
import { ArgumentError, DeadProcessError, type Pid, type Process } from "@otp/core";
import { describe, expect, it } from "vitest";

import {
  arrivals,
  dead,
  isolations,
  next,
  pause,
  playing,
  reasonOf,
  tellsTrapping,
  waits,
  waitsTrapping,
} from "./world.ts";

describe.each(isolations)("rules of exits, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "EXIT-1 running to the end is normal, whatever is returned",
    play(async (self) => {
      const thenable = {
        then(done: (value: unknown) => void): void {
          done("value");
        },
      };
      for (const value of [undefined, 42, { reason: "x" }, new Error("returned"), Promise.resolve("x"), thenable]) {
        expect(await reasonOf(self, () => value)).toBe("normal");
      }
    }),
  );

  it(
    "EXIT-2 exit raises also in nested and asynchronous code, and its reason is given as it is",
    play(async (self) => {
      const deep = async (p: Process): Promise<never> => {
        await p.sleep(5);
        return p.exit({ shutdown: "done" });
      };
      expect(await reasonOf(self, (p) => deep(p))).toEqual({ shutdown: "done" });
      expect(await reasonOf(self, (p) => p.exit(undefined))).toBeUndefined();
      expect(await reasonOf(self, (p) => p.exit("normal"))).toBe("normal");
    }),
  );

  it(
    "EXIT-4 sendExit is true for the dead, and refuses what is not a pid",
    play(async (self) => {
      expect(self.sendExit(await dead(self), "x")).toBe(true);
      for (const odd of ["name", self.makeRef(), { name: "n", node: self.node.name }, undefined, 1]) {
        expect(() => Reflect.apply(self.sendExit, self, [odd, "x"])).toThrow(ArgumentError);
        expect(() => Reflect.apply(self.node.sendExit, self.node, [odd, "x"])).toThrow(ArgumentError);
      }
    }),
  );

  it(
    "EXIT-7 an exit signal to oneself ends the process, and no catch saves it",
    play(async (self) => {
      let later: unknown;
      const reason = await reasonOf(self, async (p) => {
        try {
          p.sendExit(p.pid, "own");
        } catch {
          try {
            p.send(self.pid, "from beyond");
          } catch (error) {
            later = error;
          }
          await p.sleep(1);
        }
      });
      expect(reason).toBe("own");
      expect(later).toBeInstanceOf(DeadProcessError);
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "EXIT-8 a trapping process gets every signal as a message, its own too",
    play(async (self) => {
      const seen: unknown[] = [];
      await reasonOf(self, async (p) => {
        p.trapExit = true;
        p.sendExit(p.pid, "normal");
        p.sendExit(p.pid, "die");
        seen.push(await p.receive(), await p.receive(), p.pid);
      });
      expect(seen).toEqual([
        { type: "EXIT", from: seen[2], reason: "normal" },
        { type: "EXIT", from: seen[2], reason: "die" },
        seen[2],
      ]);
    }),
  );

  it(
    "EXIT-10 kill as the reason of an end is an ordinary reason for others",
    play(async (self) => {
      self.trapExit = true;
      const { pid: trapping } = self.spawnMonitor(tellsTrapping, self.pid);
      const { pid: plain, ref } = self.spawnMonitor(waits);
      await pause(self);
      const killer = self.spawn(async (k) => {
        k.link(trapping);
        k.link(plain);
        await k.receive();
        k.exit("kill");
      });
      await pause(self);
      self.send(killer, "go");
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "kill" });
      expect(await self.receive({ pid: trapping })).toEqual({
        pid: trapping,
        got: { type: "EXIT", from: killer, reason: "kill" },
      });
      expect(self.node.isProcessAlive(trapping)).toBe(true);
    }),
  );

  it(
    "EXIT-11 killed through a link is an ordinary reason",
    play(async (self) => {
      self.trapExit = true;
      const outer = self.spawnLink(async (o, parent: Pid) => {
        o.send(parent, o.spawnLink(waits));
        await waits(o);
      }, self.pid);
      const inner = (await next(self)) as Pid;
      self.sendExit(inner, "kill");
      expect(await next(self)).toEqual({ type: "EXIT", from: outer, reason: "killed" });
    }),
  );

  it(
    "EXIT-13 a trap flag that has not been set yet does not save a process",
    play(async (self) => {
      const { pid, ref } = self.spawnMonitor(waitsTrapping);
      self.sendExit(pid, "early");
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "early" });
      const late = self.spawn(waitsTrapping);
      await pause(self);
      self.sendExit(late, "late");
      expect(self.node.isProcessAlive(late)).toBe(true);
    }),
  );

  it(
    "EXIT-14 any value is a reason and arrives unchanged",
    play(async (self) => {
      for (const reason of [
        null,
        undefined,
        0,
        "",
        false,
        [1, [2]],
        { deep: { er: [null] } },
        12n,
        self.pid,
        self.makeRef(),
      ]) {
        expect(await reasonOf(self, (p) => p.exit(reason))).toEqual(reason);
      }
    }),
  );

  it(
    "EXIT-15 mailbox, dictionary, aliases and monitors vanish with the process",
    play(async (self, { node }) => {
      const watched = self.spawn(waits);
      const p = self.spawn(async (p, parent: Pid) => {
        p.dictionary.put("k", 1);
        p.monitor(watched);
        p.link(watched);
        p.send(parent, p.alias());
        await waits(p);
      }, self.pid);
      const alias = (await next(self)) as ReturnType<typeof self.makeRef>;
      self.sendExit(p, "normal");
      self.sendExit(p, "over");
      expect(node.info(p)).toBeUndefined();
      expect(node.isProcessAlive(watched)).toBe(false);
      self.send(alias, 1);
      self.send(p, 1);
      expect(node.check()).toEqual([]);
    }),
  );

  it(
    "EXIT-16 a signal that was sent does not depend on links",
    play(async (self) => {
      const p = self.spawnLink(tellsTrapping, self.pid);
      await pause(self);
      self.sendExit(p, "sent");
      self.unlink(p);
      expect(await next(self)).toEqual({ pid: p, got: { type: "EXIT", from: self.pid, reason: "sent" } });
      const stranger = self.spawn(waits);
      self.sendExit(stranger, "x");
      expect(self.node.isProcessAlive(stranger)).toBe(false);
    }),
  );
});
