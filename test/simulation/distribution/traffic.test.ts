/** Much to send, and a medium that is slow, far or stuck: what overtakes what, and what is bounded. */
import { describe, expect, it } from "vitest";

import type { SimulatedNode } from "./node.ts";
import { World } from "./world.ts";

async function connected(
  wishes: { rate?: number; delay?: number; jitter?: number; tickTimeMs?: number } = {},
): Promise<{
  world: World;
  a: SimulatedNode;
  b: SimulatedNode;
}> {
  const { tickTimeMs = 2_000, ...weather } = wishes;
  const world = new World();
  world.maxDatagram = 100_000;
  Object.assign(world.weather, weather);
  const options = { tickTimeMs, setupTimeMs: 5_000, goneAfterMs: 2_000 };
  const a = await world.start("a@x", options);
  const b = await world.start("b@x", options);
  a.send(b, "first");
  world.run(2_000);
  return { world, a, b };
}

/** Sends a small message every `everyMs` from a process of its own, until `isDone`; the latencies. */
function smallOnes(
  world: World,
  [a, b]: readonly [SimulatedNode, SimulatedNode],
  everyMs: number,
  isDone: () => boolean,
): number[] {
  const latencies: number[] = [];
  const before = b.onSignal;
  b.onSignal = (channel, signal) => {
    before?.(channel, signal);
    if (signal.op === "send" && typeof signal.message === "number") latencies.push(world.now - signal.message);
  };
  while (!isDone()) {
    a.send(b, world.now, { from: 2 });
    world.run(everyMs);
  }
  return latencies;
}

const big = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(1);
const hasBig = (node: SimulatedNode): boolean =>
  node.messages.at(-1) instanceof Uint8Array || node.messages.some((m) => m instanceof Uint8Array);

describe("a large message", () => {
  it("does not delay small ones of others by more than 50 ms, and arrives whole (81)", async () => {
    const { world, a, b } = await connected({ rate: 20_000 });
    a.send(b, big(20_000_000));
    const from = world.now;
    const latencies = smallOnes(world, [a, b], 5, () => hasBig(b));
    expect(Math.max(...latencies)).toBeLessThan(50);
    expect(latencies.length).toBeGreaterThan(150);
    expect(world.now - from).toBeLessThan(1_400);
  });

  it("on a slow line keeps heartbeats and small messages going, and bursts nothing", async () => {
    const { world, a, b } = await connected({ rate: 50, delay: 20, tickTimeMs: 8_000 });
    a.send(b, big(2_000_000));
    const before = a.distribution.counters().retransmitted;
    const latencies = smallOnes(world, [a, b], 40, () => hasBig(b));
    expect(a.toldOf("lost").concat(b.toldOf("lost"))).toEqual([]);
    const sorted = latencies.toSorted((x, y) => x - y);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(600);
    expect(world.now).toBeLessThan(75_000);
    expect(a.distribution.counters().retransmitted - before).toBeLessThan(200);
  });

  it("is followed by what its own sender sent after it, and by nothing before (SIG-1)", async () => {
    const { world, a, b } = await connected({ rate: 5_000 });
    a.send(b, big(3_000_000));
    a.send(b, "behind");
    a.send(b, "past", { from: 2 });
    world.run(2_000);
    expect(b.messages.map((message) => (message instanceof Uint8Array ? "big" : message))).toEqual([
      "first",
      "past",
      "big",
      "behind",
    ]);
  });

  it("survives a medium that goes away in the middle (TR-4)", async () => {
    const { world, a, b } = await connected({ rate: 5_000 });
    a.send(b, big(10_000_000));
    for (let i = 0; i < 5; i += 1) {
      world.run(200);
      b.setMedium(false);
      world.run(900);
      b.setMedium(true);
    }
    world.run(5_000);
    expect(a.toldOf("lost").concat(b.toldOf("lost"))).toEqual([]);
    expect(hasBig(b)).toBe(true);
  });

  it("that is too large is refused at the sender, to whom nothing else happens (TR-7)", async () => {
    const world = new World();
    const a = await world.start("a@x", { maxMessageBytes: 100_000 });
    const b = await world.start("b@x", { maxMessageBytes: 50_000 });
    a.send(b, "first");
    world.run(100);
    expect(() => a.send(b, big(100_001))).toThrow(/at most 100000 bytes/u);
    a.send(b, "second");
    world.run(100);
    expect(b.messages).toEqual(["first", "second"]);
    // The other node's limit is its own affair: it gives up the session, not its memory.
    a.send(b, big(60_000));
    world.run(100);
    expect(b.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["bad_frame"]);
    expect(a.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["peer_disconnect"]);
  });
});

describe("K10 a peer that does not take what it is sent", () => {
  it("makes the channel busy, and drained once it goes on", async () => {
    const { world, a, b } = await connected();
    b.pause();
    const channel = a.send(b, big(4_000_000));
    expect(channel.isBusy).toBe(false);
    a.send(b, big(1_000_000), { from: 2 });
    expect(channel.isBusy).toBe(true);
    world.run(1_000);
    expect(a.toldOf("drained")).toEqual([]);
    b.resume();
    world.run(2_000);
    expect(channel.isBusy).toBe(false);
    expect(a.toldOf("drained")).toHaveLength(1);
  });

  it("loses its session when too much waits, and others do not notice (TR-8)", async () => {
    const world = new World();
    world.maxDatagram = 100_000;
    const a = await world.start("a@x", { maxBufferBytes: 1_000_000 });
    const b = await world.start("b@x");
    const c = await world.start("c@x");
    a.send(b, 0);
    a.send(c, 0);
    world.run(100);
    b.pause();
    for (let i = 0; i < 200; i += 1) {
      a.send(b, "x".repeat(10_000));
      a.send(c, world.now, { from: 2 });
      world.run(5);
      if (a.toldOf("lost").length > 0) break;
    }
    const [lost] = a.toldOf("lost");
    expect(lost?.cause.kind).toBe("overflow");
    expect(lost?.channel.peer.name).toBe("b@x");
    const latencies = c
      .toldOf("signal")
      .map(({ at, signal }) => ("message" in signal ? at - Number(signal.message) : 0));
    expect(Math.max(...latencies.slice(1))).toBeLessThan(10);
    b.resume();
    world.run(100);
    expect(b.toldOf("lost").map(({ cause }) => cause.detail)).toEqual([expect.stringContaining("overflow")]);
  });

  it("may be sent one message that is larger than all that may wait otherwise", async () => {
    const world = new World();
    world.maxDatagram = 100_000;
    const a = await world.start("a@x", { maxBufferBytes: 1_000_000 });
    const b = await world.start("b@x");
    a.send(b, big(5_000_000));
    a.send(b, "more");
    world.run(3_000);
    expect(b.messages).toHaveLength(2);
  });
});

describe("a medium that is far away", () => {
  it("costs no connection, keeps order, and is used well (fallacy 2)", async () => {
    const { world, a, b } = await connected({ delay: 50, jitter: 200, tickTimeMs: 1_000 });
    for (let i = 0; i < 3_000; i += 1) {
      a.send(b, i);
      world.run(100);
    }
    world.run(2_000);
    expect(a.toldOf("lost").concat(b.toldOf("lost"))).toEqual([]);
    expect(b.messages.slice(1)).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
    const from = world.now;
    const answers: number[] = [];
    b.onSignal = (_, signal) => "message" in signal && b.send(a, signal.message);
    a.onSignal = () => answers.push(world.now);
    for (let i = 0; i < 1_000; i += 1) a.send(b, i);
    while (answers.length < 1_000) world.run(10);
    expect(world.now - from).toBeLessThan(2_000);
  });
});
