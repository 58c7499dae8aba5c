/** Chapter 4: links. */
import { ArgumentError, ExitError, type Pid, remote } from "@otp/core";
import { describe, expect, it } from "vitest";

import { arrivals, dead, endOf, isolations, next, pause, playing, reasonOf, waits } from "./world.ts";

const nothing = remote("semantics/link/nothing", () => undefined);

describe.each(isolations)("links, isolation %s", (isolation) => {
  const play = playing(isolation);

  it(
    "T-LINK-01 Atomic spawn_link",
    play(async (self) => {
      self.trapExit = true;
      const pids = Array.from({ length: 200 }, () => self.spawnLink(() => undefined));
      expect(await arrivals(self)).toEqual(pids.map((from) => ({ type: "EXIT", from, reason: "normal" })));
    }),
  );

  it(
    "T-LINK-02 link to a dead local pid, trapping",
    play(async (self, { node }) => {
      self.trapExit = true;
      const d = await dead(self);
      expect(self.link(d)).toBe(true);
      expect(self.link(d)).toBe(true);
      const exit = { type: "EXIT", from: d, reason: "noproc" };
      expect(await arrivals(self)).toEqual([exit, exit]);
      expect(node.info(self.pid, "links")).toEqual([]);
    }),
  );

  it(
    "T-LINK-03 Linking twice, unlinking once",
    play(async (self, { node }) => {
      self.trapExit = true;
      const p = self.spawn(waits);
      self.link(p);
      self.link(p);
      self.unlink(p);
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([]);
      expect(node.info(self.pid, "links")).toEqual([]);
    }),
  );

  it(
    "T-LINK-04 unlink from the other side",
    play(async (self, { node }) => {
      self.trapExit = true;
      self.spawnLink(async (c, a: Pid) => {
        c.unlink(a);
        c.send(a, "unlinked");
        await c.sleep(50);
        c.exit("x");
      }, self.pid);
      expect(await next(self)).toBe("unlinked");
      expect(node.info(self.pid, "links")).toEqual([]);
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-LINK-05 Link to oneself, unlink of strangers",
    play(async (self, { node }) => {
      expect(self.link(self.pid)).toBe(true);
      expect(node.info(self.pid, "links")).toEqual([]);
      expect(self.unlink(self.pid)).toBe(true);
      expect(self.unlink(await dead(self))).toBe(true);
      expect(() => Reflect.apply(self.link, self, ["foo"])).toThrow(ArgumentError);
    }),
  );

  it(
    "T-LINK-06 Link sets are symmetrical",
    play((self, { node }) => {
      const p = self.spawn(waits);
      self.link(p);
      expect(node.info(self.pid, "links")).toEqual([p]);
      expect(node.info(p, "links")).toEqual([self.pid]);
      self.unlink(p);
    }),
  );

  it(
    "T-LINK-07 Normal end of a linked process",
    play(async (self) => {
      const body =
        (isTrapping: boolean) =>
        async (p: Parameters<typeof waits>[0], parent: Pid): Promise<void> => {
          p.trapExit = isTrapping;
          const child = p.spawnLink(() => undefined);
          p.send(parent, { isTrapping, child, got: await arrivals(p) });
        };
      self.spawn(body(true), self.pid);
      self.spawn(body(false), self.pid);
      const trapping = await self.receive({ isTrapping: true });
      expect(trapping["got"]).toEqual([{ type: "EXIT", from: trapping["child"], reason: "normal" }]);
      expect(await self.receive({ isTrapping: false })).toMatchObject({ got: [] });
    }),
  );

  it(
    "T-LINK-08 Link gone after EXIT",
    play(async (self, { node }) => {
      self.trapExit = true;
      const child = self.spawnLink((c) => c.exit("a"));
      expect(await next(self)).toEqual({ type: "EXIT", from: child, reason: "a" });
      expect(node.info(self.pid, "links")).toEqual([]);
    }),
  );

  it(
    "LINK-1 linking again changes nothing: one death, one EXIT",
    play(async (self, { node }) => {
      self.trapExit = true;
      const p = self.spawnLink(waits);
      self.link(p);
      self.link(p);
      expect(node.info(self.pid, "links")).toEqual([p]);
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([{ type: "EXIT", from: p, reason: "x" }]);
    }),
  );

  it(
    "LINK-3 after unlink no EXIT enters the mailbox; one that is there stays",
    play(async (self) => {
      self.trapExit = true;
      const p = self.spawnLink(waits);
      self.unlink(p);
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([]);
      const q = self.spawnLink(waits);
      self.sendExit(q, "y");
      self.unlink(q);
      expect(await self.receive({ type: "EXIT", from: q }, { after: 0 })).toMatchObject({ reason: "y" });
    }),
  );

  it(
    "LINK-4 unlink followed by link gives a working link, also repeatedly",
    play(async (self) => {
      self.trapExit = true;
      const p = self.spawnLink(waits);
      for (let n = 0; n < 100; n += 1) {
        self.unlink(p);
        self.link(p);
      }
      self.sendExit(p, "x");
      expect(await arrivals(self)).toEqual([{ type: "EXIT", from: p, reason: "x" }]);
    }),
  );

  it(
    "LINK-5 a non-trapping caller that links to the dead gets a noproc error",
    play(async (self, { node }) => {
      const d = await dead(self);
      let caught: unknown;
      try {
        self.link(d);
      } catch (error) {
        caught = error;
      }
      expect(caught).toBeInstanceOf(ExitError);
      expect(caught).toMatchObject({ reason: "noproc" });
      expect(node.info(self.pid, "links")).toEqual([]);
      expect(await reasonOf(self, (p) => p.link(d))).toBe("noproc");
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "LINK-6 linking to a process of a node that cannot be had never raises",
    play(async (self, { node }) => {
      const far = node.spawn({ node: "nowhere@localhost" }, nothing);
      const { pid, ref } = self.spawnMonitor(async (p) => {
        p.link(far);
        await waits(p);
      });
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "noconnection" });
      expect(node.isProcessAlive(pid)).toBe(false);
      self.trapExit = true;
      expect(self.link(far)).toBe(true);
      expect(await next(self)).toEqual({ type: "EXIT", from: far, reason: "noconnection" });
      expect(node.info(self.pid, "links")).toEqual([]);
    }),
  );

  it(
    "LINK-8 unlink refuses what is not a pid",
    play((self) => {
      for (const odd of ["foo", 1, undefined, self.makeRef(), { name: "n", node: "n@h" }]) {
        expect(() => Reflect.apply(self.unlink, self, [odd])).toThrow(ArgumentError);
        expect(() => Reflect.apply(self.link, self, [odd])).toThrow(ArgumentError);
      }
    }),
  );

  it(
    "LINK-10 a chain of links keeps the first reason",
    play(async (self) => {
      self.trapExit = true;
      const chain = async (p: Parameters<typeof waits>[0], depth: number): Promise<void> => {
        if (depth === 0) p.exit({ first: "reason" });
        p.spawnLink(chain, depth - 1);
        await waits(p);
      };
      const head = self.spawnLink(chain, 50);
      expect(await arrivals(self)).toEqual([{ type: "EXIT", from: head, reason: { first: "reason" } }]);
    }),
  );

  it(
    "LINK-12 the link is gone from both sides when the EXIT is seen",
    play(async (self, { node }) => {
      self.trapExit = true;
      const p = self.spawnLink(waits);
      const q = self.spawn(async (q) => {
        q.trapExit = true;
        q.link(p);
        await waits(q);
      });
      await pause(self);
      self.sendExit(p, "x");
      await next(self);
      expect(node.info(self.pid, "links")).toEqual([]);
      expect(node.info(q, "links")).toEqual([]);
      expect(await endOf(self, p)).toBe("noproc");
    }),
  );
});
