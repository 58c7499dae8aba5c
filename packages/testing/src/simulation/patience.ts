/** How a test waits: for a time, for a condition, for rest, for a cluster that has come together again. */
import type { Node } from "@otp/core";

import type { Cluster } from "./cluster.ts";
import type { World } from "./world.ts";

/**
 * How long to run: for so many ms, until something holds, or until nobody has anything to do.
 *
 * @see Simulation
 */
export type Goal = { readonly for: number } | { readonly until: () => boolean } | "toQuiescence";

/**
 * What a cluster has to come to.
 *
 * @see Simulation
 */
export interface SettleOptions {
  /** How much virtual time it has for that, in ms. Default 120,000. */
  readonly withinMs?: number;
  /** What is to hold in the end; by default that nobody has anything to do. */
  readonly until?: () => boolean;
}

/** After so much silence of all processes, in ms, nothing can be under way any more: the sessions would have given up. */
const quietMs = 12_000;
/** How often nodes that are to be connected are asked to, in ms. */
const againMs = 1_000;

/** Waiting in one world. */
export class Patience {
  readonly #world: World;
  readonly #cluster: Cluster;

  constructor(world: World, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
  }

  async run(goal: Goal): Promise<void> {
    if (goal === "toQuiescence") await this.#world.wait(this.#quiet());
    else if ("until" in goal) await this.#world.wait(goal.until);
    else {
      let isOver = false;
      this.#world.after(goal.for, null, () => (isOver = true));
      await this.#world.wait(() => isOver);
    }
  }

  /** Waits until the condition holds, or nothing more can come. */
  waitFor(isOver: () => boolean): Promise<void> {
    const isQuiet = this.#quiet();
    return this.#world.wait(() => isOver() || isQuiet());
  }

  async mesh(): Promise<void> {
    const nodes = this.#cluster.living.map(({ node }) => node);
    for (const node of nodes) for (const other of nodes) if (other !== node) await node.connect(other.name);
    for (const node of nodes) await node.global.sync();
  }

  async settle(options: SettleOptions & { readonly isReady: () => boolean }): Promise<void> {
    const { withinMs = 120_000, until, isReady } = options;
    const end = this.#world.now + withinMs;
    this.#cluster.heal();
    for (const paused of this.#cluster.living) this.#cluster.resume(paused);
    await this.#within(end, isReady, () => "crashed nodes are still being started");
    // Connections that have ended on one side only are found out.
    const tickMs = Math.max(0, ...this.#cluster.living.map(({ node }) => Number(node.getTickTime()) || 0));
    await this.run({ for: tickMs * 1.5 });
    while (this.#unconnected().length > 0) {
      for (const [one, other] of this.#unconnected()) void one.connect(other.name);
      const next = this.#world.now + againMs;
      await this.#within(
        end,
        () => this.#unconnected().length === 0 || this.#world.now >= next,
        () => this.#separate(),
      );
      await this.run({ for: againMs });
    }
    for (const { node } of this.#cluster.living) await node.global.sync();
    await this.#within(end, until ?? this.#quiet(), () =>
      until === undefined ? "somebody still has something to do" : `it does not hold that ${String(until)}`,
    );
  }

  async #within(end: number, isOver: () => boolean, why: () => string): Promise<void> {
    const world = this.#world;
    world.after(end - world.now, null, () => undefined);
    world.after(againMs, null, () => undefined);
    await world.wait(() => isOver() || world.now >= end);
    if (!isOver()) throw new Error(`the cluster has not settled in time: ${why()}`);
  }

  #separate(): string {
    return this.#unconnected()
      .map(([one, other]) => `${one.name} is not connected to ${other.name}`)
      .join(", ");
  }

  #unconnected(): readonly (readonly [Node, Node])[] {
    const nodes = this.#cluster.living.map(({ node }) => node);
    return nodes.flatMap((one) => {
      const connected = new Set(one.list("connected"));
      return nodes.filter((other) => other !== one && !connected.has(other.name)).map((other) => [one, other] as const);
    });
  }

  /** Tells from now on whether nobody can do anything any more but wait for a message that nobody will send. */
  #quiet(): () => boolean {
    const world = this.#world;
    // What the test itself has just done may take as long to have an effect as anything else.
    const since = world.now;
    return () => {
      if (world.readyCount > 0) return false;
      if (this.#cluster.living.some(({ hasTimers, isPaused }) => hasTimers || isPaused)) return false;
      return this.#cluster.size < 2 || world.now - Math.max(since, world.lastTurn) >= quietMs;
    };
  }
}
