/**
 * The workload of global names: three nodes register, replace, free and lose two names, one thing after the other and at once,
 * whole and in parts; locks are taken meanwhile. Whenever the cluster is whole and at rest, all nodes agree, the owner lives,
 * and nothing was answered that is not so (GLOBAL-1 … GLOBAL-9).
 */
import type { Node, Pid, Process } from "@otp/core";
import { Node as Inner } from "@otp/core/internal";
import type { Simulation, Weather } from "@otp/testing";
import fc from "fast-check";

import { drawn } from "./drawn.ts";

/** The medium of this workload. */
export const windy: Weather = { loss: 0.03, duplication: 0.03 };

const node = fc.nat(2);
const name = fc.constantFrom("x", "y");
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom("register" as const, "register" as const, "replace" as const),
        node,
        name,
        isRemote: fc.boolean(),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("both" as const), node, name }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("unregister" as const), node, name }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const), name }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("lock" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("part" as const), node, name }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), node }) },
  ),
  { minLength: 4, maxLength: 10, size: "max" },
);

type Step = typeof steps extends fc.Arbitrary<infer All extends readonly unknown[]> ? All[number] : never;

/** The scenario of a seed. */
export function names(seed: number): (sim: Simulation) => Promise<void> {
  return (sim) => new Town(sim).run(drawn(steps, seed));
}

const keyOf = (pid: Pid | undefined): string => (pid === undefined ? "nobody" : `${pid.node} ${pid.number}`);

class Town {
  readonly #sim: Simulation;
  readonly #nodes: Node[] = [];
  readonly #homes = new Map<string, Node>();
  /** Who has which name, as far as it can be known. */
  readonly #owners = new Map<string, Pid>();
  #inside = 0;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  async run(all: readonly Step[]): Promise<void> {
    for (const called of ["a", "b", "c"]) this.#nodes.push(await this.#sim.node(called));
    await this.#sim.mesh();
    for (const step of all) {
      await this.#perform(step);
      await this.#agree(JSON.stringify(step));
    }
    for (const [key, home] of this.#homes)
      for (const pid of home.processes()) if (keyOf(pid) === key) home.sendExit(pid, "kill");
    await this.#sim.run({ for: 1_000 });
    this.#owners.clear();
    await this.#agree("the end");
  }

  async #perform(step: Step): Promise<void> {
    switch (step.do) {
      case "register":
      case "replace":
        return this.#register(step);
      case "both":
        return this.#registerBoth(step);
      case "unregister":
        await this.#at(step.node).global.unregisterName(step.name);
        this.#owners.delete(step.name);
        return;
      case "kill": {
        const owner = this.#owners.get(step.name);
        if (owner === undefined) return;
        this.#homes.get(keyOf(owner))?.sendExit(owner, "kill");
        this.#owners.delete(step.name);
        await this.#sim.run({ for: 1_000 });
        return;
      }
      case "lock":
        return this.#lock();
      case "part":
        return this.#part(step);
      case "crash":
        return this.#crash(step.node);
    }
  }

  #at(index: number): Node {
    const found = this.#nodes[index % this.#nodes.length];
    if (found === undefined) throw new Error("there are no nodes");
    return found;
  }

  #person(home: Node): Pid {
    const pid = home.spawn(async (self: Process) => {
      await self.sleep("infinity");
    });
    this.#homes.set(keyOf(pid), home);
    return pid;
  }

  /** GLOBAL-1: "yes" exactly when nobody has the name, or when it is replaced. */
  async #register({
    do: how,
    node: index,
    name: called,
    isRemote,
  }: Extract<Step, { do: "register" | "replace" }>): Promise<void> {
    const pid = this.#person(this.#at(isRemote ? index + 1 : index));
    const { global } = this.#at(index);
    const answer = await (how === "replace" ? global.reRegisterName(called, pid) : global.registerName(called, pid));
    const expected = how === "replace" || !this.#owners.has(called) ? "yes" : "no";
    if (answer !== expected) throw new Error(`GLOBAL-1: ${how} ${called} was answered ${answer}`);
    if (answer === "yes") this.#owners.set(called, pid);
  }

  /** GLOBAL-4: of two that want a name at once, one gets it. */
  async #registerBoth({ node: index, name: called }: Extract<Step, { do: "both" }>): Promise<void> {
    const [one, other] = [this.#at(index), this.#at(index + 1)];
    const pids = [this.#person(one), this.#person(other)];
    const answers = await Promise.all(
      [one, other].map(({ global }, at) => global.registerName(called, pids[at] ?? failing())),
    );
    const winners = pids.filter((_pid, at) => answers[at] === "yes");
    if (winners.length !== (this.#owners.has(called) ? 0 : 1))
      throw new Error(`GLOBAL-4: answers ${String(answers)} for ${called}`);
    const [winner] = winners;
    if (winner !== undefined) this.#owners.set(called, winner);
  }

  /** GLOBAL-9: between the two, nobody else has the lock. */
  async #lock(): Promise<void> {
    const done = this.#nodes.map(async ({ global }, at) => {
      const id = { resource: "till", requester: at };
      await global.trans(id, async () => {
        this.#inside += 1;
        if (this.#inside > 1) throw new Error("GLOBAL-9: two have one lock");
        await this.#sim.run({ for: 30 });
        this.#inside -= 1;
      });
    });
    await Promise.all(done);
  }

  /** GLOBAL-5: what is registered on both sides of a cut has one owner afterwards, and the resolver was asked once. */
  async #part({ node: index, name: called }: Extract<Step, { do: "part" }>): Promise<void> {
    const alone = this.#at(index);
    const others = this.#nodes.filter((one) => one !== alone);
    this.#sim.partition([alone], others);
    await this.#sim.run({ until: () => alone.list().length === 0 && others.every((one) => one.list().length === 1) });
    let asked = 0;
    const resolver = (_name: unknown, first: Pid, second: Pid): Pid => {
      asked += 1;
      return keyOf(first) < keyOf(second) ? first : second;
    };
    const [here, there] = [this.#person(alone), this.#person(others[0] ?? failing())];
    const owner = this.#owners.get(called);
    const before = owner === undefined ? undefined : this.#homes.get(keyOf(owner));
    const sides = [
      [alone, here, before === alone],
      [others[0] ?? failing(), there, before !== undefined && before !== alone],
    ] as const;
    for (const [home, pid, isTaken] of sides) {
      const answer = await home.global.registerName(called, pid, resolver);
      if (answer !== (isTaken ? "no" : "yes"))
        throw new Error(`GLOBAL-3: ${answer} for ${called} on one side of a cut`);
    }
    this.#sim.heal();
    await this.#sim.settle();
    const isOurs = owner === undefined;
    if (isOurs && asked !== 1) throw new Error(`GLOBAL-5: the resolver was asked ${String(asked)} times`);
    const found = alone.global.whereisName(called);
    if (found === undefined) throw new Error(`GLOBAL-5: nobody has ${called} after the parts have met`);
    if (isOurs && keyOf(found) !== [here, there].map(keyOf).toSorted()[0])
      throw new Error("GLOBAL-5: not the one that was chosen");
    this.#refresh();
  }

  /** GLOBAL-7: the names of a lost node are free. */
  async #crash(index: number): Promise<void> {
    const victim = this.#at(index);
    const called = victim.name.split("@")[0] ?? "";
    this.#sim.crash(victim);
    for (const [owned, pid] of this.#owners) if (this.#homes.get(keyOf(pid)) === victim) this.#owners.delete(owned);
    for (const [key, home] of this.#homes) if (home === victim) this.#homes.delete(key);
    const rest = this.#nodes.filter((one) => one !== victim);
    await this.#sim.run({ until: () => rest.every((one) => one.list().length === 1) });
    this.#nodes[this.#nodes.indexOf(victim)] = await this.#sim.restart(called);
    await this.#sim.settle();
  }

  /** What an outcome leaves open is taken as it is. */
  #refresh(): void {
    for (const called of ["x", "y"]) {
      const pid = this.#at(0).global.whereisName(called);
      if (pid === undefined) this.#owners.delete(called);
      else this.#owners.set(called, this.#original(pid));
    }
  }

  #original(pid: Pid): Pid {
    const home = this.#homes.get(keyOf(pid));
    return home?.processes().find((one) => keyOf(one) === keyOf(pid)) ?? pid;
  }

  async #agree(what: string): Promise<void> {
    await this.#sim.run({ for: 500 });
    for (const called of ["x", "y"]) {
      const found = this.#nodes.map(({ global }) => keyOf(global.whereisName(called)));
      const expected = keyOf(this.#owners.get(called));
      if (found.some((one) => one !== expected))
        throw new Error(`GLOBAL-2: after ${what} ${called} is found as ${String(found)} and not ${expected}`);
    }
    for (const { kernel, name: called } of this.#nodes.map((one) => ({
      kernel: Inner.kernelOf(one),
      name: one.name,
    }))) {
      if (kernel.aliases.size > 0) throw new Error(`K4: ${called} has aliases left after ${what}`);
    }
  }
}

function failing(): never {
  throw new Error("there is none");
}
