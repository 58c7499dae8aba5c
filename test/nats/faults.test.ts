import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
/** The transport while things break: servers that die, freeze or restart, nodes that stop reading. */
import { describe, expect, it, onTestFinished, vi } from "vitest";

import { leavesNothing } from "../support/leaks.ts";
import { bytesOf, openNats, patience, recorder } from "../support/nats-nodes.ts";

const eager = { pingInterval: 300, maxPingOut: 2, timeout: 1_000 };

describe("a server that is killed and comes back", () => {
  it("is told as down and up, and nodes find each other again", async () => {
    await using server = await startLocalServer();
    const a = await openNats("a", { servers: server.url });
    const b = await openNats("b", { servers: server.url });
    const most = a.transport.maxDatagram;
    await server.kill();
    await vi.waitFor(() => expect([a.seen.status, b.seen.status]).toEqual([["down"], ["down"]]), patience);
    a.transport.send("b", bytesOf("lost"));
    a.transport.probe("b");
    expect(a.transport.maxDatagram).toBe(most);
    expect(await a.transport.discover()).toEqual([]);
    await server.restart();
    await vi.waitFor(
      () =>
        expect([a.seen.status, b.seen.status]).toEqual([
          ["down", "up"],
          ["down", "up"],
        ]),
      patience,
    );
    a.transport.send("b", bytesOf("found"));
    await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a", "found"]]), patience);
    expect(a.seen.unreachable).toEqual([]);
    expect([a.seen.closed, b.seen.closed]).toEqual([[], []]);
  });

  it("delivers in order what it delivers, with at most one hole", async () => {
    await using server = await startLocalServer();
    const a = await openNats("a", { servers: server.url });
    const b = await openNats("b", { servers: server.url });
    let sent = 0;
    const pump = setInterval(() => {
      for (let n = 0; n < 50; n += 1) a.transport.send("b", bytesOf(String(sent++)));
    }, 5);
    onTestFinished(() => clearInterval(pump));
    await vi.waitFor(() => expect(b.seen.datagrams.length).toBeGreaterThan(500), patience);
    await server.restart();
    await vi.waitFor(() => expect(b.seen.status).toEqual(["down", "up"]), patience);
    await vi.waitFor(() => expect(a.seen.status).toEqual(["down", "up"]), patience);
    const before = b.seen.datagrams.length;
    await vi.waitFor(() => expect(b.seen.datagrams.length).toBeGreaterThan(before + 500), patience);
    const numbers = b.seen.datagrams.map(([, text]) => Number(text));
    const holes = numbers.filter((value, index) => index > 0 && value !== (numbers[index - 1] ?? 0) + 1);
    expect(numbers).toEqual(numbers.toSorted((x, y) => x - y));
    expect(holes.length).toBeLessThanOrEqual(1);
  });
});

describe("a server that freezes", () => {
  it("is noticed after the client's pings, and loses nothing that it had taken", async () => {
    await using server = await startLocalServer();
    const a = await openNats("a", { servers: server.url, options: eager });
    const b = await openNats("b", { servers: server.url });
    server.pause();
    await vi.waitFor(() => expect(a.seen.status).toEqual(["down"]), patience);
    server.resume();
    await vi.waitFor(() => expect(a.seen.status).toEqual(["down", "up"]), patience);
    a.transport.send("b", bytesOf("x"));
    await vi.waitFor(() => expect(b.seen.datagrams).toEqual([["a", "x"]]), patience);
    expect(a.seen.closed).toEqual([]);
  });

  it("shows in bufferedBytes, which fall again when it goes on", async () => {
    await using server = await startLocalServer();
    const a = await openNats("a", { servers: server.url });
    server.pause();
    const size = 100_000;
    for (let n = 0; n < 200; n += 1) a.transport.send("b", new Uint8Array(size));
    await vi.waitFor(() => expect(a.transport.bufferedBytes).toBeGreaterThan(5_000_000), patience);
    server.resume();
    await vi.waitFor(() => expect(a.transport.bufferedBytes).toBe(0), patience);
  });

  it("does not hold up a close", async () => {
    await using server = await startLocalServer();
    const a = await openNats("a", { servers: server.url });
    server.pause();
    a.transport.send("b", new Uint8Array(1_000));
    const start = performance.now();
    await a.transport.close();
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it("makes an opening fail in time", async () => {
    await using server = await startLocalServer();
    server.pause();
    await expect(openNats("a", { servers: server.url, options: eager })).rejects.toThrow(/did not answer in time/);
  });
});

describe("a closed transport", () => {
  it("leaves nothing running, whatever its server did", async () => {
    await using server = await startLocalServer();
    {
      await using _ = leavesNothing();
      const { events } = recorder();
      const transport = nats({ servers: server.url });
      await transport.open({ name: "a", creation: 1, hidden: false }, events);
      await transport.discover();
      await transport.close();
    }
    {
      await using _ = leavesNothing();
      const { seen, events } = recorder();
      const transport = nats({ servers: server.url });
      await transport.open({ name: "a", creation: 1, hidden: false }, events);
      await server.kill();
      await vi.waitFor(() => expect(seen.status).toEqual(["down"]), patience);
      await transport.close();
      expect(seen.closed).toEqual([]);
    }
  });

  it("leaves nothing running when its server is frozen", async () => {
    await using server = await startLocalServer();
    await using _ = leavesNothing();
    const transport = nats({ servers: server.url });
    await transport.open({ name: "a", creation: 1, hidden: false }, recorder().events);
    server.pause();
    transport.send("b", new Uint8Array(100_000));
    await transport.close();
  });

  it("tells its node nothing more", async () => {
    await using server = await startLocalServer();
    const a = await openNats("a", { servers: server.url });
    const b = await openNats("b", { servers: server.url });
    for (let n = 0; n < 5_000; n += 1) b.transport.send("a", new Uint8Array(100));
    b.transport.probe("nobody");
    const closing = a.transport.close();
    const told = { ...a.seen, datagrams: a.seen.datagrams.length };
    await closing;
    await server.restart();
    await vi.waitFor(() => expect(b.seen.status).toEqual(["down", "up"]), patience);
    expect({ ...a.seen, datagrams: a.seen.datagrams.length }).toEqual(told);
  });
});
