import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { eager, ignite, isLong, meshed, pause, settle, patience } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { natsCluster } from "../support/nats-cluster.ts";
import { type HostedNode, type NodeHost, startHost } from "../support/node-host.ts";

describe("fallacy: the network is reliable, and a cluster of brokers makes it so", patience, () => {
  let servers: Awaited<ReturnType<typeof natsCluster>> = [];
  let hosts: readonly NodeHost[] = [];
  let fires = 0;

  beforeAll(async () => {
    servers = await natsCluster(3);
    hosts = await Promise.all(servers.map(() => startHost()));
  }, 240_000);
  afterAll(async () => {
    for (const host of hosts) await host.kill();
    for (const server of servers) await server.stop();
  });

  /** A talking node at each server, which knows the others, too. */
  async function light(tickTimeMs: number): Promise<readonly HostedNode[]> {
    fires += 1;
    const cluster = `brokers_${String(process.pid)}_${String(fires)}`;
    const urls = servers.map(({ url }) => url);
    const nodes = await Promise.all(
      hosts.map((host, at) => {
        const own = [...urls.slice(at), ...urls.slice(0, at)];
        const medium = { servers: own, cluster, options: { ...eager, noRandomize: true } };
        return host.start(`n${String(at)}@host`, { options: { ...plain, tickTimeMs, discover: true }, medium });
      }),
    );
    await meshed(nodes);
    await ignite(nodes, { burst: 3 });
    return nodes;
  }

  const downs = (records: Awaited<ReturnType<typeof settle>>): unknown[] =>
    records.flatMap(({ entries }) => entries.filter(({ type }) => type === "down"));

  it("TR-1 TR-4 servers that die one after the other, each with its routes, are not noticed", async () => {
    const nodes = await light(10_000);
    for (let round = 0; round < (isLong ? 12 : 3); round += 1) {
      const server = servers[round % servers.length];
      await pause(300);
      await server?.kill();
      await pause(600);
      await server?.restart();
      await pause(600);
    }
    expect(downs(await settle(nodes))).toEqual([]);
    await Promise.all(nodes.map((node) => node.stop()));
  });

  it("TR-2 TR-3 a server that freezes, loses its clients to the others and then delivers what it had kept, doubles nothing", async () => {
    const nodes = await light(12_000);
    for (let round = 0; round < (isLong ? 6 : 1); round += 1) {
      const server = servers[round % servers.length];
      server?.pause();
      // Long enough for its clients to give it up: their pings go unanswered.
      await pause(5_000);
      server?.resume();
      await pause(1_000);
    }
    expect(downs(await settle(nodes))).toEqual([]);
    await Promise.all(nodes.map((node) => node.stop()));
  });
});
