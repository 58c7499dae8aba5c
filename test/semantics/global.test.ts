import { Node, type Pid, type Process } from "@otp/core";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { cluster, inProcess, sleeper, until } from "../support/clusters.ts";

/** Keeps what it receives, for those who ask. */
const listener = (node: Node): { readonly pid: Pid; readonly heard: unknown[] } => {
  const heard: unknown[] = [];
  const pid = node.spawn(async (self: Process) => {
    for (;;) heard.push(await self.receive());
  });
  return { pid, heard };
};

describe("global names", () => {
  it("T-GLOBAL-01 basics", async () => {
    const [one] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined) throw new Error("no node");
    const [p, q] = [one.spawn(sleeper), one.spawn(sleeper)];
    const { global } = one;
    expect(await global.registerName("g", p)).toBe("yes");
    expect(global.whereisName("g")).toBe(p);
    expect(await global.registerName("g", q)).toBe("no");
    expect(await global.reRegisterName("g", q)).toBe("yes");
    expect(global.whereisName("g")).toBe(q);
    expect(await global.unregisterName("g")).toBe("ok");
    expect(global.whereisName("g")).toBeUndefined();
    expect(await global.unregisterName("g")).toBe("ok");
  });

  it("GLOBAL-1 a node of its own has global names, too, at once", async () => {
    await using node = await Node.start();
    const pid = node.spawn(sleeper);
    let result: unknown;
    void node.global.registerName("alone", pid).then((outcome) => {
      result = outcome;
    });
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(result).toBe("yes");
    expect(await node.global.sync()).toBe("ok");
    await inProcess(node, (self) => self.send({ global: "alone" }, "hello"));
    expect(node.info(pid, "messages")).toEqual(["hello"]);
  });

  it("T-GLOBAL-02 automatic release", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const p = one.spawn(sleeper);
    await one.global.registerName("g", p);
    const seen = await inProcess(one, async (self) => {
      self.monitor(p);
      self.sendExit(p, "kill");
      const at = one.global.whereisName("g");
      await self.receive({ type: "DOWN" });
      return { at, after: one.global.registeredNames() };
    });
    expect(seen).toEqual({ at: undefined, after: [] });
    await until(() => two.global.whereisName("g") === undefined);
    expect(two.global.registeredNames()).toEqual([]);
    expect(await one.global.registerName("g", p)).toBe("yes");
    expect(one.global.whereisName("g")).toBeUndefined();
    expect(await two.global.registerName("g", p)).toBe("yes");
    expect(two.global.whereisName("g")).toBeUndefined();
  });

  it("GLOBAL-2 elsewhere a name is free before the DOWN of its process arrives", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    for (let round = 0; round < 20; round += 1) {
      const p = one.spawn(sleeper);
      await one.global.registerName("g", p);
      const at = await inProcess(two, async (self) => {
        self.monitor(p);
        self.sendExit(p, "kill");
        await self.receive({ type: "DOWN" });
        return two.global.whereisName("g");
      });
      expect(at).toBeUndefined();
    }
  });

  it("T-GLOBAL-03 any term as a name, send", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const { pid, heard } = listener(one);
    await one.global.registerName(["a", { b: 1, c: 2n, d: [pid] }], pid);
    expect(one.global.whereisName(["a", { d: [pid], c: 2n, b: 1 }])).toBe(pid);
    expect(String(two.global.whereisName(["a", { c: 2n, b: 1, d: [pid] }]))).toBe(`#PID<one@host.${pid.number}.0>`);
    expect(one.global.send(["a", { b: 1, c: 2n, d: [pid] }], "hello")).toBe(pid);
    await until(() => heard.length === 1);
    expect(heard).toEqual(["hello"]);
    expect(() => one.global.send("nobody", 1)).toThrow(expect.objectContaining({ reason: { badarg: ["nobody", 1] } }));
    const reason = await inProcess(two, (self) => {
      try {
        return self.send({ global: "nobody" }, 1);
      } catch (error) {
        return error;
      }
    });
    expect(reason).toMatchObject({ reason: { badarg: ["nobody", 1] } });
  });

  it("GLOBAL-3 a process has one name only, and the attempt at another is logged", async () => {
    await using node = await Node.start({ logger: pino({ level: "silent" }) });
    const pid = node.spawn(sleeper);
    expect(await node.global.registerName("first", pid)).toBe("yes");
    expect(await node.global.registerName("second", pid)).toBe("no");
    const { node: named, logs } = await (await cluster()).start("one@host");
    const other = named.spawn(sleeper);
    await named.global.registerName("PingPong", other);
    expect(await named.global.registerName("Other", other)).toBe("no");
    expect(logs.map(({ msg }) => msg)).toContain(`global: ${other} registered under several names: [Other, PingPong]`);
  });

  it("T-GLOBAL-04 cluster-wide visibility", async () => {
    const [one, two, three] = await (await cluster()).mesh("one@host", "two@host", "three@host");
    if (one === undefined || two === undefined || three === undefined) throw new Error("no node");
    const p = one.spawn(sleeper);
    expect(await one.global.registerName("g", p)).toBe("yes");
    for (const node of [two, three]) {
      expect(node.global.whereisName("g")?.node).toBe("one@host");
      expect(await node.global.registerName("g", node.spawn(sleeper))).toBe("no");
      expect(node.global.registeredNames()).toEqual(["g"]);
    }
    one.sendExit(p, "kill");
    await until(() => [two, three].every(({ global }) => global.whereisName("g") === undefined));
  });

  it("GLOBAL-1 any node registers, replaces and frees names of processes of any node", async () => {
    const [one, two, three] = await (await cluster()).mesh("one@host", "two@host", "three@host");
    if (one === undefined || two === undefined || three === undefined) throw new Error("no node");
    const nodes = [one, two, three];
    await two.global.registerName("q", two.spawn(sleeper));
    const q = one.global.whereisName("q");
    if (q === undefined) throw new Error("q is unknown");
    await one.global.unregisterName("q");
    expect(nodes.map(({ global }) => global.whereisName("q"))).toEqual([undefined, undefined, undefined]);
    expect(await one.global.registerName("g", q)).toBe("yes");
    expect(nodes.map(({ global }) => global.whereisName("g")?.node)).toEqual(["two@host", "two@host", "two@host"]);
    expect(await three.global.reRegisterName("g", three.spawn(sleeper))).toBe("yes");
    expect(nodes.map(({ global }) => global.whereisName("g")?.node)).toEqual([
      "three@host",
      "three@host",
      "three@host",
    ]);
  });

  it("GLOBAL-4 of simultaneous registrations of one name exactly one is told yes", async () => {
    const nodes = await (await cluster()).mesh("one@host", "two@host", "three@host");
    for (let round = 0; round < 50; round += 1) {
      const name = { round };
      const outcomes = await Promise.all(
        nodes.flatMap((node) => [1, 2].map(() => node.global.registerName(name, node.spawn(sleeper)))),
      );
      expect(outcomes.filter((outcome) => outcome === "yes")).toHaveLength(1);
      const owners = nodes.map(({ global }) => global.whereisName(name)?.node);
      expect(new Set(owners).size).toBe(1);
      expect(owners[0]).toBeDefined();
    }
  });

  it("T-GLOBAL-06 node loss", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    await two.global.registerName("g", two.spawn(sleeper));
    expect(one.global.whereisName("g")).toBeDefined();
    await two.stop();
    await until(() => one.global.whereisName("g") === undefined);
    expect(await one.global.registerName("g", one.spawn(sleeper))).toBe("yes");
  });

  it("GLOBAL-11 T-GLOBAL-11 bad input raises in the caller and does no harm", async () => {
    await using node = await Node.start();
    const { global } = node;
    const pid = node.spawn(sleeper);
    const id = { resource: "r", requester: "me" };
    const wrong: (() => Promise<unknown>)[] = [
      // @ts-expect-error: an id is a record
      () => global.setLock("bad"),
      // @ts-expect-error: an id is a record
      () => global.trans("bad", () => 1),
      () => global.trans(id, () => 1, [node.name], -1),
      // @ts-expect-error: a process has a pid
      () => global.registerName("n", "not a pid"),
      () => global.registerName(Symbol("n"), pid),
      () => global.registerName(() => 1, pid),
      // @ts-expect-error: a resolver is a function
      () => global.registerName("n", pid, "resolver"),
      // @ts-expect-error: nodes are an array
      () => global.setLock(id, "nodes"),
    ];
    for (const call of wrong) await expect((async () => call())()).rejects.toMatchObject({ code: "argument" });
    expect(await global.registerName("n", pid)).toBe("yes");
    expect(await global.setLock(id, undefined, 0)).toBe(true);
  });

  it("GLOBAL-12 hidden nodes have names and locks of their own", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: hidden } = await world.start("hidden@host", { hidden: true });
    const id = { resource: "r", requester: "one" };
    await one.global.registerName("g", one.spawn(sleeper));
    await one.global.setLock(id);
    expect(await hidden.connect(one.name)).toBe(true);
    await Promise.all([one.global.sync(), hidden.global.sync()]);
    expect(hidden.global.whereisName("g")).toBeUndefined();
    const pid = hidden.spawn(sleeper);
    expect(await hidden.global.registerName("g", pid)).toBe("yes");
    expect(one.global.whereisName("g")?.node).toBe("one@host");
    expect(hidden.global.whereisName("g")).toBe(pid);
    expect(await hidden.global.setLock({ resource: "r", requester: "hidden" }, undefined, 0)).toBe(true);
  });
});
