/** Names that are taken or taken over, and nodes that connect to each other at the same time (NODE-17, NODE-19, property 68). */
import { describe, expect, it } from "vitest";

import { World } from "./world.ts";

describe("a name", () => {
  it("taken over by a restarted node replaces the old connection, lost first (NODE-17)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b1 = await world.start("b@x");
    a.send(b1, 1);
    world.run(100);
    b1.crash();
    const b2 = await world.start("b@x");
    b2.send(a, "hello");
    world.run(1_000);
    expect(a.told.map(({ what }) => what)).toEqual(["up", "lost", "up", "signal"]);
    expect(a.toldOf("lost")[0]?.cause.kind).toBe("restarted");
    expect(a.distribution.channelTo("b@x")?.peer.creation).toBe(3);
  });

  it("of a node that is alive is not given to another one (NODE-19)", async () => {
    const world = new World();
    const a = await world.start("a@x");
    const b1 = await world.start("b@x");
    a.send(b1, 1);
    world.run(100);
    // Both have the name, and both get what is sent to it.
    const b2 = await world.start("b@x");
    const events = [b1.events, b2.events];
    b2.events = {
      datagram: (from, bytes) => events.forEach((each) => each?.datagram(from, Uint8Array.from(bytes))),
      unreachable: () => undefined,
      status: () => undefined,
      closed: () => undefined,
    };
    b2.send(a, "hello");
    world.run(1_400);
    expect(a.toldOf("lost")).toEqual([]);
    expect(b2.toldOf("refused").map(({ cause }) => cause.kind)).toEqual(["name_clash"]);
    expect(a.messages).toEqual([]);
  });
});

describe("two nodes that connect at the same time", () => {
  it("do so again at once when the one that had answered is restarted", async () => {
    const world = new World();
    const a = await world.start("z@x");
    const b1 = await world.start("b@x");
    a.send(b1, "to the first");
    world.run(2.5);
    b1.crash();
    const b2 = await world.start("b@x");
    b2.send(a, "from the second");
    world.run(600);
    expect(a.messages).toEqual(["from the second"]);
    expect(a.distribution.channelTo("b@x")?.peer.creation).toBe(3);
  });

  it.each([0, 1, 5])("end with exactly one connection, %i ms apart", async (apart) => {
    const world = new World();
    const a = await world.start("a@x");
    const b = await world.start("b@x");
    a.send(b, "from a");
    world.run(apart);
    b.send(a, "from b");
    world.run(2_000);
    expect(a.told.map(({ what }) => what)).toEqual(["up", "signal"]);
    expect(b.told.map(({ what }) => what)).toEqual(["up", "signal"]);
    b.send(a, "more");
    world.run(100);
    expect(a.messages).toEqual(["from b", "more"]);
  });
});
