import { type Process, type Ref, TIMEOUT } from "@otp/core";
import { lookupRemote } from "@otp/core/internal";
import { describe, expect, it } from "vitest";

import {
  echoes,
  echoesTrapping,
  exchanges,
  hasAlias,
  isTied,
  listing,
  quits,
  stopsBadly,
  tellsLeader,
  waitsToEnd,
} from "../fixtures/peer-functions.ts";
import { inProcess, sleeper } from "../support/clusters.ts";
import { patience } from "../support/fire.ts";
import { mediumOf, overNats } from "../support/media.ts";

/** The reason of the next DOWN of `ref`. */
async function reasonOf(self: Process, ref: Ref): Promise<unknown> {
  const { reason } = await self.receive({ type: "DOWN", ref });
  return reason;
}

const hasAliasField = (message: unknown): message is { readonly type: "alias"; readonly alias: Ref } =>
  typeof message === "object" && message !== null && "type" in message && message.type === "alias";

describe.each(overNats)("signals between nodes over %s", patience, (title) => {
  const scene = mediumOf(title);

  it("T-NODE-07 SIG-1 messages are in order, both ways", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    const total = 500;
    await inProcess(a, async (self) => {
      const pid = self.spawn({ node: n.name }, exchanges, self.pid, total);
      for (let i = 1; i <= total; i += 1) self.send(pid, i);
      const numbers: unknown[] = [];
      while (numbers.length < total) numbers.push(await self.receive((message) => !isGot(message)));
      expect(numbers).toEqual(Array.from({ length: total }, (_, at) => ({ i: at + 1 })));
      expect(await self.receive(isGot)).toEqual({ type: "got", got: Array.from({ length: total }, (_, at) => at + 1) });
    });
  });

  it("T-NODE-08 SIG-1 SIG-8 an exit signal keeps its place among messages", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      for (let round = 0; round < 50; round += 1) {
        const { pid, ref } = self.spawnMonitor({ node: n.name }, stopsBadly);
        self.send(pid, { type: "noise" });
        self.sendExit(pid, "good");
        self.send(pid, { type: "stop" });
        expect(await reasonOf(self, ref)).toBe("good");
      }
    });
  });

  it("T-NODE-09 EXIT-9 kill goes through a trap, and others see killed", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      const { pid, ref } = self.spawnMonitor({ node: n.name }, echoesTrapping, self.pid);
      await self.receive({ type: "ready" });
      self.sendExit(pid, "soft");
      expect(await self.receive({ type: "echo" })).toEqual({
        type: "echo",
        got: { type: "EXIT", from: self.pid, reason: "soft" },
      });
      self.sendExit(pid, "kill");
      expect(await reasonOf(self, ref)).toBe("killed");
    });
  });

  it("T-NODE-10 LINK-6 LINK-7 a link to a dead remote process", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      self.trapExit = true;
      const { pid: dead, ref } = self.spawnMonitor({ node: n.name }, quits, "gone");
      await reasonOf(self, ref);
      self.link(dead);
      expect(await self.receive({ type: "EXIT" })).toEqual({ type: "EXIT", from: dead, reason: "noproc" });
      expect(a.info(self.pid, "links")).toEqual([]);
      expect(await self.receive({ after: 300 })).toBe(TIMEOUT);
      const other = self.spawnMonitor(async (linker: Process) => {
        linker.link(dead);
        await linker.sleep("infinity");
      });
      expect(await reasonOf(self, other.ref)).toBe("noproc");
    });
  });

  it("T-NODE-11 NODE-8 NODE-12 LINK-11 MON-12 disconnecting ends links and monitors on both sides, then nodedown", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      self.trapExit = true;
      const w = self.spawn(sleeper);
      const tied = self.spawn({ node: n.name }, isTied, w, self.pid);
      await self.receive({ type: "tied" });
      const p = self.spawnLink({ node: n.name }, waitsToEnd);
      const ref = self.monitor(p);
      self.monitorNode(n.name, true);
      await a.ping(n.name);
      expect(await a.disconnect(n.name)).toBe(true);
      const told = [await self.receive(), await self.receive(), await self.receive()];
      expect(told).toEqual(
        expect.arrayContaining([
          { type: "EXIT", from: p, reason: "noconnection" },
          { type: "DOWN", ref, object: p, reason: "noconnection" },
        ]),
      );
      expect(told[2]).toMatchObject({ type: "nodedown", node: n.name });
      expect(await a.disconnect("unconnected@host")).toBe(false);
      self.send(tied, { type: "ask" });
      expect(await self.receive({ type: "told" })).toEqual({
        type: "told",
        told: [{ type: "EXIT", from: w, reason: "noconnection" }],
      });
    });
    expect(a.check()).toEqual([]);
  });

  it("T-NODE-12 T-NODE-16 T-NODE-18 T-NODE-19 NODE-14 NODE-18 towards a node that is gone", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      self.trapExit = true;
      const p = self.spawn({ node: n.name }, waitsToEnd);
      const early = self.monitor(p);
      await a.ping(n.name);
      await n.stop();
      // T-NODE-19: what is queued stays queued.
      await self.hibernate();
      expect(self.demonitor(early)).toBe(true);
      const queued = self.flush();
      expect(queued).toEqual([{ type: "DOWN", ref: early, object: p, reason: "noconnection" }]);

      const named = { name: "nm", node: n.name };
      expect(self.send({ name: "x", node: n.name }, "m")).toBe("m");
      expect(self.send(p, "m")).toBe("m");
      expect(self.sendExit(p, "x")).toBe(true);
      expect(self.send(p, "m", { connect: false })).toBe("noconnect");
      expect(self.link(p)).toBe(true);
      const refs = [self.monitor(p), self.monitor(named)];
      expect(await self.receive({ type: "EXIT" })).toEqual({ type: "EXIT", from: p, reason: "noconnection" });
      const downs = [await self.receive({ type: "DOWN" }), await self.receive({ type: "DOWN" })];
      expect(downs).toEqual(
        expect.arrayContaining([
          { type: "DOWN", ref: refs[0], object: p, reason: "noconnection" },
          { type: "DOWN", ref: refs[1], object: named, reason: "noconnection" },
        ]),
      );
      expect(a.info(self.pid, "links")).toEqual([]);

      const silent = self.spawn({ node: n.name }, waitsToEnd);
      const linked = self.spawnLink({ node: n.name }, waitsToEnd);
      const monitored = self.spawnMonitor({ node: n.name }, waitsToEnd);
      expect(await self.receive({ type: "EXIT" })).toEqual({ type: "EXIT", from: linked, reason: "noconnection" });
      expect(await reasonOf(self, monitored.ref)).toBe("noconnection");
      expect(silent.node).toBe(n.name);
      expect(await self.receive({ after: 100 })).toBe(TIMEOUT);
    });
    expect(a.check()).toEqual([]);
  });

  it("NODE-18 with connect: false a message goes over a connection that stands, and makes none", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      const nobody = { name: "nobody", node: n.name };
      expect(self.send(nobody, "hi", { connect: false })).toBe("noconnect");
      expect(a.list()).toEqual([]);
      const pid = self.spawn({ node: n.name }, echoes, self.pid);
      await a.ping(n.name);
      expect(self.send(pid, "hi", { connect: false })).toBe("ok");
      expect(await self.receive({ type: "echo" })).toEqual({ type: "echo", got: "hi" });
      expect(self.send(self.pid, "me", { connect: false, suspend: false })).toBe("ok");
      expect(self.flush()).toEqual(["me"]);
    });
  });

  it("T-NODE-15 NODE-13 a process spawned elsewhere has the spawner's group leader", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      self.spawn({ node: n.name }, tellsLeader, self.pid);
      expect(await self.receive({ type: "leader" })).toEqual({ type: "leader", leader: self.groupLeader });
      const undefinedThere = lookupRemote({ name: "test/not-registered-anywhere", bound: [] });
      const undef = self.spawnMonitor({ node: n.name }, undefinedThere);
      expect(await reasonOf(self, undef.ref)).toMatchObject({
        code: "undef",
        message: expect.stringContaining("test/not-registered-anywhere"),
      });
      const quitting = self.spawnMonitor({ node: n.name }, quits, "hej");
      expect(await reasonOf(self, quitting.ref)).toBe("hej");
    });
  });

  it("T-NODE-20 ALIAS-9 an alias works from afar until it is closed", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      const owner = self.spawn({ node: n.name }, hasAlias, self.pid);
      const { alias } = await self.receive(hasAliasField);
      self.send(alias, "via");
      expect(await self.receive({ type: "passed" })).toEqual({ type: "passed", message: "via" });
      self.send(owner, { type: "ask" });
      await self.receive({ type: "closed" });
      self.send(alias, "too late");
      self.send(owner, "direct");
      expect(await self.receive({ type: "passed" })).toEqual({ type: "passed", message: "direct" });
    });
  });

  it("T-NODE-23 JS-7 TR-7 values survive the trip", async () => {
    const { near, far } = scene();
    const [{ node: a }, n] = [await near("a@host"), await far("n@host")];
    await inProcess(a, async (self) => {
      const pid = self.spawn({ node: n.name }, echoes, self.pid);
      const [ref, alias] = [self.makeRef(), self.alias()];
      const term = {
        pid,
        own: self.pid,
        ref,
        alias,
        nested: { map: new Map<unknown, unknown>([[["a", 1], { b: [] }]]), tuple: [[1, [2]], null] },
        big: 2n ** 70n,
        float: 1.5,
        binary: Uint8Array.of(1, 2, 255),
        empty: [],
        nil: null,
        text: "grüße",
      };
      self.send(pid, term);
      const { got } = await self.receive({ type: "echo" });
      expect(got).toEqual(term);
      const back = got as typeof term;
      expect([back.pid === pid, back.own === self.pid]).toEqual([true, true]);
      self.send(back.pid, "still there?");
      expect(await self.receive({ type: "echo" })).toEqual({ type: "echo", got: "still there?" });
      self.send(pid, "ask for the alias");
      self.send(back.alias, "through the alias");
      expect(await self.receive((message) => message === "through the alias")).toBe("through the alias");
    });
    expect(await n.ask(listing)).toEqual([a.name]);
  });
});

const isGot = (message: unknown): message is { readonly type: "got"; readonly got: readonly unknown[] } =>
  typeof message === "object" && message !== null && "type" in message && message.type === "got";
