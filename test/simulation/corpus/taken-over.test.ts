/** A global name that changes hands twice, while the news is slow on one way (found by seed 1427 of the workload of names). */
import type { Process } from "@otp/core";
import { Schedule, simulate } from "@otp/testing";
import { expect, it } from "vitest";

const sleeper = async (self: Process): Promise<void> => {
  await self.sleep("infinity");
};

it("GLOBAL-4 what was taken over can be taken over again, also when its owner hears of it last", async () => {
  await simulate(Schedule.fixed(1), async (sim) => {
    const [a, b, c] = [await sim.node("a"), await sim.node("b"), await sim.node("c")];
    await sim.mesh();
    expect(await a.global.reRegisterName("x", a.spawn(sleeper))).toBe("yes");
    const next = c.spawn(sleeper);
    sim.clog(c, a, 100);
    expect(await c.global.reRegisterName("x", next)).toBe("yes");
    await sim.run({ for: 1_000 });
    for (const node of [a, b, c])
      expect(node.global.whereisName("x")).toEqual(expect.objectContaining({ number: next.number }));
  });
});
