/** A stranger on the medium who hears everything and says what it likes (TR-6, properties 67, 69, 79). */
import { describe, expect, it } from "vitest";

import type { SimulatedNode } from "./node.ts";
import { World } from "./world.ts";

async function connected(): Promise<{ world: World; a: SimulatedNode; b: SimulatedNode }> {
  const world = new World();
  const a = await world.start("a@x");
  const b = await world.start("b@x");
  a.send(b, "from a");
  world.run(50);
  b.send(a, "from b");
  world.run(50);
  return { world, a, b };
}

function expectUnharmed(world: World, a: SimulatedNode, b: SimulatedNode): void {
  const told = a.told.length + b.told.length;
  a.send(b, "still here");
  world.run(3_000);
  expect(a.told.length + b.told.length).toBe(told + 1);
  expect(b.messages.at(-1)).toBe("still here");
}

const sum = (world: World): { forged: number; replayed: number; stale: number } => {
  const all = [...world.members.values()].map((node) => node.distribution.counters());
  const total = (pick: (counters: (typeof all)[number]) => number): number =>
    all.reduce((n, each) => n + pick(each), 0);
  return { forged: total((c) => c.forged), replayed: total((c) => c.replayed), stale: total((c) => c.stale) };
};

describe("a stranger on the medium", () => {
  it("reads neither cookie nor messages", async () => {
    const { world } = await connected();
    for (const { bytes } of world.recorded) {
      const text = Buffer.from(bytes).toString("latin1");
      for (const secret of ["a cookie", "from a", "from b"]) expect(text).not.toContain(secret);
    }
  });

  it("who plays everything back, in any order, changes nothing but counters", async () => {
    const { world, a, b } = await connected();
    const all = [...world.recorded];
    const answers = (): number => world.recorded.filter(({ bytes }) => bytes[0] === 0x12).length;
    const answered = answers();
    for (let round = 0; round < 20; round += 1) {
      for (let i = 0; i < all.length; i += 1) {
        const recorded = all[world.pick(all.length)];
        if (recorded !== undefined) world.inject(recorded, world.pick(20));
      }
      world.run(30);
    }
    expectUnharmed(world, a, b);
    expect(sum(world).replayed).toBeGreaterThan(20);
    expect(answers()).toBe(answered);
  });

  it("who plays an old epoch into a new one is ignored (TR-3)", async () => {
    const { world, a, b } = await connected();
    const old = [...world.recorded];
    a.distribution.disconnect("b@x", { kind: "disconnect", detail: "" });
    world.run(100);
    a.send(b, "again");
    world.run(100);
    for (const recorded of old) world.inject(recorded);
    world.run(100);
    expect(b.messages).toEqual(["from a", "again"]);
    expect(sum(world).stale).toBeGreaterThan(3);
    expectUnharmed(world, a, b);
  });

  it("who plays back the handshake of an earlier incarnation does not disturb the present one", async () => {
    const { world, a, b } = await connected();
    const old = world.recorded.filter(({ from }) => from === "a@x");
    a.crash();
    const again = await world.start("a@x");
    again.send(b, "hello");
    world.run(2_000);
    const told = b.told.length;
    for (let i = 0; i < 10; i += 1) {
      for (const recorded of old) world.inject(recorded);
      world.run(400);
    }
    expect(b.told.length).toBe(told);
    expectUnharmed(world, again, b);
  });

  it("who sends garbage for a long time costs a counter and a line or two", async () => {
    const { world, a, b } = await connected();
    const samples = [...world.recorded];
    for (let i = 0; i < 20_000; i += 1) {
      const [from, to] = i % 2 === 0 ? ["a@x", "b@x"] : ["b@x", "a@x"];
      const sample = samples[world.pick(samples.length)];
      const bytes =
        i % 4 < 2 || sample === undefined
          ? Uint8Array.from({ length: world.pick(80) }, (_, at) => (at === 0 ? 0x10 + world.pick(5) : world.pick(256)))
          : Uint8Array.from(sample.bytes, (byte) => (world.chance(0.02) ? world.pick(256) : byte));
      world.inject({ from: from ?? "", to: to ?? "", bytes }, world.pick(10));
      if (i % 100 === 0) world.run(1);
    }
    world.run(100);
    expect(sum(world).forged).toBeGreaterThan(1_000);
    expect(a.warnings.length + b.warnings.length).toBeLessThan(10);
    expectUnharmed(world, a, b);
  });

  it("who refuses in another's name delays nothing that is answered", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, "hello");
    const [invitation] = world.recorded;
    for (let i = 0; i < 10; i += 1) {
      const attempt = invitation?.bytes.subarray(2, 10) ?? [];
      world.inject({ from: "b@x", to: "a@x", bytes: Uint8Array.from([0x13, 1, ...attempt, 1]) });
    }
    world.run(1_000);
    expect(a.toldOf("refused")).toEqual([]);
    expect(b.messages).toEqual(["hello"]);
  });

  it("with many names costs neither memory nor many answers nor many lines", async () => {
    const { world, a, b } = await connected();
    const sent = b.distribution.counters().framesSent;
    const before = world.recorded.length;
    for (let i = 0; i < 5_000; i += 1) {
      const bytes = Uint8Array.from({ length: 80 }, () => world.pick(256));
      bytes.set([0x11, i % 10 === 0 ? 7 : 1]);
      world.inject({ from: `stranger-${i}@x`, to: "b@x", bytes });
      if (i % 50 === 0) world.run(1);
    }
    world.run(10);
    // All of it within a tenth of a second, so most are not even looked at.
    expect(b.distribution.counters().refusals).toBeGreaterThan(900);
    expect(b.distribution.counters().refusals).toBeLessThan(1_400);
    expect(world.recorded.length - before).toBeLessThan(40);
    expect(b.warnings.length).toBeLessThan(40);
    expect(b.distribution.counters().framesSent - sent).toBeLessThan(10);
    expectUnharmed(world, a, b);
  });

  it("who speaks another version is told so, and believed only when nobody answers (69)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    a.distribution.connect("future@x");
    world.run(1);
    const attempt = world.recorded[0]?.bytes.subarray(2, 10) ?? [];
    world.inject({ from: "future@x", to: "a@x", bytes: Uint8Array.from([0x13, 9, ...attempt, 2]) });
    world.run(700);
    expect(a.toldOf("refused").map(({ cause }) => [cause.kind, cause.detail])).toEqual([
      ["refused", "it speaks version 9 of the protocol, this node 1"],
    ]);
  });

  it("who uses the node's own name is noticed", async () => {
    const { world, a, b } = await connected();
    world.inject({ from: "b@x", to: "b@x", bytes: Uint8Array.from([0x11, 1, 2, 3]) });
    world.run(10);
    expect(b.warnings).toEqual(["somebody else on the medium uses this node's name"]);
    expectUnharmed(world, a, b);
  });
});

describe("a peer that shares the cookie and sends nonsense", () => {
  it("loses its session, on both sides, and nothing else happens", async () => {
    const world = new World();
    const nonsense = {
      size: 3,
      append: () => undefined,
      put: () => undefined,
      takeHeld: () => [],
      take(): Uint8Array {
        nonsense.size = 0;
        return Uint8Array.of(104, 3, 97);
      },
    };
    const a = await world.start("a@x", { codec: { createEncoder: () => nonsense, decode: () => undefined } });
    const b = await world.start("b@x");
    const c = await world.start("c@x");
    c.send(b, "from c");
    a.distribution.connect("b@x");
    world.run(500);
    const [lost] = b.toldOf("lost");
    expect([lost?.channel.peer.name, lost?.cause.kind]).toEqual(["a@x", "bad_frame"]);
    expect(a.toldOf("lost").map(({ cause }) => cause.kind)).toEqual(["peer_disconnect"]);
    expect(b.distribution.channelTo("c@x")).toBeDefined();
  });
});
