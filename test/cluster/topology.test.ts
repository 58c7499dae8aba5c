import { describe, expect, it } from "vitest";

import { inventory, recordOf } from "../fixtures/fire-functions.ts";
import { listing } from "../fixtures/peer-functions.ts";
import { until } from "../support/clusters.ts";
import { eager, ground, ignite, isLong, meshed, pause, settle, patience } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { type HostedNode, startHost } from "../support/node-host.ts";
import { faultsOf } from "../support/recorder.ts";

const talk = { everyMs: 10, burst: 2, ties: true };

describe("fallacy: topology does not change", patience, () => {
  const place = ground(2);

  it("TR-5 NODE-17 a node that starts under the same name every few hundred ms is another one each time, and leaves nothing behind", async () => {
    const { light, places } = place();
    const fire = await light({ tickTimeMs: 4_000 }, talk);
    const host = places[1]?.host;
    const medium = { servers: place().server.url, cluster: fire.cluster, options: eager };
    if (host === undefined) throw new Error("no host");
    const rounds = isLong ? 200 : 8;
    for (let round = 0; round < rounds; round += 1) {
      const guest = await host.start("guest@host", {
        options: { ...plain, tickTimeMs: 4_000, discover: true },
        medium,
      });
      await ignite([guest], talk);
      await pause(100 + ((round * 53) % 200));
      await guest.stop();
    }
    const records = await settle(fire.nodes);
    for (const { entries } of records) {
      const ups = entries.filter((entry) => entry.type === "up" && entry.node === "guest@host");
      const downs = entries.filter((entry) => entry.type === "down" && entry.node === "guest@host");
      expect(ups.length).toBeGreaterThanOrEqual(Math.ceil(rounds / 2));
      expect(downs).toHaveLength(ups.length);
    }
    // The device, the talker, the claimant, what the other's talker is linked to, and who asks.
    for (const node of fire.nodes) await until(async () => (await node.ask(inventory)).processes === 5);
    await fire.stop();
  });

  it("NODE-12 NODE-17 one that is killed is found out soon, and comes back as another", async () => {
    const { server } = place();
    const medium = { servers: server.url, cluster: `killed_${String(process.pid)}`, options: eager };
    const options = { ...plain, discover: true };
    const stay = await Promise.all(
      place().places.map(({ host }, at) => host.start(`stay${String(at)}@host`, { options, medium })),
    );
    await ignite(stay, talk);
    for (let round = 0; round < (isLong ? 20 : 2); round += 1) {
      const host = await startHost();
      const victim = await host.start("victim@host", { options, medium });
      await ignite([victim], talk);
      await meshed([...stay, victim]);
      await pause(200);
      await host.kill();
      await until(async () => (await listings(stay)).every((list) => !list.includes("victim@host")));
    }
    const records = await settle(stay);
    for (const { entries } of records) {
      const reasons = entries.flatMap((entry) => (entry.type === "down" ? [entry.reason] : []));
      expect([...new Set(reasons)]).toEqual(["gone"]);
    }
    await Promise.all(stay.map((node) => node.stop()));
  });

  it("NODE-20 TR-3 one that is frozen longer than the tick time finds itself out and returns as a new epoch", async () => {
    const { light, places } = place();
    const fire = await light({ tickTimeMs: 1_500 }, talk);
    const [, frozen] = fire.nodes;
    if (frozen === undefined) throw new Error("no node");
    places[1]?.host.os.freeze();
    await pause(4_000);
    places[1]?.host.os.thaw();
    const records = await settle(fire.nodes);
    // Each side has been told of exactly one loss, by its own tick time or by the other's word.
    const losses = records.map(({ entries }) => entries.filter(({ type }) => type === "down").length);
    expect(losses).toEqual([1, 1]);
    const after = await frozen.ask(recordOf);
    expect(faultsOf(after)).toEqual([]);
    await fire.stop();
  });
});

function listings(nodes: readonly HostedNode[]): Promise<string[][]> {
  return Promise.all(nodes.map((node) => node.ask(listing)));
}
