/** Code that waits for something outside the simulation is found, named, and has one door. */
import { readFile } from "node:fs/promises";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { Process } from "@otp/core";
import { EscapeError, explore, observe, Schedule, type Simulation, simulate } from "@otp/testing";
import { describe, expect, it } from "vitest";

const here = fileURLToPath(import.meta.url);

/** A process that does `work` and then tells. */
const doing = (work: (self: Process, sim: Simulation) => Promise<unknown>) => async (sim: Simulation) => {
  const node = await sim.node("a");
  const probe = sim.probe(node);
  node.spawn(async (self: Process) => {
    await work(self, sim);
    self.send<unknown>(probe.pid, "done");
  });
  await probe.assertReceive("done");
};

const never = async (): Promise<unknown> => new Promise(() => undefined);

describe("an await of something foreign", () => {
  it.each([
    ["a real timer", async () => after(1), /process a\.3 asks the host for a Timeout \(.*escapes\.test/u],
    ["a file", async () => readFile(here), /process a\.3 asks the host for a FS/u],
    ["a timer beside a receive", async (self: Process) => Promise.all([self.receive(), after(1)]), /a Timeout/u],
    ["what never comes", never, /process a\.3 awaits something that is not a message, a timer or a call/u],
  ] as const)("%s is named with its process", async (_, work, words) => {
    await expect(explore(doing(work), { runs: 1 })).rejects.toThrow(words);
  });

  it("is named in a single run, too, when its process waits for nothing else", async () => {
    const work = async (): Promise<unknown> => after(1);
    await expect(simulate(Schedule.fixed(1), doing(work))).rejects.toThrow(/process a\.3 asks the host for a Timeout/u);
  });

  it("fails the run also when the test does not wait for it", async () => {
    const { error } = await observe(Schedule.fixed(1), async (sim) => {
      const node = await sim.node("a");
      node.spawn(never);
      await sim.run({ for: 10 });
    });
    expect(error).toBeInstanceOf(EscapeError);
  });

  it("passes through the door", async () => {
    await explore(
      doing(async (_, sim) => {
        const text = await sim.foreign(async () => readFile(here, "utf8"));
        expect(text).toMatch(/through the door/u);
      }),
      { runs: 3 },
    );
  });

  it("is none where plain awaits, sleeps, calls and receives are", async () => {
    await explore(
      async (sim) => {
        const node = await sim.node("a");
        const idle = node.spawn(async (self: Process) => self.sleep("infinity"));
        const busy = node.spawn(async (self: Process) => {
          for (let hop = 0; hop < 200; hop += 1) await Promise.resolve();
          self.monitor(idle);
          await self.sleep(10);
          await self.io.puts("");
          await self.receive();
        });
        await sim.run({ for: 100 });
        expect(node.isProcessAlive(busy)).toBe(true);
      },
      { runs: 5 },
    );
  });
});
