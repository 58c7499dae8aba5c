/** Bugs that Erlang/OTP itself has shipped, as scenarios: what they need to happen is here, and they do not. */
import type { Pid, Process } from "@otp/core";
import { ArgumentError, TIMEOUT } from "@otp/core";
import { explore, type Simulation } from "@otp/testing";
import { describe, expect, it } from "vitest";

const sleeper = async (self: Process): Promise<void> => self.sleep("infinity");
const names = ["x", "y"];

/** Registrations go on while links come and go: every one is answered, and all agree in the end. */
async function flapping(sim: Simulation): Promise<void> {
  const nodes = [await sim.node("a"), await sim.node("b"), await sim.node("c")];
  await sim.mesh();
  const asked: number[] = [];
  const answered: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    for (const [place, node] of nodes.entries()) {
      const other = nodes[(place + 1) % nodes.length] ?? node;
      // Some are asked for while the link is gone, some while it is being made, some while it stands.
      if (sim.pick("flap", 2) === 1) void node.disconnect(other.name);
      const at = sim.now();
      const name = names[(round + place) % names.length];
      asked.push(at);
      const request =
        round % 3 === 2 ? node.global.unregisterName(name) : node.global.registerName(name, node.spawn(sleeper));
      void request.then(() => answered.push(sim.now() - at));
      await sim.run({ for: 1 + sim.pick("gap", 4) * 40 });
      void node.connect(other.name);
      await sim.run({ for: sim.pick("pause", 3) * 30 });
    }
  }
  await sim.settle();
  expect(answered).toHaveLength(asked.length);
  // A peer that is silent holds a registration up for its tick time at the most; none is silent here.
  expect(Math.max(...answered)).toBeLessThan(60_000);
  for (const node of nodes) expect(await node.global.registerName(`new ${node.name}`, node.spawn(sleeper))).toBe("yes");
  await sim.settle();
  for (const name of names) {
    const found = nodes.map((node) => String(node.global.whereisName(name)?.number ?? "nobody"));
    expect(new Set(found).size).toBe(1);
  }
}

/** A process unlinks itself and dies while its word is under way: the other one must not hear of the end. */
async function unlinkAndDie(sim: Simulation): Promise<void> {
  const [a, b] = [await sim.node("a"), await sim.node("b")];
  await sim.mesh();
  const seen: unknown[] = [];
  const other = b.spawn(async (self: Process) => {
    self.trapExit = true;
    for (;;) seen.push(await self.receive());
  });
  const here = a.spawn(async (self: Process) => {
    self.trapExit = true;
    for (;;) seen.push(await self.receive());
  });
  for (const to of [other, here]) {
    a.spawn(async (self: Process, whom: Pid) => {
      self.link(whom);
      await self.sleep(50 * sim.pick("linked", 3));
      self.unlink(whom);
      if (sim.pick("relink", 3) === 2) {
        self.link(whom);
        self.unlink(whom);
      }
      self.exit("gone");
    }, to);
  }
  await sim.settle();
  expect(seen).toEqual([]);
  expect([a.isProcessAlive(here), b.isProcessAlive(other)]).toEqual([true, true]);
  expect([a.info(here, "links"), b.info(other, "links")]).toEqual([[], []]);
}

/** A receive whose time limit is none is refused, and everything else is taken as if it had never been. */
async function invalidTimeouts(sim: Simulation): Promise<void> {
  const node = await sim.node("a");
  const taken: unknown[] = [];
  const limits: readonly unknown[] = [-1, 1.5, 2 ** 32, Number.NaN, "soon"];
  const receiver = node.spawn(async (self: Process) => {
    while (taken.length < 9) {
      const after = limits[sim.pick("limit", limits.length)];
      const isOdd = (message: unknown): boolean => Number(message) % 2 === 1;
      expect(() => Reflect.apply(self.receive, self, [isOdd, { after }])).toThrow(ArgumentError);
      const odd = await self.receive(isOdd, { after: 1 + sim.pick("wait", 2) });
      if (odd !== TIMEOUT) taken.push(odd);
    }
    while (taken.length < 18) taken.push(await self.receive());
  });
  for (const start of [1, 10]) {
    node.spawn(async (self: Process) => {
      for (let n = start; n < start + 9; n += 1) {
        self.send<unknown>(receiver, n);
        await self.sleep(sim.pick("gap", 3));
      }
    });
  }
  await sim.run("toQuiescence");
  const numbers = Array.from({ length: 18 }, (_, place) => place + 1);
  const part = (isMeant: (n: number) => boolean): readonly number[] => numbers.filter(isMeant);
  expect(taken.map(Number).toSorted((one, other) => one - other)).toEqual(numbers);
  for (const isOwn of [(n: number) => n < 10, (n: number) => n >= 10])
    for (const rest of [0, 1])
      expect(taken.map(Number).filter((n) => isOwn(n) && n % 2 === rest)).toEqual(
        part((n) => isOwn(n) && n % 2 === rest),
      );
}

describe("bugs that Erlang/OTP has shipped", () => {
  it("GLOBAL-4 otp#6524: registrations are answered while connections flap", async () => {
    await explore(flapping, { runs: 6, time: "bounded" });
  }, 120_000);

  it("LINK-3 PR 6150: who has unlinked and died is not heard of, acknowledged or not", async () => {
    await explore(unlinkAndDie, { runs: 20, time: "bounded" });
  }, 120_000);

  it("RECV-4 OTP-17651: an invalid time limit leaves the mailbox as it was", async () => {
    await explore(invalidTimeouts, { runs: 40 });
  }, 120_000);
});
