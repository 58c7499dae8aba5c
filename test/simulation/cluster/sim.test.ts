/** Whole clusters from one seed: the simulator itself, and races that it must find. */
import { type Pid, type Process, remote } from "@otp/core";
import { explore, observe, Schedule, schedule, type Simulation, simTest, simulate } from "@otp/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const echo = remote("sim/echo", async (self: Process) => {
  for (;;) {
    const { from, n } = (await self.receive()) as { from: Pid; n: number };
    self.send<unknown>(from, { n });
  }
});

/** Ten questions to another node, and its loss. */
async function conversation(sim: Simulation): Promise<void> {
  const [a, b] = [await sim.node("a"), await sim.node("b")];
  await sim.mesh();
  const probe = sim.probe(a);
  const server: Pid = b.spawn(echo);
  for (let n = 0; n < 10; n += 1) a.send<unknown>(server, { from: probe.pid, n });
  for (let n = 0; n < 10; n += 1) await probe.assertReceive({ n });
  await probe.refuteReceive({ n: expect.any(Number) });
  sim.crash(b);
  await probe.expectDown(server, "noconnection");
  expect(a.list()).toEqual([]);
}

/** Three processes of which the third must not be before the first; nothing but luck sees to it. */
async function race(sim: Simulation): Promise<void> {
  const node = await sim.node("a");
  const seen: string[] = [];
  for (const name of ["one", "two", "three"]) node.spawn(() => void seen.push(name));
  await sim.run("toQuiescence");
  expect(seen.indexOf("one")).toBeLessThan(seen.indexOf("three"));
}

/** A node that is cut off one way, stands still, crashes and comes back. */
async function troubles(sim: Simulation): Promise<void> {
  const [a, b] = [await sim.node("a"), await sim.node("b")];
  await sim.mesh();
  const first: Pid = b.spawn(echo);
  const probe = sim.probe(a);
  sim.partition([b], [a], { oneWay: true });
  await probe.expectDown(first, "noconnection");
  sim.heal();
  sim.pause(b, 1_000);
  await a.connect(b.name);
  a.send<unknown>(first, { from: probe.pid, n: 1 });
  await probe.assertReceive({ n: 1 });
  sim.crash(b);
  const again = await sim.restart(b);
  await sim.settle();
  expect(a.list()).toEqual([again.name]);
  await probe.expectDown(first, "noproc");
  await probe.expectExit(first, "noproc");
}

describe("N1 a simulated cluster", () => {
  simTest(
    "carries every message once and in order, whatever the weather",
    {
      runs: 10,
      weather: { loss: 0.1, duplication: 0.1 },
    },
    conversation,
  );

  it("N1 makes the same trace of the same seed, and different ones of others", async () => {
    const hashes = new Set<string>();
    for (let seed = 1; seed <= 10; seed += 1) {
      const [one, two] = [
        await observe(Schedule.drawn(seed), conversation),
        await observe(Schedule.drawn(seed), conversation),
      ];
      expect(one.error).toBe(undefined);
      expect(two.trace.hash).toBe(one.trace.hash);
      hashes.add(one.trace.hash);
    }
    expect(hashes.size).toBeGreaterThan(5);
  });

  simTest("NODE-8 survives what happens to nodes", { runs: 5 }, troubles);
});

describe("a race", () => {
  it("is found, shrunk to one deviation, and printed so that it can be seen again", async () => {
    const failure: unknown = await explore(race, { runs: 100 }).catch((error: unknown) => error);
    const text = String(failure);
    const printed = /deviations\): (.*)/u.exec(text)?.[1] ?? "";
    expect(printed.split(";")).toHaveLength(2);
    expect(printed).toMatch(/hold a\.\d+@1/u);
    await expect(simulate.replay(printed, race)).rejects.toThrow(/hold a/u);
    await simulate(Schedule.fixed(1), race);
  });

  it("is found by fast-check, and shrunk by it to one deviation", async () => {
    const property = fc.asyncProperty(schedule(), (drawn) => simulate(drawn, race));
    const details = await fc.check(property, { seed: 1, numRuns: 200 });
    expect(details.failed).toBe(true);
    expect(String(details.counterexample?.[0])).toMatch(/^\d+; hold a\.\d+@1$/u);
  });

  it("whose await comes from outside is named", async () => {
    const outcome = await observe(Schedule.fixed(1), () => new Promise<void>(() => undefined));
    expect(outcome.error?.message).toMatch(/outside the simulation/u);
  });
});
