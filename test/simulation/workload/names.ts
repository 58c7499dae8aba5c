/**
 * The workload of global names: three or four nodes register, replace, free and lose two names, one thing after the other and at
 * once, whole and in parts; locks are taken meanwhile. Whenever the cluster is whole and at rest, all nodes agree, the owner lives,
 * and nothing was answered that is not so (GLOBAL-1 … GLOBAL-9).
 */
import type { Node, Pid, Process } from "@otp/core";
import { Node as Inner } from "@otp/core/internal";
import type { Simulation, Weather } from "@otp/testing";
import fc from "fast-check";

import { drawn } from "./drawn.ts";

/** The medium of this workload. */
export const windy: Weather = { loss: 0.03, duplication: 0.03 };

const node = fc.nat(3);
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
    // Two claim a name at once, and each is the first that somebody hears of.
    { weight: 2, arbitrary: fc.record({ do: fc.constant("both" as const), node, name, isSlow: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("unregister" as const), node, name }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("kill" as const), name }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("lock" as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("part" as const),
        node,
        name,
        winner: fc.constantFrom("first" as const, "last" as const, "none" as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), node }) },
    // Somebody crashes who has yet to say something about a claim.
    { weight: 1, arbitrary: fc.record({ do: fc.constant("bereave" as const), node, name, ms: fc.nat(3) }) },
  ),
  { minLength: 4, maxLength: 10, size: "max" },
);

const programs = fc.record({ steps, nodes: fc.constantFrom("abc", "abc", "abcd") });

type Step = typeof steps extends fc.Arbitrary<infer All extends readonly unknown[]> ? All[number] : never;

/** The scenario of a seed. */
export function names(seed: number): (sim: Simulation) => Promise<void> {
  return (sim) => new Town(sim).run(drawn(programs, seed));
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

  async run(program: { readonly steps: readonly Step[]; readonly nodes: string }): Promise<void> {
    for (const called of program.nodes) this.#nodes.push(await this.#sim.node(called));
    await this.#sim.mesh();
    for (const step of program.steps) {
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
      case "bereave":
        return this.#bereave(step);
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
  async #registerBoth({ node: index, name: called, isSlow }: Extract<Step, { do: "both" }>): Promise<void> {
    const [one, other] = [this.#at(index), this.#at(index + 1)];
    if (isSlow) {
      this.#sim.clog(one, other, 300);
      this.#sim.clog(one, this.#at(index + 2), 100);
      this.#sim.clog(other, this.#at(index + 3), 100);
    }
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
  async #part({ node: index, name: called, winner }: Extract<Step, { do: "part" }>): Promise<void> {
    const alone = this.#at(index);
    const others = this.#nodes.filter((one) => one !== alone);
    this.#sim.partition([alone], others);
    await this.#sim.run({ until: () => alone.list().length === 0 && this.#areWithout(alone) });
    let asked = 0;
    const chosen = (one: Pid, two: Pid): Pid | "none" => {
      if (winner === "none") return winner;
      return keyOf(one) < keyOf(two) === (winner === "first") ? one : two;
    };
    const resolver = (_name: unknown, first: Pid, second: Pid): Pid | "none" => {
      asked += 1;
      return chosen(first, second);
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
    // Where the name had an owner on the one side, it was claimed without a resolver there.
    if (asked !== 1 && (owner === undefined || asked > 1))
      throw new Error(`GLOBAL-5: the resolver was asked ${String(asked)} times`);
    const found = keyOf(alone.global.whereisName(called));
    const [one, two] = owner === undefined ? [here, there] : [owner, before === alone ? there : here];
    const due = chosen(one, two);
    const isRight =
      asked === 1 ? found === keyOf(due === "none" ? undefined : due) : [keyOf(one), keyOf(two)].includes(found);
    if (!isRight) throw new Error(`GLOBAL-5: ${found} has ${called}, and not the ${winner} of those who met`);
    this.#refresh();
  }

  /** GLOBAL-7: the names of a lost node are free. */
  async #crash(index: number, meanwhile: () => void = () => undefined): Promise<void> {
    const victim = this.#at(index);
    this.#sim.crash(victim);
    for (const [owned, pid] of this.#owners) if (this.#homes.get(keyOf(pid)) === victim) this.#owners.delete(owned);
    for (const [key, home] of this.#homes) if (home === victim) this.#homes.delete(key);
    await this.#sim.run({ until: () => this.#areWithout(victim) });
    await this.#sim.run({ for: 1_000 });
    meanwhile();
    this.#nodes[this.#nodes.indexOf(victim)] = await this.#sim.restart(victim.name.split("@")[0] ?? "");
    await this.#sim.settle();
  }

  /** GLOBAL-1: a claim is answered, also when somebody who was to confirm it is lost. */
  async #bereave({ node: index, name: called, ms }: Extract<Step, { do: "bereave" }>): Promise<void> {
    const pid = this.#person(this.#at(index));
    const before = this.#owners.get(called);
    const isTaken = before !== undefined && this.#homes.get(keyOf(before)) !== this.#at(index + 1);
    let answer: "yes" | "no" | undefined;
    void this.#at(index)
      .global.registerName(called, pid)
      .then((said) => (answer = said));
    await this.#sim.run({ for: ms });
    // Not when it is back: then it is asked anew.
    await this.#crash(index + 1, () => {
      if (answer === undefined) throw new Error(`GLOBAL-1: the claim of ${called} was never answered`);
    });
    if (before === undefined ? answer === "no" : isTaken && answer === "yes")
      throw new Error(`GLOBAL-1: the claim of ${called} was answered ${answer}`);
    if (answer === "yes") this.#owners.set(called, pid);
  }

  /** Whether everybody else has noticed that a node is away. */
  #areWithout(one: Node): boolean {
    return this.#nodes.every((other) => other === one || other.list().length === this.#nodes.length - 2);
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
