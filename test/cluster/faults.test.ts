import { type Node, type Process, TIMEOUT } from "@otp/core";
import { describe, expect, it } from "vitest";

import { collect, type Collected, count, idle } from "../fixtures/remote-functions.ts";
import { inProcess, world } from "../support/os-peers.ts";
import { lateness, patience } from "../support/fire.ts";

const isCollected = (message: unknown): message is Collected =>
  typeof message === "object" && message !== null && "type" in message && message.type === "collected";

const two = "two@localhost";

interface Watched {
  readonly told: readonly unknown[];
  readonly tookMs: number;
  /** How much of that this program was not let run. */
  readonly lateMs: number;
}

/** Links and monitors a process on the other node, runs `fault`, and returns what the watcher was told, in order. */
function watch(node: Node, fault: (self: Process) => Promise<void>): Promise<Watched> {
  return inProcess(node, async (self) => {
    self.trapExit = true;
    self.monitorNodes(true);
    const pid = self.spawnLink({ node: two }, idle);
    const ref = self.monitor(pid);
    self.monitorNode(two, true);
    const late = lateness();
    const since = node.monotonicTime();
    await fault(self);
    const told: unknown[] = [];
    // EXIT, DOWN, nodedown twice: by the monitor and by the subscription.
    while (told.length < 4) {
      const message = await self.receive({ after: 60_000 });
      if (message === TIMEOUT) break;
      told.push(message);
    }
    const tookMs = node.monotonicTime() - since;
    const lateMs = late.stop();
    expect(told.slice(0, 2)).toEqual(
      expect.arrayContaining([
        { type: "EXIT", from: pid, reason: "noconnection" },
        { type: "DOWN", ref, object: pid, reason: "noconnection" },
      ]),
    );
    return { told, tookMs, lateMs };
  });
}

describe("a peer in an OS process of its own that fails", patience, () => {
  it("NODE-12 a killed one is noticed within 3 s at the default settings", async () => {
    const { node: start, peer } = await world();
    const other = await peer(two);
    const { node } = await start("one@localhost");
    const { told, tookMs, lateMs } = await watch(node, () => other.kill());
    const info = { nodeType: "visible", reason: "gone", detail: expect.any(String) };
    expect(told.slice(2)).toEqual([
      { type: "nodedown", node: two, info },
      { type: "nodedown", node: two, info },
    ]);
    expect(tookMs - lateMs).toBeLessThan(3_000);
    expect(node.list()).toEqual([]);
    expect(node.check()).toEqual([]);
  });

  it("NODE-20 a frozen one is noticed within its tick time, and finds itself out when it thaws", async () => {
    const { node: start, peer } = await world();
    const tickTimeMs = 2_000;
    const other = await peer(two, { tickTimeMs });
    const { node } = await start("one@localhost", { tickTimeMs });
    const { told, tookMs, lateMs } = await watch(node, async () => other.freeze());
    expect(told[2]).toMatchObject({ type: "nodedown", info: { reason: "tick_timeout" } });
    expect(tookMs).toBeGreaterThan(tickTimeMs * 0.75);
    expect(tookMs - lateMs).toBeLessThan(tickTimeMs * 1.5 + 500);
    other.thaw();
    const isDown = (message: unknown): message is { readonly type: "nodedown" } =>
      typeof message === "object" && message !== null && "type" in message && message.type === "nodedown";
    await other.message(isDown);
    // As a new epoch it is welcome again.
    expect(await node.ping(two)).toBe("pong");
  });

  it("an orderly stop is noticed at once", async () => {
    const { node: start, peer } = await world();
    const other = await peer(two);
    const { node } = await start("one@localhost");
    const { told } = await watch(node, async () => other.signal("SIGTERM"));
    expect(told[2]).toMatchObject({ type: "nodedown", info: { reason: "peer_disconnect" } });
    expect(await other.exit()).toEqual({ code: 0, signal: null });
  });
});

describe("a broker that fails", patience, () => {
  it("TR-4 a restart of 2 s in the middle of 100,000 sends loses nothing, doubles nothing and fires no nodedown", async () => {
    const { node: start, peer, server } = await world();
    await peer(two);
    const { node, logs } = await start("one@localhost");
    const total = 100_000;
    const result = await inProcess(node, async (self) => {
      self.monitorNodes(true);
      const pid = self.spawn({ node: two }, collect, "collector", self.pid);
      await self.receive({ type: "ready" });
      // The other way at the same time.
      const back = self.spawn(collect, "here", self.pid);
      self.spawn({ node: two }, count, back, total);
      const outage = (async () => {
        await server.kill();
        await inProcess(node, (other) => other.sleep(2_000));
        await server.restart();
      })();
      for (let i = 0; i < total; i += 1) {
        self.send(pid, { i });
        if (i % 100 === 0) await self.sleep(2);
      }
      await outage;
      self.send(pid, { type: "report" });
      const there = await self.receive(isCollected, { after: 120_000 });
      let here: unknown;
      do {
        await self.sleep(50);
        self.send(back, { type: "report" });
        here = await self.receive(isCollected, { after: 60_000 });
      } while (typeof here === "object" && here !== null && "count" in here && here.count !== total);
      return { there, here, downs: self.flush().filter((message) => isNodedown(message)) };
    });
    expect(result).toEqual({
      there: { type: "collected", count: total },
      here: { type: "collected", count: total },
      downs: [],
    });
    expect(logs.filter(({ event }) => event === "nodedown")).toEqual([]);
  });

  it("T-TR-02 TR-3 TR-4 an outage longer than the tick time is one loss, and nothing of the old epoch follows", async () => {
    const { node: start, peer, server } = await world();
    const tickTimeMs = 1_500;
    await peer(two, { tickTimeMs });
    const { node } = await start("one@localhost", { tickTimeMs });
    await inProcess(node, async (self) => {
      const late = self.spawn({ node: two }, collect, "collector", self.pid);
      await self.receive({ type: "ready" });
      const { told } = await watch(node, async () => {
        await server.kill();
        // Sent into the outage: lost with the epoch.
        for (let i = 0; i < 100; i += 1) self.send(late, { i });
      });
      expect(told.slice(2)).toEqual([
        {
          type: "nodedown",
          node: two,
          info: { nodeType: "visible", reason: "tick_timeout", detail: expect.any(String) },
        },
        {
          type: "nodedown",
          node: two,
          info: { nodeType: "visible", reason: "tick_timeout", detail: expect.any(String) },
        },
      ]);
      await server.restart();
      let pong: unknown = "pang";
      while (pong !== "pong") {
        pong = await node.ping(two);
        await self.sleep(100);
      }
      self.send(late, { type: "report" });
      expect(await self.receive(isCollected, { after: 60_000 })).toEqual({ type: "collected", count: 0 });
      // Exactly once: nobody is told a second time.
      expect(self.flush()).toEqual([]);
    });
    expect(node.check()).toEqual([]);
  });
});

function isNodedown(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "nodedown";
}
