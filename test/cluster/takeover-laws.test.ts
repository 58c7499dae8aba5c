/** Nodes that talk all the time and stand by for one name, while they are frozen and cut off: what must hold of their records. */
import { describe, expect, it } from "vitest";

import { recordOf } from "../fixtures/fire-functions.ts";
import { standBy } from "../fixtures/standby-functions.ts";
import { until } from "../support/clusters.ts";
import { type Fire, ground, isLong, patience, pause } from "../support/fire.ts";
import { ownerFaults, type Record } from "../support/recorder.ts";

const tickTimeMs = 2_000;
const count = 3;

describe("one name and three standbys", patience, () => {
  const place = ground(count);

  async function light(): Promise<Fire> {
    const fire = await place().light({ tickTimeMs }, { burst: 2, claims: false });
    for (const node of fire.nodes) await node.ask(standBy, "the one");
    await agreement(fire);
    return fire;
  }

  /** Waits until the nodes whose places are given, by default all, agree on the owner; its place. */
  async function agreement(fire: Fire, among: readonly number[] = [...fire.nodes.keys()]): Promise<number> {
    const nodes = fire.nodes.filter((_, at) => among.includes(at));
    let records: readonly Record[] = [];
    await until(async () => {
      records = await Promise.all(nodes.map((node) => node.ask(recordOf)));
      const isWhole = records.every(({ open }) => open.length === nodes.length - 1);
      return isWhole && ownerFaults(records).length === 0;
    });
    const owner = records.find(({ entries }) => roles(entries).at(-1) === "owner");
    return fire.names.indexOf(owner?.node ?? "");
  }

  /** Everything has arrived, the records are in order, the nodes still agree, and nobody was started without need. */
  async function settle(fire: Fire, faults: number): Promise<void> {
    await agreement(fire);
    const records = await fire.settle();
    expect(ownerFaults(records)).toEqual([]);
    await fire.stop();
    const entries = records.flatMap((record) => record.entries);
    const starts = roles(entries).filter((role) => role === "owner").length;
    const losses = entries.filter(({ type }) => type === "down").length;
    expect(starts).toBeGreaterThanOrEqual(1 + faults);
    // A loss gives at most the one who sees it a reason; who gives way is not started again.
    expect(starts).toBeLessThanOrEqual(1 + losses);
  }

  const rest = (one: number): number[] => Array.from({ length: count }, (_, at) => at).filter((at) => at !== one);

  it("NODE-20 TR-3 GLOBAL-5 it passes to another when its owner is frozen, and stays with one of them when that thaws", async () => {
    const fire = await light();
    const rounds = isLong ? 20 : 1;
    for (let round = 0; round < rounds; round += 1) {
      const owner = await agreement(fire);
      const os = place().places[owner]?.host.os;
      os?.freeze();
      await agreement(fire, rest(owner));
      os?.thaw();
      await agreement(fire);
    }
    await settle(fire, rounds);
  });

  it("GLOBAL-5 TR-4 each part has an owner while one node after the other is cut off, and all have one when it returns", async () => {
    const fire = await light();
    const rounds = isLong ? 30 : count;
    for (let round = 0; round < rounds; round += 1) {
      const lonely = round % count;
      const proxy = place().places[lonely]?.proxy;
      proxy?.refuse();
      await Promise.all([agreement(fire, [lonely]), agreement(fire, rest(lonely))]);
      await pause(100);
      proxy?.admit();
      await agreement(fire);
    }
    // Each cut gave one to the part that had none.
    await settle(fire, rounds);
  });
});

function roles(entries: Record["entries"]): string[] {
  return entries.flatMap((entry) => (entry.type === "role" ? [entry.role] : []));
}
