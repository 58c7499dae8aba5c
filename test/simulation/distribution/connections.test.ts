/** Connections between two nodes, one situation each: chapters NODE and TR on a virtual clock. */
import { describe, expect, it } from "vitest";

import { World } from "./world.ts";

describe("a connection", () => {
  it("comes up on both sides before anything is delivered (NODE-11)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    for (let i = 0; i < 5; i += 1) a.send(b, i);
    world.run(50);
    expect(a.told.map(({ what }) => what)).toEqual(["up"]);
    expect(b.told.map(({ what }) => what)).toEqual(["up", "signal", "signal", "signal", "signal", "signal"]);
    expect(b.messages).toEqual([0, 1, 2, 3, 4]);
    expect(a.distribution.channelTo("b@x")?.peer).toEqual({ name: "b@x", creation: 2, hidden: false });
    expect(b.distribution.channelTo("a@x")?.peer).toEqual({ name: "a@x", creation: 1, hidden: false });
  });

  it("is refused for another cookie, on both sides without a signal (TR-6, NODE-7)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x", { cookie: "another" });
    a.send(b, "secret");
    world.run(1_000);
    expect(a.toldOf("refused").map(({ cause }) => cause.kind)).toEqual(["cookie"]);
    expect(b.told).toEqual([]);
    expect(b.warnings).toEqual(["connection attempt from node a@x rejected: it does not know this node's cookie"]);
    expect(a.distribution.channelTo("b@x")).toBeUndefined();
  });

  it("is given up soon when nobody listens", async () => {
    const world = new World();
    const a = await world.start("a@x");
    a.distribution.connect("nobody@x");
    world.run(1_400);
    expect(a.toldOf("refused").map(({ cause }) => cause.kind)).toEqual(["gone"]);
  });

  it("is given up after the setup time when there is no answer", async () => {
    const world = new World();
    const a = await world.start("a@x");
    (await world.start("b@x")).pause();
    a.distribution.connect("b@x");
    world.run(1_499);
    expect(a.told).toEqual([]);
    world.run(2);
    expect(a.toldOf("refused").map(({ cause }) => cause.kind)).toEqual(["setup_timeout"]);
  });

  it("is closed by both sides' leave, after what was sent before", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    const channel = a.send(b, "first");
    world.run(20);
    a.send(b, "x".repeat(400_000));
    a.send(b, "last");
    channel.close({ kind: "disconnect", detail: "enough" });
    expect(a.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["disconnect"]);
    world.run(500);
    expect(b.messages).toEqual(["first", "x".repeat(400_000), "last"]);
    expect(b.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["peer_disconnect"]);
    expect(a.timers.size + b.timers.size).toBe(0);
  });

  it("delivers nothing more once it was closed from within a delivery, though more has arrived", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, "first");
    world.run(50);
    b.onSignal = (channel) => channel.close({ kind: "disconnect", detail: "heard enough" });
    world.cut.add("a@x>b@x");
    a.send(b, "lost at first");
    world.run(1);
    world.cut.clear();
    for (let i = 0; i < 5; i += 1) {
      a.send(b, `arrived before it ${i}`);
      a.send(b, `in the same batch ${i}`);
      world.run(1);
    }
    world.run(1_000);
    expect(b.messages).toEqual(["first", "lost at first"]);
    expect(b.told.map(({ what }) => what)).toEqual(["up", "signal", "signal", "lost"]);
  });

  it("of a silent peer is lost within a quarter of the tick time either way (NODE-20)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 1);
    world.run(100);
    world.cut.add("b@x>a@x");
    const from = world.now;
    world.run(10_000);
    const [lost] = a.toldOf("lost");
    expect(lost?.cause.kind).toBe("tick_timeout");
    expect(lost?.cause.detail).toMatch(/no frame for 2\d\d\d ms/u);
    expect((lost?.at ?? 0) - from).toBeGreaterThan(1_400);
    expect((lost?.at ?? 0) - from).toBeLessThan(2_500);
    // The other side still heard this one, and is told.
    expect(b.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["peer_disconnect"]);
  });

  it("of a live peer that is idle is never lost, and costs little", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 1);
    world.run(100);
    const before = a.distribution.counters().framesSent;
    world.run(200_000);
    expect(a.toldOf("lost")).toEqual([]);
    expect(a.distribution.counters().framesSent - before).toBeLessThan(500);
  });

  it("to a crashed node is lost as soon as nobody has listened for a while", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 1);
    world.run(100);
    const from = world.now;
    b.crash();
    world.run(1_000);
    const [lost] = a.toldOf("lost");
    expect(lost?.cause.kind).toBe("gone");
    expect((lost?.at ?? 0) - from).toBeLessThan(800);
  });

  it("outlives a medium that is away for less than the tick time (TR-4)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 0);
    world.run(100);
    for (let round = 0; round < 5; round += 1) {
      a.setMedium(false);
      b.setMedium(false);
      for (let i = 0; i < 10; i += 1) a.send(b, 1 + round * 10 + i);
      world.run(700);
      b.setMedium(true);
      world.run(300);
      a.setMedium(true);
      world.run(500);
    }
    expect(a.toldOf("lost").concat(b.toldOf("lost"))).toEqual([]);
    expect(b.messages).toEqual(Array.from({ length: 51 }, (_, i) => i));
  });

  it("goes on at once when the medium is back, without waiting for its turn", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 0);
    world.run(100);
    world.cut.add("a@x>b@x");
    a.send(b, 1);
    world.run(900);
    a.setMedium(false);
    a.send(b, 2);
    world.run(50);
    world.cut.clear();
    a.setMedium(true);
    world.run(5);
    expect(b.messages).toEqual([0, 1, 2]);
  });

  it("is lost on both sides when the medium is away for longer, and begins anew (TR-3, TR-4)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, "before");
    world.run(100);
    a.setMedium(false);
    a.send(b, "into the void");
    world.run(3_000);
    expect(a.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["tick_timeout"]);
    expect(b.toldOf("lost")).toHaveLength(1);
    a.setMedium(true);
    a.send(b, "after");
    world.run(1_000);
    expect(b.messages).toEqual(["before", "after"]);
  });
});

describe("a node that stood still for longer than the tick time", () => {
  it("finds out by itself, is not heard, and comes back as a new epoch", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 1);
    b.send(a, 1);
    world.run(100);
    b.send(a, "unsent");
    b.pause();
    a.send(b, 2);
    world.run(5_000);
    expect(a.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["tick_timeout"]);
    b.resume();
    world.run(10);
    expect(b.toldOf("lost").map(({ cause }) => cause.detail)).toEqual([
      expect.stringMatching(/this node stood still for 5\d\d\d ms/u),
    ]);
    expect(b.messages).toEqual([1]);
    b.send(a, "again");
    world.run(500);
    expect(a.messages).toEqual([1, "again"]);
    expect(a.toldOf("up")).toHaveLength(2);
  });

  it("keeps its connections when it was for less (TR-4)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 1);
    world.run(100);
    for (let i = 0; i < 10; i += 1) {
      b.pause();
      a.send(b, 2 + i);
      world.run(1_400);
      b.resume();
      world.run(200);
    }
    expect(a.toldOf("lost").concat(b.toldOf("lost"))).toEqual([]);
    expect(b.messages).toHaveLength(11);
  });
});

describe("the tick time", () => {
  it("can be changed at any moment, on one side alone, and no connection is lost for it", async () => {
    const world = new World();
    const a = await world.start("a@x", { tickTimeMs: 60_000 });
    const b = await world.start("b@x", { tickTimeMs: 60_000 });
    a.send(b, 1);
    world.run(40_000);
    a.distribution.setTickTime(1_000);
    world.run(20_000);
    a.distribution.setTickTime(60_000);
    world.run(100_000);
    expect(a.toldOf("lost").concat(b.toldOf("lost"))).toEqual([]);
    a.distribution.setTickTime(1_000);
    world.run(5_000);
    b.pause();
    world.run(1_300);
    expect(a.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["tick_timeout"]);
  });
});

describe("a node that is stopped", () => {
  it("does not wait for peers that are gone", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 1);
    world.run(100);
    b.crash();
    let isClosed = false;
    void a.distribution.close().then(() => (isClosed = true));
    world.run(20);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    expect(isClosed).toBe(true);
    expect(a.timers.size).toBe(0);
  });

  it("at the same moment as its peer waits for nothing, either", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, 1);
    world.run(100);
    const both = Promise.all([a.distribution.close(), b.distribution.close()]);
    world.run(50);
    await both;
    expect(a.timers.size + b.timers.size).toBe(0);
    expect(a.distribution.counters().retransmitted + b.distribution.counters().retransmitted).toBe(0);
  });
});
