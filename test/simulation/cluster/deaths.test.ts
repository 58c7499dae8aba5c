/** How soon a crash is noticed, and what looking out for it costs, where there are many nodes. */
import type { Node } from "@otp/core";
import { simTest, type Simulation } from "@otp/testing";
import { describe, expect } from "vitest";

const size = 24;
const times = { tickTimeMs: 60_000, goneAfterMs: 2_000 };

async function crowd(sim: Simulation): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let at = 0; at < size; at += 1) nodes.push(await sim.node(`n${String(at)}`, times));
  await sim.mesh();
  await sim.run({ for: 10_000 });
  return nodes;
}

const probes = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, node) => sum + (node.counters()?.probesSent ?? 0), 0);

describe("NODE-12 a crash among many nodes", () => {
  simTest("is noticed by all within moments, though each asks about each seldom", { runs: 5 }, async (sim) => {
    const nodes = await crowd(sim);
    const before = probes(nodes);
    await sim.run({ for: 20_000 });
    const perSecond = (probes(nodes) - before) / size / 20;
    // Eight a second, however many peers there are; each of 23 peers twice a second would be 46.
    expect(perSecond).toBeGreaterThan(4);
    expect(perSecond).toBeLessThan(9);
    const [victim, ...others] = nodes;
    if (victim === undefined) throw new Error("no node");
    const since = sim.now();
    sim.crash(victim);
    await sim.run({ until: () => others.every((node) => node.list().length === size - 2) });
    expect(sim.now() - since).toBeGreaterThanOrEqual(times.goneAfterMs);
    expect(sim.now() - since).toBeLessThan(times.goneAfterMs + 2_000);
    // When nobody is in doubt any more, it is as quiet as before.
    await sim.run({ for: 5_000 });
    const then = probes(others);
    await sim.run({ for: 20_000 });
    expect((probes(others) - then) / others.length / 20).toBeLessThan(9);
  });

  simTest(
    "is noticed later by who is hidden from them, and still long before the tick time",
    { runs: 5 },
    async (sim) => {
      const nodes = await crowd(sim);
      const hidden = await sim.node("hidden", { ...times, hidden: true });
      for (const node of nodes) await hidden.connect(node.name);
      const [victim] = nodes;
      if (victim === undefined) throw new Error("no node");
      await sim.run({ for: 10_000 });
      const since = sim.now();
      sim.crash(victim);
      await sim.run({ until: () => !hidden.list("hidden").includes(victim.name) });
      // Half as long again as a round of questions takes.
      expect(sim.now() - since).toBeLessThan(times.goneAfterMs + 1_000 + (1.5 * size * 1_000) / 8);
    },
  );
});
