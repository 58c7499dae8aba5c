/** What can be done to a cluster, and how a test finds out what came of it. */
import type { Pid, Process } from "@otp/core";
import { diagramOf, exhaustive, explore, observe, Schedule, type Simulation, simTest, simulate } from "@otp/testing";
import { describe, expect, it } from "vitest";

const sleeper = async (self: Process): Promise<void> => self.sleep("infinity");

async function two(sim: Simulation) {
  const nodes = [await sim.node("a"), await sim.node("b")] as const;
  await sim.mesh();
  return nodes;
}

describe("a fault", () => {
  simTest("clog holds up what two nodes send, and loses nothing", { runs: 5 }, async (sim) => {
    const [a, b] = await two(sim);
    const probe = sim.probe(b);
    sim.clog(a, b, 1_000);
    const since = sim.now();
    for (let n = 0; n < 3; n += 1) a.send<unknown>(probe.pid, { n });
    for (let n = 0; n < 3; n += 1) await probe.assertReceive({ n });
    expect(sim.now() - since).toBeGreaterThanOrEqual(1_000);
  });

  simTest("swizzle holds up one node after the other, and all of them come back", { runs: 10 }, async (sim) => {
    const nodes = [await sim.node("a"), await sim.node("b"), await sim.node("c")];
    await sim.mesh();
    sim.swizzle(nodes);
    await sim.run({ for: 5_000 });
    await sim.settle();
    for (const node of nodes) expect(node.list().length).toBe(2);
  });

  simTest("one-way partition ends the connection on both sides", { runs: 5 }, async (sim) => {
    const [a, b] = await two(sim);
    sim.partition([a], [b], { oneWay: true });
    await sim.run({ until: () => a.list().length + b.list().length === 0 });
    sim.heal();
    await sim.settle();
    expect([a.list(), b.list()]).toEqual([["b@sim"], ["a@sim"]]);
  });

  simTest("skew sets a node's clock ahead, and its wall clock back", { runs: 2 }, async (sim) => {
    const [a, b] = await two(sim);
    const apart = (): number => a.monotonicTime() - b.monotonicTime();
    sim.skew(a, 500);
    expect(apart()).toBe(500);
    sim.skew(a, -10_000);
    expect(apart()).toBe(500);
  });

  simTest(
    "nemesis does what the schedule says, and the cluster settles after it",
    { runs: 30, expectMarks: ["crash", "isolate", "pause", "mute"] },
    async (sim) => {
      const names = ["a", "b", "c"];
      for (const name of names) await sim.node(name);
      await sim.mesh();
      const seen = new Set<string>();
      sim.nemesis({
        partition: true,
        oneWay: true,
        crash: true,
        pause: true,
        clog: true,
        skew: true,
        maxAtOnce: 2,
        rounds: 8,
        restarted: (node) => void seen.add(node.name),
      });
      await sim.run({ for: 6_000 });
      await sim.settle();
      expect(sim.alive.map((node) => node.list().length)).toEqual([2, 2, 2]);
      if (seen.size > 0) sim.mark("crash");
      const words = sim.faults.join(" ");
      if (words.includes("pause")) sim.mark("pause");
      if (/cut a>b cut b>a/u.test(words)) sim.mark("isolate");
      if (/cut a>b cut a>c/u.test(words)) sim.mark("mute");
    },
  );
});

describe("settling", () => {
  it("fails when what must come to be does not, in time", async () => {
    const { error } = await observe(Schedule.fixed(1), async (sim) => {
      await two(sim);
      await sim.settle({ until: () => false, withinMs: 30_000 });
    });
    expect(error?.message).toMatch(/has not settled in time/u);
  });
});

/** Three processes in which an order of turns is assumed. */
async function race(sim: Simulation): Promise<void> {
  const node = await sim.node("a");
  const seen: string[] = [];
  for (const name of ["one", "two", "three"]) node.spawn(() => void seen.push(name));
  await sim.run("toQuiescence");
  expect(seen.join()).not.toBe("three,one,two");
}

describe("a search", () => {
  it("through all schedules finds the one order in six, or shows that there is none", async () => {
    await expect(exhaustive(race)).rejects.toThrow(/three,one,two/u);
  });

  it.each([2, 3, 4])(
    "through all schedules of %i turns and the test's own sees each order, once for each",
    async (turns) => {
      const orders = new Set<string>();
      const count = async (sim: Simulation): Promise<void> => {
        const node = await sim.node("a");
        const seen: number[] = [];
        for (let n = 0; n < turns; n += 1) node.spawn(() => void seen.push(n));
        await sim.run("toQuiescence");
        orders.add(seen.join());
      };
      const { runs, isComplete } = await exhaustive(count, { maxDecisions: 20 });
      const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
      expect({ orders: orders.size, runs, isComplete }).toEqual({
        orders: factorial(turns),
        runs: factorial(turns + 1),
        isComplete: true,
      });
    },
  );

  it("fails when no run comes to where one has to", async () => {
    const nowhere = (): void => undefined;
    await expect(explore(nowhere, { runs: 2, expectMarks: ["there"] })).rejects.toThrow(
      /no run of 3 has come to "there"/u,
    );
  });
});

describe("a drawn schedule", () => {
  const busy = async (sim: Simulation): Promise<void> => {
    const [a, b] = await two(sim);
    const probe = sim.probe(a);
    for (const node of [a, b])
      for (let n = 0; n < 4; n += 1)
        node.spawn(async (self: Process) => {
          await self.sleep(n);
          self.send<unknown>(probe.pid, { n, node: node.name });
        });
    for (let n = 0; n < 8; n += 1) await probe.assertReceive({});
  };

  it.each(["named", "priority", "random"] as const)("(%s) is the run that its deviations make", async (strategy) => {
    for (const time of ["eager", "bounded", "adversarial"] as const) {
      for (let seed = 1; seed <= 5; seed += 1) {
        const drawn = Schedule.drawn(seed, { strategy });
        const one = await observe(drawn, busy, { time, weather: { loss: 0.05 } });
        const fixed = Schedule.fixed(seed, new Map(drawn.deviations));
        const other = await observe(fixed, busy, { time, weather: { loss: 0.05 } });
        expect(other.trace.hash).toBe(one.trace.hash);
        expect(fixed.unasked).toEqual([]);
      }
    }
  });
});

describe("a failure", () => {
  it("is shown as messages between processes, with the line that repeats it", async () => {
    const failure: unknown = await simulate(Schedule.fixed(1), async (sim) => {
      const [a, b] = await two(sim);
      const probe = sim.probe(a);
      b.spawn((self: Process) => void self.send<unknown>(probe.pid, "hello"));
      await probe.assertReceive("goodbye");
    }).catch(String);
    expect(failure).toMatch(/a\.2 +b\.2\n/u);
    expect(failure).toMatch(/◀─+o +'hello'/u);
    expect(failure).toMatch(/●.*'hello'/u);
    expect(failure).toMatch(/simulate\.replay\("1", scenario\)/u);
    expect(diagramOf([])).toEqual([""]);
  });

  it("warns when it is repeated with what is never asked any more", async () => {
    const warned = new Promise<string>((resolve) => {
      process.once("warning", (warning) => resolve(warning.message));
    });
    await simulate.replay("1; hold a.99@1", async (sim) => {
      const node = await sim.node("a");
      const pid: Pid = node.spawn(sleeper);
      await sim.run("toQuiescence");
      expect(node.isProcessAlive(pid)).toBe(true);
    });
    expect(await warned).toMatch(/never asked any more: hold a\.99@1/u);
  });
});
