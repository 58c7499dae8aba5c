/** Nodes at different servers of one NATS cluster, which learn from each other a moment later who listens where. */
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { nats } from "@otp/transport-nats";
import { startLocalServer, type LocalServer } from "@otp/transport-nats/local-server";

import { bytesOf, openNats, patience, recorder } from "../support/nats-nodes.ts";

async function twoServers(): Promise<readonly [LocalServer, LocalServer]> {
  const cluster = (routes: string): string => `cluster { name: c, listen: "127.0.0.1:-1", routes: [${routes}] }`;
  const one = await startLocalServer({ config: cluster("") });
  onTestFinished(() => one.stop());
  const routePort = (): string | undefined => /route connections on \S+:(\d+)/.exec(one.log.join("\n"))?.[1];
  await vi.waitFor(() => expect(routePort()).toBeDefined(), patience);
  const two = await startLocalServer({ config: cluster(`"nats-route://127.0.0.1:${routePort() ?? ""}"`) });
  onTestFinished(() => two.stop());
  await vi.waitFor(() => expect(two.log.join("\n")).toMatch(/Route connection created/), patience);
  return [one, two];
}

describe("two nodes at two servers", () => {
  it("reach, probe and find each other", async () => {
    const [one, two] = await twoServers();
    const a = await openNats("a", { servers: one.url });
    const b = await openNats("b", { servers: two.url });
    await vi.waitFor(async () => expect(await a.transport.discover()).toEqual(["b"]), patience);
    a.transport.send("b", bytesOf("x"));
    await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a", "x"]]), patience);
    a.transport.probe("nobody");
    await vi.waitFor(() => expect(a.seen.unreachable).toEqual(["nobody"]), patience);
    await b.transport.close();
    await vi.waitFor(() => {
      a.transport.probe("b");
      expect(a.seen.unreachable).toContain("b");
    });
  });

  it("NODE-19: of two with one name, one is left, also when they start at the same instant", async () => {
    const servers = await twoServers();
    const a = await openNats("a", { servers: servers[0].url });
    await expect(openNats("a", { servers: servers[1].url })).rejects.toThrow(/already in use/);
    expect(a.seen.closed).toEqual([]);
    for (let round = 0; round < 5; round += 1) {
      const twins = servers.map((server) => {
        const transport = nats({ servers: server.url, cluster: String(round) });
        onTestFinished(() => transport.close());
        const { seen, events } = recorder();
        return { seen, opened: transport.open({ name: "twin", creation: 1, hidden: false }, events) };
      });
      const opened = await Promise.allSettled(twins.map((twin) => twin.opened));
      const left = (): number =>
        twins.filter(({ seen }, index) => opened[index]?.status === "fulfilled" && seen.closed.length === 0).length;
      await vi.waitFor(() => expect(left()).toBe(1), patience);
    }
  });

  it("move to the other server when theirs dies", async () => {
    const [one, two] = await twoServers();
    const a = await openNats("a", { servers: one.url });
    const b = await openNats("b", { servers: two.url });
    await one.kill();
    await vi.waitFor(() => expect(a.seen.status).toEqual(["down", "up"]), patience);
    a.transport.send("b", bytesOf("x"));
    await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a", "x"]]), patience);
  });
});
