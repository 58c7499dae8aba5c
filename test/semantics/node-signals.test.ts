import { type Pid, type Process, Ref } from "@otp/core";
import { describe, expect, it } from "vitest";

import {
  alias,
  counting,
  idle,
  leading,
  leaving,
  nothing,
  obedient,
  relay,
  trappingRelay,
} from "../fixtures/node-functions.ts";
import { echo } from "../fixtures/rpc-functions.ts";
import { cluster, inProcess, pair, until } from "../support/clusters.ts";

const isAlias = (message: unknown): message is { readonly type: "alias"; readonly alias: Ref } =>
  typeof message === "object" && message !== null && "alias" in message && message.alias instanceof Ref;

describe("signals between nodes", () => {
  it("T-NODE-07 remote messages are in order", async () => {
    const [one, two] = await pair();
    const count = 500;
    const heard = await inProcess(one, async (self) => {
      self.spawn({ node: two.name }, counting, self.pid, count);
      const there: unknown[] = [];
      while (there.length < count) there.push(await self.receive());
      const echoing = self.spawn({ node: two.name }, relay, self.pid);
      for (let i = 1; i <= count; i += 1) self.send<unknown>(echoing, i);
      const back: unknown[] = [];
      while (back.length < count) back.push(await self.receive());
      return [there, back];
    });
    const expected = Array.from({ length: count }, (_, i) => i + 1);
    expect(heard).toEqual([expected, expected]);
  });

  it("T-NODE-08 remote exit order", async () => {
    const [one, two] = await pair();
    const reasons = await inProcess(one, async (self) => {
      const seen = new Set<unknown>();
      for (let round = 0; round < 50; round += 1) {
        const { pid, ref } = self.spawnMonitor({ node: two.name }, obedient);
        self.send<unknown>(pid, "noise");
        self.sendExit(pid, "good");
        self.send<unknown>(pid, "stop");
        seen.add((await self.receive({ type: "DOWN", ref }))["reason"]);
      }
      return seen;
    });
    expect([...reasons]).toEqual(["good"]);
  });

  it("T-NODE-09 kill over nodes", async () => {
    const [one, two] = await pair();
    const result = await inProcess(one, async (self) => {
      const { pid, ref } = self.spawnMonitor({ node: two.name }, trappingRelay, self.pid);
      self.send<unknown>(pid, "ready");
      await self.receive((message) => message === "ready");
      self.sendExit(pid, "soft");
      const exit = await self.receive();
      self.sendExit(pid, "kill");
      return { exit, down: await self.receive({ ref }), own: self.pid };
    });
    expect(result.exit).toEqual({ type: "EXIT", from: result.own, reason: "soft" });
    expect(result.down).toMatchObject({ reason: "killed" });
  });

  it("T-NODE-10 link to a dead remote process", async () => {
    const [one, two] = await pair();
    const result = await inProcess(one, async (self) => {
      self.trapExit = true;
      const { pid: d, ref } = self.spawnMonitor({ node: two.name }, leaving, "over");
      await self.receive({ ref });
      self.link(d);
      const exit = await self.receive();
      const other = self.spawnMonitor(async (poor: Process) => {
        poor.link(d);
        await poor.receive();
      });
      const down = await self.receive({ ref: other.ref });
      await self.sleep(50);
      return { d, exit, down, links: one.info(self.pid, "links"), more: self.flush() };
    });
    expect(result.exit).toEqual({ type: "EXIT", from: result.d, reason: "noproc" });
    expect(result.links).toEqual([]);
    expect(result.more).toEqual([]);
    expect(result.down).toMatchObject({ reason: "noproc" });
  });

  it("T-NODE-15 remote spawn", async () => {
    const [one, two] = await pair();
    const result = await inProcess(one, async (self) => {
      self.spawn({ node: two.name }, leading, self.pid);
      const { leader } = await self.receive({ type: "leader" });
      const unknown = self.spawnMonitor({ node: two.name }, strange());
      const undef = await self.receive({ type: "DOWN", ref: unknown.ref });
      const leaver = self.spawnMonitor({ node: two.name }, leaving, "hej");
      return { leader, own: self.groupLeader, undef, hej: await self.receive({ type: "DOWN", ref: leaver.ref }) };
    });
    expect(result.leader).toBe(result.own);
    expect(result.undef).toMatchObject({ reason: { code: "undef" } });
    expect(result.hej).toMatchObject({ reason: "hej" });
  });

  it("T-NODE-16 spawn on an unreachable node", async () => {
    const { node: one } = await (await cluster()).start("one@host");
    const result = await inProcess(one, async (self) => {
      self.trapExit = true;
      const node = "nobody@host";
      const plain = self.spawn({ node }, idle);
      const linkedPid = self.spawnLink({ node }, idle);
      const monitored = self.spawnMonitor({ node }, idle);
      const messages = [await self.receive(), await self.receive()];
      await self.sleep(20);
      return { plain, linkedPid, monitored, messages, more: self.flush() };
    });
    expect(result.plain.node).toBe("nobody@host");
    const { monitored, linkedPid } = result;
    expect(result.messages).toContainEqual({ type: "EXIT", from: linkedPid, reason: "noconnection" });
    expect(result.messages).toContainEqual({
      type: "DOWN",
      ref: monitored.ref,
      object: monitored.pid,
      reason: "noconnection",
    });
    expect(result.more).toEqual([]);
  });

  it("T-NODE-18 sending to the unreachable", async () => {
    const [one, two] = await pair();
    const p = await inProcess(one, (self) => self.spawn({ node: two.name }, idle));
    await two.stop();
    await until(() => one.list().length === 0);
    const result = await inProcess(one, (self) => [
      self.send({ name: "x", node: two.name }, "m"),
      self.send<unknown>(p, "m"),
      self.sendExit(p, "x"),
    ]);
    expect(result).toEqual(["m", "m", true]);
  });

  it("T-NODE-19 demonitor when DOWN is queued", async () => {
    const [one, two] = await pair();
    const result = await inProcess(one, async (self) => {
      const { pid, ref } = self.spawnMonitor({ node: two.name }, idle);
      await two.stop();
      await until(() => one.list().length === 0);
      return { outcome: self.demonitor(ref), down: await self.receive({ after: 0 }), pid, ref };
    });
    expect(result.outcome).toBe(true);
    expect(result.down).toEqual({ type: "DOWN", ref: result.ref, object: result.pid, reason: "noconnection" });
  });

  it("T-NODE-20 remote aliases", async () => {
    const [one, two] = await pair();
    const heard = await inProcess(one, async (self) => {
      const pid = self.spawn({ node: two.name }, alias, self.pid);
      const message = await self.receive(isAlias);
      self.send(message.alias, "via");
      self.send<unknown>(pid, "close");
      const before = [await self.receive(), await self.receive()];
      self.send(message.alias, "again");
      self.send<unknown>(pid, "last");
      return [...before, await self.receive()];
    });
    expect(heard).toEqual(["via", "close", "last"].map((message) => ({ type: "heard", message })));
  });

  it("NODE-17 a pid belongs to one start of its node", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: first } = await world.start("two@host");
    const old = await inProcess(one, (self) => self.spawn({ node: first.name }, idle));
    await one.rpc.call(first.name, nothing, []);
    await first.stop();
    await until(() => one.list().length === 0);
    const { node: second } = await world.start("two@host");
    const result = await inProcess(one, async (self) => {
      expect(await one.connect(second.name)).toBe(true);
      self.send<unknown>(old, "lost");
      self.monitor(old);
      const fresh = self.spawn({ node: second.name }, idle);
      return { down: await self.receive({ type: "DOWN" }), fresh };
    });
    expect(result.down).toMatchObject({ object: old, reason: "noproc" });
    expect(result.fresh).not.toBe(old);
    expect(second.processes().filter((pid) => second.info(pid, "messageQueueLen") !== 0)).toEqual([]);
  });

  it("NODE-11 nodeup precedes what comes from that node, and nodedown follows it; NODE-12 DOWN comes before", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: two } = await world.start("two@host");
    const order = await inProcess(one, async (self) => {
      self.monitorNodes(true);
      two.spawn(counting, self.pid, 20);
      const up: unknown[] = [];
      while (up.length < 21) up.push(await self.receive());
      const ref = self.monitor(self.spawn({ node: two.name }, idle));
      await one.rpc.call(two.name, nothing, []);
      two.spawn(counting, self.pid, 20);
      await one.rpc.call(two.name, nothing, []);
      await two.disconnect(one.name);
      const down: unknown[] = [];
      while (down.length < 22) down.push(await self.receive());
      return { up, down, ref };
    });
    expect(order.up[0]).toMatchObject({ type: "nodeup" });
    expect(order.down.slice(-2)).toMatchObject([{ type: "DOWN", ref: order.ref }, { type: "nodedown" }]);
  });

  it("T-NODE-23 values survive the trip", async () => {
    const [one, two] = await pair();
    const result = await inProcess(one, async (self) => {
      const own = self.alias();
      const term: unknown = {
        pid: self.pid,
        ref: self.makeRef(),
        alias: own,
        nested: { map: new Map<unknown, unknown>([[{ a: 1 }, [self.pid, { tuple: [1, "x"] }]]]) },
        big: 2n ** 70n,
        float: 1.5,
        bytes: Uint8Array.of(1, 2, 255),
        empty: [],
        nothing: null,
        missing: undefined,
      };
      const back = (await one.rpc.call(two.name, echo, [term])) as { readonly pid: Pid; readonly alias: Ref };
      self.send<unknown>(back.pid, "to the pid");
      self.send(back.alias, "to the alias");
      return { term, back, heard: [await self.receive(), await self.receive()], own: self.pid };
    });
    expect(result.back).toEqual(result.term);
    expect(result.back.pid).toBe(result.own);
    expect(result.heard).toEqual(["to the pid", "to the alias"]);
  });
});

/** A function of a name that no program has. */
function strange(): typeof idle {
  const [mark] = Object.getOwnPropertySymbols(idle);
  if (mark === undefined) throw new Error("no mark");
  const unknown = async (): Promise<void> => {};
  return Object.assign(unknown, idle, { [mark]: { name: "test/node/strange", bound: [] } });
}
