import type { Node } from "@otp/core";
import { describe, expect, it } from "vitest";

import { findName, holdMany, holdName, joinGroup } from "../fixtures/cluster-functions.ts";
import { sleeper, until } from "../support/clusters.ts";
import { lateness, patience } from "../support/fire.ts";
import { world } from "../support/os-peers.ts";

const two = "two@localhost";
const three = "three@localhost";
const self = { pass: "self" } as const;

const meshed = (node: Node, count: number): Promise<void> => until(() => node.list().length === count);

describe("names of a cluster of OS processes over NATS", patience, () => {
  it("GLOBAL-4 are given once, and known everywhere", async () => {
    const { node: start, peer } = await world();
    await Promise.all([peer(two), peer(three)]);
    const { node } = await start("one@localhost");
    await meshed(node, 2);
    await node.global.sync();
    for (let round = 0; round < 20; round += 1) {
      const name = `contested ${String(round)}`;
      const outcomes = await node.rpc.multicall([node.name, two, three], holdName, [name], self);
      expect(
        outcomes.map((outcome) => outcome.type === "ok" && outcome.value).filter((value) => value === "yes"),
      ).toHaveLength(1);
      const found = await node.rpc.multicall([node.name, two, three], findName, [name], self);
      expect(new Set(found.map((outcome) => outcome.type === "ok" && String(outcome.value?.node))).size).toBe(1);
    }
    // One after the other, from a node that is not the first: each a round trip to both others.
    const tookMs = await node.rpc.call(three, holdMany, ["many", 300], self);
    expect(tookMs).toBeLessThan(120_000);
    expect(node.global.registeredNames()).toHaveLength(320);
  });

  it("GLOBAL-2 PG-3 are free when the node of their process is killed", async () => {
    const { node: start, peer } = await world();
    const other = await peer(two);
    await peer(three);
    const { node } = await start("one@localhost");
    await meshed(node, 2);
    expect(await node.rpc.call(two, holdName, ["g"], self)).toBe("yes");
    expect(await node.rpc.call(two, joinGroup, ["g"], self)).toBe("ok");
    await until(() => node.pg.getMembers("g").length === 1);
    const call = node.rpc.call(two, holdMany, ["never", 1_000_000], self).catch((error: unknown) => error);
    const began = node.monotonicTime();
    await other.kill();
    await until(() => node.global.whereisName("g") === undefined);
    expect(node.monotonicTime() - began).toBeLessThan(60_000);
    expect(node.pg.getMembers("g")).toEqual([]);
    expect(await call).toMatchObject({ failure: "noconnection" });
    await until(() => node.list().length === 1);
    // The third node notices in its own time.
    await until(async () => (await node.rpc.call(three, findName, ["g"], self)) === null);
    expect(await node.rpc.call(three, holdName, ["g"], self)).toBe("yes");
    expect(node.global.whereisName("g")?.node).toBe(three);
  });

  it("GLOBAL-5 that both have after a peer was frozen are settled when it thaws", async () => {
    const { node: start, peer } = await world();
    const tickTimeMs = 1_500;
    const other = await peer(two, { tickTimeMs });
    const { node, logs } = await start("one@localhost", { tickTimeMs });
    await meshed(node, 1);
    expect(await node.rpc.call(two, holdName, ["g"], self)).toBe("yes");
    other.freeze();
    // A registration waits for the silent peer, until it is lost: that is a tick time after its last word, which was before.
    const late = lateness();
    const began = node.monotonicTime();
    expect(await node.global.registerName("h", node.spawn(sleeper))).toBe("yes");
    expect(node.monotonicTime() - began).toBeLessThan(tickTimeMs + 500 + late.stop());
    const mine = node.spawn(sleeper);
    expect(await node.global.registerName("g", mine)).toBe("yes");
    other.thaw();
    await meshed(node, 1);
    const found = await node.rpc.call(two, findName, ["g"], self);
    expect(found).toBe(mine);
    expect(node.global.whereisName("g")).toBe(mine);
    expect(logs.filter(({ event }) => event === "global_name_conflict")).toHaveLength(1);
  });
});
