import { describe, expect, it } from "vitest";

import { countOf, ground, isLong, pause, patience } from "../support/fire.ts";

const seconds = isLong ? 60 : 5;

describe("fallacy: the network is reliable", patience, () => {
  const place = ground(3);

  it("TR-1 TR-2 TR-4 connections to the broker that are cut all the time lose nothing and end nothing", async () => {
    const { places, light } = place();
    const fire = await light({ tickTimeMs: 8_000 });
    const end = Date.now() + seconds * 1_000;
    for (let round = 0; Date.now() < end; round += 1) {
      places[round % places.length]?.proxy.cut();
      await pause(150 + ((round * 37) % 200));
    }
    const records = await fire.settle();
    expect(await fire.losses()).toEqual([]);
    expect(countOf(records)).toBeGreaterThan(1_000);
    await fire.stop();
  });

  it("TR-4 a broker that is killed and comes back within the tick time is not noticed", async () => {
    const { server, light } = place();
    const fire = await light({ tickTimeMs: 8_000 });
    for (let round = 0; round < (isLong ? 10 : 2); round += 1) {
      await pause(300);
      await server.kill();
      await pause(700);
      await server.restart();
      await pause(500);
    }
    await fire.settle();
    expect(await fire.losses()).toEqual([]);
    await fire.stop();
  });

  it("TR-4 a way that is stalled for less than the tick time delivers everything late, without an end", async () => {
    const { places, light } = place();
    const fire = await light({ tickTimeMs: 8_000 });
    for (let round = 0; round < (isLong ? 10 : 2); round += 1) {
      const { proxy } = places[round % places.length] ?? {};
      proxy?.stall();
      await pause(1_200);
      proxy?.flow();
      await pause(300);
    }
    await fire.settle();
    expect(await fire.losses()).toEqual([]);
    await fire.stop();
  });

  it("TR-3 TR-4 NODE-12 one that is stalled for longer is one loss to each side, and then a new epoch", async () => {
    const { places, light } = place();
    const fire = await light({ tickTimeMs: 2_000 });
    places[0]?.proxy.stall();
    await pause(4_500);
    places[0]?.proxy.flow();
    const records = await fire.settle();
    const downs = records.map(({ entries }) => entries.filter(({ type }) => type === "down").length);
    // The two that could see each other all the time have lost one, and that one has lost two.
    expect(downs[0]).toBeGreaterThanOrEqual(2);
    expect(records[1]?.entries.filter((entry) => entry.type === "down" && entry.node === fire.names[2])).toEqual([]);
    await fire.stop();
  });
});
