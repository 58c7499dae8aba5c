import { type Node, type Pid, type Process, remote } from "@otp/core";
import { describe, expect, it } from "vitest";

import { cluster, connectAll, inProcess, sleeper, until } from "../support/clusters.ts";

/** Keeps what it receives, for those who ask. */
const listener = (node: Node): { readonly pid: Pid; readonly heard: unknown[] } => {
  const heard: unknown[] = [];
  const pid = node.spawn(async (self: Process) => {
    for (;;) heard.push(await self.receive());
  });
  return { pid, heard };
};

const lastWins = remote("test/global/last_wins", (_name: unknown, _pid1: Pid, pid2: Pid): Pid => pid2);

describe("global names of parts that meet", () => {
  it("T-GLOBAL-05 later nodes learn names", async () => {
    const world = await cluster();
    const [one] = await world.mesh("one@host", "two@host");
    if (one === undefined) throw new Error("no node");
    await one.global.registerName("g", one.spawn(sleeper));
    const { node: late } = await world.start("late@host");
    expect(await late.connect("two@host")).toBe(true);
    await late.global.sync();
    expect(late.global.whereisName("g")?.node).toBe("one@host");
  });

  it("T-GLOBAL-07 conflict, random_notify", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: two } = await world.start("two@host");
    const [winner, loser] = [listener(one), listener(two)];
    await one.global.registerName("g", winner.pid, one.global.randomNotifyName);
    await two.global.registerName("g", loser.pid, two.global.randomNotifyName);
    await two.connect(one.name);
    await two.global.sync();
    expect(one.global.whereisName("g")).toBe(winner.pid);
    expect(two.global.whereisName("g")?.node).toBe("one@host");
    await until(() => loser.heard.length > 0);
    expect(loser.heard).toEqual([{ type: "global_name_conflict", name: "g" }]);
    expect(two.isProcessAlive(loser.pid)).toBe(true);
    expect(winner.heard).toEqual([]);
  });

  it.each(["forwards", "backwards"])(
    "GLOBAL-5 by default the process of the first node stays, connecting %s",
    async (way) => {
      const world = await cluster();
      const aaa = await world.start("aaa@host");
      const zzz = await world.start("zzz@host");
      const winner = aaa.node.spawn(sleeper);
      const loser = zzz.node.spawn(sleeper);
      const watcher = inProcess(zzz.node, (self) => {
        self.monitor(loser);
        return self.receive({ type: "DOWN" });
      });
      await zzz.node.global.registerName("Dup", loser);
      await aaa.node.global.registerName("Dup", winner);
      const [from, to] = way === "forwards" ? [aaa.node, zzz.node] : [zzz.node, aaa.node];
      await from.connect(to.name);
      expect(await watcher).toMatchObject({ reason: "killed" });
      await zzz.node.global.sync();
      expect(aaa.node.global.whereisName("Dup")).toBe(winner);
      expect(zzz.node.global.whereisName("Dup")?.node).toBe("aaa@host");
      expect(
        aaa.logs.filter(({ msg }) => msg.startsWith("global: Name conflict terminating {Dup, #PID<zzz@host.")),
      ).toHaveLength(1);
      expect(zzz.logs.filter(({ msg }) => msg.startsWith("global: Name"))).toEqual([]);
    },
  );

  it("GLOBAL-5 notify_all_name frees the name and tells both", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: two } = await world.start("two@host");
    const [first, second] = [listener(one), listener(two)];
    await one.global.registerName("g", first.pid, one.global.notifyAllName);
    await two.global.registerName("g", second.pid, two.global.notifyAllName);
    await two.connect(one.name);
    await Promise.all([one.global.sync(), two.global.sync()]);
    await until(() => first.heard.length > 0 && second.heard.length > 0);
    expect(first.heard).toMatchObject([
      { type: "global_name_conflict", name: "g", other: { number: second.pid.number } },
    ]);
    expect(second.heard).toMatchObject([
      { type: "global_name_conflict", name: "g", other: { number: first.pid.number } },
    ]);
    expect([one, two].map(({ global }) => global.whereisName("g"))).toEqual([undefined, undefined]);
  });

  it("GLOBAL-5 a resolver of one's own is called once for two parts of two nodes each", async () => {
    const world = await cluster();
    const left = await world.mesh("a@host", "b@host");
    const right = await world.mesh("c@host", "d@host");
    const calls: unknown[] = [];
    const resolver = (name: unknown, pid1: Pid, pid2: Pid): Pid => {
      calls.push([name, pid1.node, pid2.node]);
      return pid2;
    };
    const [, b] = left;
    const [, d] = right;
    if (b === undefined || d === undefined) throw new Error("no node");
    const pids = [b.spawn(sleeper), d.spawn(sleeper)] as const;
    await b.global.registerName("g", pids[0], resolver);
    await d.global.registerName("g", pids[1], resolver);
    await connectAll([...left, ...right]);
    expect([...left, ...right].map(({ global }) => global.whereisName("g")?.node)).toEqual([
      "d@host",
      "d@host",
      "d@host",
      "d@host",
    ]);
    expect(calls).toEqual([["g", "b@host", "d@host"]]);
    expect(b.isProcessAlive(pids[0])).toBe(true);
  });

  it("GLOBAL-5 a resolver made by remote goes with a process of another node", async () => {
    const world = await cluster();
    const [one, two] = await world.mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const parked = listener(one);
    await one.global.registerName("parked", parked.pid);
    const far = two.global.whereisName("parked");
    if (far === undefined) throw new Error("not known");
    await two.global.unregisterName("parked");
    await expect(two.global.registerName("g", far, () => "none")).rejects.toMatchObject({ code: "argument" });
    expect(await two.global.registerName("g", far, lastWins)).toBe("yes");
    await two.disconnect(one.name);
    await until(() => two.global.whereisName("g") === undefined);
    const newer = two.spawn(sleeper);
    await two.global.registerName("g", newer, lastWins);
    await connectAll([one, two]);
    expect(two.global.whereisName("g")).toBe(newer);
    expect(one.global.whereisName("g")?.node).toBe("two@host");
    expect(one.isProcessAlive(parked.pid)).toBe(true);
  });

  it("GLOBAL-5 a resolver that fails frees the name and is logged", async () => {
    const world = await cluster();
    const one = await world.start("one@host");
    const two = await world.start("two@host");
    const resolver = (): never => {
      throw new Error("undecided");
    };
    await one.node.global.registerName("g", one.node.spawn(sleeper), resolver);
    await two.node.global.registerName("g", two.node.spawn(sleeper), resolver);
    await connectAll([one.node, two.node]);
    expect([one, two].map(({ node }) => node.global.whereisName("g"))).toEqual([undefined, undefined]);
    expect(one.logs.filter(({ event }) => event === "global_conflict")).toHaveLength(1);
  });

  it("GLOBAL-6 the same pid on both sides is no conflict", async () => {
    const world = await cluster();
    // Two that lose each other and have a third in common, as partitions that overlap.
    const apart = { preventOverlappingPartitions: false };
    const { node: one } = await world.start("one@host", apart);
    const { node: two } = await world.start("two@host", apart);
    const { node: three } = await world.start("three@host", apart);
    await connectAll([one, two, three]);
    let calls = 0;
    const pid = one.spawn(sleeper);
    await one.global.registerName("g", pid, (_name, pid1) => {
      calls += 1;
      return pid1;
    });
    await two.disconnect(three.name);
    await connectAll([one, two, three]);
    expect([one, two, three].map(({ global }) => global.whereisName("g")?.node)).toEqual([
      "one@host",
      "one@host",
      "one@host",
    ]);
    expect(calls).toBe(0);
  });
});
