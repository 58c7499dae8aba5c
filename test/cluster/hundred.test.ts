/**
 * A hundred nodes on one broker, several per process of the operating system: what a full mesh costs, and how it settles.
 *
 * It takes minutes, so it runs when asked for (`OTP_LONG=1`); its figures stand in `docs/guarantees.md`. `OTP_NODES` takes another number of nodes.
 */
import { loadavg } from "node:os";

import { startLocalServer } from "@otp/transport-nats/local-server";
import { describe, expect, it, onTestFinished } from "vitest";

import { messagesThrough, monitored } from "../support/broker-traffic.ts";
import { inventory } from "../fixtures/fire-functions.ts";
import { claimsNames, connectsTo, knowsNames, traffic } from "../fixtures/many-functions.ts";
import { until } from "../support/clusters.ts";
import { isLong, pause } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { type HostedNode, startHost } from "../support/node-host.ts";

const size = Number(process.env["OTP_NODES"] ?? 100);
const hostsCount = 10;
const namesCount = 10 * size;

const report = (what: string, since: number, more = ""): void => {
  const load = loadavg()[0]?.toFixed(1) ?? "";
  console.info(`${what}: ${((performance.now() - since) / 1_000).toFixed(1)} s${more}, load ${load}`);
};

describe.runIf(isLong)("a hundred nodes", { timeout: 1_800_000 }, () => {
  it("form a full mesh, register a thousand global names, lose a fifth at once, and settle", async () => {
    const server = await startLocalServer({ config: monitored });
    onTestFinished(() => server.stop());
    const hosts = await Promise.all(Array.from({ length: hostsCount }, () => startHost()));
    onTestFinished(async () => {
      await Promise.all(hosts.map((host) => host.kill()));
    });
    const medium = { servers: server.url, cluster: "hundred" };
    const start = performance.now();
    const nodes = (
      await Promise.all(
        hosts.map(async (host, at) => {
          const started: HostedNode[] = [];
          for (let i = at; i < size; i += hostsCount) {
            started.push(await host.start(`n${String(i)}@host`, { options: { ...plain, tickTimeMs: 60_000 }, medium }));
          }
          return started;
        }),
      )
    ).flat();
    report(`${String(size)} nodes started`, start);

    const meshing = performance.now();
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error("no node");
    await first.ask(
      connectsTo,
      others.map(({ name }) => name),
    );
    await until(async () => {
      await pause(1_000);
      return (await trafficOf(nodes)).every(({ peers }) => peers === size - 1);
    });
    const meshed = await trafficOf(nodes);
    report("full mesh", meshing, `, ${describeTraffic(meshed)}`);

    const naming = performance.now();
    await Promise.all(nodes.map((node, at) => node.ask(claimsNames, at * (namesCount / size), namesCount / size)));
    await until(async () => {
      await pause(500);
      return (await Promise.all(nodes.map((node) => node.ask(knowsNames)))).every((known) => known === namesCount);
    });
    report(
      `${String(namesCount)} global names known everywhere`,
      naming,
      `, ${describeTraffic(await trafficOf(nodes))}`,
    );

    await pause(10_000);
    const [idle, carried] = [await trafficOf(nodes), await messagesThrough(server)];
    await pause(30_000);
    const [after, carriedThen] = [await trafficOf(nodes), await messagesThrough(server)];
    const bytes = after.reduce((sum, { bytesOut }, at) => sum + bytesOut - (idle[at]?.bytesOut ?? 0), 0);
    console.info(
      `idle: ${(bytes / 30 / size).toFixed(0)} bytes/s per node in frames, ${((carriedThen - carried) / 30 / size).toFixed(1)} messages/s per node through the broker, at a tick time of 60 s`,
    );
    const memory = await Promise.all(hosts.map((host) => nodes.find((node) => node.host === host)?.ask(inventory)));
    const rss = memory.map((each) => (each?.rss ?? 0) / 1024 / 1024);
    console.info(
      `memory: ${(rss.reduce((sum, each) => sum + each, 0) / size).toFixed(1)} MiB per node (${(size / hostsCount).toFixed(1)} per process)`,
    );

    const losing = performance.now();
    const gone = hosts.slice(0, hostsCount / 5);
    await Promise.all(gone.map((host) => host.kill()));
    const left = nodes.filter(({ host }) => !gone.includes(host));
    await until(async () => {
      await pause(250);
      return (await trafficOf(left)).every(({ peers }) => peers === left.length - 1);
    });
    report(`${String(nodes.length - left.length)} nodes lost at once, known to all`, losing);
    const kept = (left.length * namesCount) / size;
    await until(async () =>
      (await Promise.all(left.map((node) => node.ask(knowsNames)))).every((known) => known === kept),
    );
    report("their global names gone everywhere", losing);
    for (const node of left) expect((await node.ask(inventory)).wrong).toEqual([]);
  });
});

type Traffic = Awaited<ReturnType<typeof trafficOf>>[number];

function trafficOf(nodes: readonly HostedNode[]): Promise<{ peers: number; bytesOut: number; framesOut: number }[]> {
  return Promise.all(nodes.map((node) => node.ask(traffic)));
}

function describeTraffic(all: readonly Traffic[]): string {
  const frames = all.reduce((sum, { framesOut }) => sum + framesOut, 0);
  const bytes = all.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
  return `${String(frames)} frames and ${(bytes / 1024 / 1024).toFixed(1)} MiB so far`;
}
