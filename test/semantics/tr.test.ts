import { Node, type NodeOptions, type Process } from "@otp/core";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { idle, relay } from "../fixtures/node-functions.ts";
import { connectAll, inProcess, sleeper, until } from "../support/clusters.ts";
import { faultyHub } from "../support/faulty-medium.ts";
import type { LogLine } from "../support/os-peers.ts";

interface Started {
  readonly node: Node;
  readonly logs: readonly LogLine[];
}

const world = () => {
  const { faults, transport } = faultyHub();
  const start = async (name: string, options?: NodeOptions): Promise<Started> => {
    const logs: LogLine[] = [];
    const logger = pino({ level: "debug" }, { write: (line: string) => void logs.push(JSON.parse(line)) });
    const stretch = { N: 2, r: 1, p: 1 };
    const node = await Node.start({ name, cookie: "test", transport: transport(), logger, stretch, ...options });
    onTestFinished(() => node.stop());
    return { node, logs };
  };
  return { faults, start };
};

describe("a transport that misbehaves", () => {
  it("T-TR-01 duplicate delivery", async () => {
    const { faults, start } = world();
    faults.copies = 2;
    const { node: one } = await start("one@host");
    const { node: two } = await start("two@host");
    await one.connect(two.name);
    const result = await inProcess(one, async (self) => {
      self.trapExit = true;
      const pid = self.spawnLink({ node: two.name }, relay, self.pid);
      self.monitor(pid);
      for (let i = 0; i < 1_000; i += 1) self.send<unknown>(pid, i);
      const numbers: unknown[] = [];
      while (numbers.length < 1_000) numbers.push(await self.receive());
      self.sendExit(pid, "enough");
      const ends = [await self.receive(), await self.receive()];
      await self.sleep(50);
      return { numbers, ends, more: self.flush() };
    });
    expect(result.numbers).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(new Set(result.ends.map((end) => Reflect.get(end as object, "type")))).toEqual(new Set(["EXIT", "DOWN"]));
    expect(result.more).toEqual([]);
  });

  it("T-TR-02 an outage longer than the tick time is one loss to each side, and a shorter one is none", async () => {
    const { faults, start } = world();
    const tickTimeMs = 400;
    const { node: one } = await start("one@host", { tickTimeMs });
    const { node: two } = await start("two@host", { tickTimeMs });
    await one.connect(two.name);
    const result = await inProcess(one, async (self) => {
      self.trapExit = true;
      self.monitorNodes(true);
      const pid = self.spawnLink({ node: two.name }, relay, self.pid);
      self.monitor(pid);
      self.send<unknown>(pid, "before");
      const before = await self.receive();
      faults.silent.add(two.name);
      self.send<unknown>(pid, "during");
      await self.sleep(100);
      faults.silent.clear();
      const during = await self.receive();
      faults.silent.add(two.name);
      self.send<unknown>(pid, "lost");
      const ends = [await self.receive(), await self.receive(), await self.receive()];
      await until(() => two.list().length === 0);
      faults.silent.clear();
      expect(await one.connect(two.name)).toBe(true);
      const up = await self.receive();
      await self.sleep(50);
      return { before, during, ends, up, more: self.flush() };
    });
    expect(result.before).toBe("before");
    expect(result.during).toBe("during");
    expect(result.ends[2]).toMatchObject({ type: "nodedown", info: { reason: "tick_timeout" } });
    expect(result.ends.slice(0, 2)).toMatchObject([{ reason: "noconnection" }, { reason: "noconnection" }]);
    expect(result.up).toMatchObject({ type: "nodeup", node: two.name });
    expect(result.more).toEqual([]);
  });

  it("T-TR-03 wrong cookie", async () => {
    const { start } = world();
    const one = await start("one@host");
    const two = await start("two@host", { cookie: "another" });
    expect(await one.node.connect(two.node.name)).toBe(false);
    const reason = await inProcess(one.node, async (self) => {
      self.monitor({ name: "x", node: two.node.name });
      return self.receive({ type: "DOWN" });
    });
    expect(reason).toMatchObject({ reason: "noconnection" });
    expect([...one.node.list("connected"), ...two.node.list("connected")]).toEqual([]);
  });

  it("T-TR-04 unencodable term", async () => {
    const { start } = world();
    const { node: one } = await start("one@host");
    const { node: two } = await start("two@host");
    await one.connect(two.name);
    const result = await inProcess(one, async (self) => {
      const pid = self.spawn({ node: two.name }, relay, self.pid);
      const ref = self.monitor(pid);
      let error: unknown;
      try {
        self.send<unknown>(pid, { deep: [{ closure: () => 1 }] });
      } catch (caught) {
        error = caught;
      }
      self.send<unknown>(pid, "after");
      return { error, after: await self.receive(), isActive: self.demonitor(ref, { info: true }) };
    });
    expect(result).toMatchObject({ error: { code: "codec" }, after: "after", isActive: true });
    expect((result.error as Error).message).toContain("closure");
    expect(one.list()).toEqual([two.name]);
  });
});

describe("a peer that falls silent", () => {
  it("GLOBAL-4 holds up a registration until it is lost, no longer than its tick time", async () => {
    const { faults, start } = world();
    const tickTimeMs = 400;
    const nodes = [
      await start("one@host", { tickTimeMs }),
      await start("two@host", { tickTimeMs }),
      await start("three@host", { tickTimeMs }),
    ];
    const [one, two, three] = nodes.map(({ node }) => node);
    if (one === undefined || two === undefined || three === undefined) throw new Error("no node");
    await connectAll([one, two, three]);
    faults.silent.add(three.name);
    const began = one.monotonicTime();
    const pid = one.spawn(sleeper);
    const outcomes = await Promise.all([
      one.global.registerName("g", pid),
      two.global.setLock({ resource: "r", requester: "me" }),
      two.global.sync(),
      one.global.unregisterName("other"),
    ]);
    expect(outcomes).toEqual(["yes", true, "ok", "ok"]);
    expect(one.monotonicTime() - began).toBeLessThan(tickTimeMs * 2);
    expect(two.global.whereisName("g")?.node).toBe(one.name);
    faults.silent.clear();
    await until(() => three.list().length === 0);
    await connectAll([one, two, three]);
    expect(three.global.whereisName("g")?.node).toBe(one.name);
  });

  it("GLOBAL-4 is named in the log when it takes long", async () => {
    const { faults, start } = world();
    const one = await start("one@host");
    const { node: two } = await start("two@host");
    await connectAll([one.node, two]);
    faults.silent.add(two.name);
    const registered = one.node.global.registerName("g", one.node.spawn(sleeper));
    await until(() => one.logs.some(({ event }) => event === "global_waits"));
    expect(one.logs.find(({ event }) => event === "global_waits")).toMatchObject({
      what: "register",
      name: "g",
      nodes: [two.name],
    });
    faults.silent.clear();
    expect(await registered).toBe("yes");
  }, 15_000);

  it("PG-3 its members are gone with it, and come back with it", async () => {
    const { faults, start } = world();
    const tickTimeMs = 400;
    const { node: one } = await start("one@host", { tickTimeMs });
    const { node: two } = await start("two@host", { tickTimeMs });
    await one.connect(two.name);
    const member = await inProcess(two, (self: Process) => self.spawn(idle));
    two.pg.join("g", member);
    await until(() => one.pg.getMembers("g").length === 1);
    faults.silent.add(two.name);
    await until(() => one.pg.getMembers("g").length === 0);
    faults.silent.clear();
    await until(() => two.list().length === 0);
    await one.connect(two.name);
    await until(() => one.pg.getMembers("g").length === 1);
  });
});
