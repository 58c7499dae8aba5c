/** A cluster in one thread on one virtual clock, as a test sees it. */
import type { Node, NodeOptions } from "@otp/core";

import { Probe } from "../everyday/probe.ts";
import { type Cluster, nameOf, type NodeLike } from "./cluster.ts";
import { Nemesis, type NemesisPlan } from "./nemesis.ts";
import { type Goal, Patience, type SettleOptions } from "./patience.ts";
import type { World } from "./world.ts";

/**
 * The cluster of one run. Nodes are meant by `Node` or by name.
 *
 * @example
 * await simulate(Schedule.fixed(1), async (sim) => {
 *   const [a, b] = [await sim.node("a"), await sim.node("b")];
 *   await sim.mesh();
 *   sim.partition([a], [b]);
 *   await sim.run({ until: () => a.list().length === 0 });
 *   sim.nemesis({ partition: true, pause: true, rounds: 3 });
 *   await sim.run({ for: 5_000 });
 *   await sim.settle({ withinMs: 60_000 });
 *   a.list(); // => ["b@sim"]
 * });
 */
export class Simulation {
  /** What `mark` was called with. */
  readonly marks: Set<string> = new Set();
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #patience: Patience;
  #nemeses: Nemesis[] = [];

  constructor(world: World, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
    this.#patience = new Patience(world, cluster);
  }

  /** Starts a node, `a@sim` for the name `a`. */
  node(name: string, options: NodeOptions = {}): Promise<Node> {
    return this.#cluster.start(name, options);
  }

  /** Connects all nodes with each other and waits until they share their names. */
  mesh(): Promise<void> {
    return this.#patience.mesh();
  }

  /** Lets nothing get through between the two groups, or from the first to the second only. */
  partition(one: readonly NodeLike[], other: readonly NodeLike[], options: { readonly oneWay?: boolean } = {}): void {
    for (const from of one) {
      for (const to of other) {
        this.#cluster.cut(nameOf(from), nameOf(to));
        if (options.oneWay !== true) this.#cluster.cut(nameOf(to), nameOf(from));
      }
    }
  }

  /** Lets everything get through again, what is held up as well. */
  heal(): void {
    this.#cluster.heal();
  }

  /** Holds up what two nodes send each other for that long; then it arrives, in its order. */
  clog(one: NodeLike, other: NodeLike, ms: number): void {
    this.#cluster.clog(nameOf(one), nameOf(other), ms);
    this.#cluster.clog(nameOf(other), nameOf(one), ms);
  }

  /**
   * Holds up what those nodes send and are sent, one node after the other and for different times, so that they come back in
   * another order than they went: `swizzle b@1=3`. Over after `ms` at the latest.
   */
  swizzle(nodes: readonly NodeLike[], ms: number = 3_000): void {
    const names = nodes.map(nameOf);
    const step = ms / (2 * Math.max(1, names.length));
    for (const [place, name] of names.entries()) {
      const answer = this.pick(`swizzle ${name}`, names.length);
      const others = this.#cluster.living.filter((other) => other.name !== name);
      this.#world.after(place * step, null, () => {
        for (const other of others) this.clog(name, other.name, step * (1 + ((place + answer) % names.length)));
      });
    }
  }

  /** Ends a node without a word: none of its code runs any more, and nobody is told. */
  crash(node: NodeLike): void {
    this.#cluster.crash(node);
  }

  /** Starts a crashed node anew, with the same name and options, as another incarnation without processes. */
  restart(node: NodeLike): Promise<Node> {
    return this.#cluster.restart(node);
  }

  /** Lets a node stand still for that long; what it would have done it does afterwards. */
  pause(node: NodeLike, ms: number): void {
    this.#cluster.pause(node, ms);
  }

  /** Sets a node's clocks ahead by that much, or its wall clock back: no monotonic clock goes back. */
  skew(node: NodeLike, ms: number): void {
    this.#cluster.skew(node, ms);
  }

  /** From here on faults happen as the schedule decides: `isolate b@3=2` is one. Ends with `settle`, or with the test. */
  nemesis(plan: NemesisPlan): void {
    const nemesis = new Nemesis(this.#world, this.#cluster, plan);
    this.#nemeses.push(nemesis);
    nemesis.start();
  }

  /** A number from 0 to `choices`-1 that the schedule decides, 0 in the plain order. `name` says what for. */
  pick(name: string, choices: number): number {
    return this.#world.schedule.ask(`${name}@${String(this.#world.count(`pick ${name}`))}`, choices, 0.5);
  }

  /** Notes that a run has come here; `simTest` can demand that some run does. */
  mark(name: string): void {
    this.marks.add(name);
  }

  /** What was done to the cluster so far, in words such as `crash b`. */
  get faults(): readonly string[] {
    return this.#world.trace.events.flatMap((event) => (event.kind === "fault" ? [event.what] : []));
  }

  /** Virtual time in ms. */
  now(): number {
    return this.#world.now;
  }

  /** Lets things happen, as far as the goal says. Any other `await` lets them happen as well, as long as it takes. */
  run(goal: Goal): Promise<void> {
    return this.#patience.run(goal);
  }

  /**
   * Ends all faults, brings crashed victims of a nemesis back, connects all nodes again and waits for rest, or for what is to be
   * `until`. Rejects when that has not come after `withinMs` of virtual time: what must come to be in the end, must.
   */
  async settle(options: SettleOptions = {}): Promise<void> {
    const nemeses = this.#calm();
    await this.#patience.settle({ ...options, isReady: () => nemeses.every(({ isDone }) => isDone) });
    // What is waited for by name need not be rest.
    if (options.until !== undefined) return;
    for (const node of this.#cluster.living) node.tellRest();
    this.#world.tell("test", { kind: "settled" });
  }

  /** A process of `node` that keeps what it is sent, for `assertReceive`. */
  probe(node: Node): Probe {
    return new Probe(node, (isOver) => this.#patience.waitFor(isOver));
  }

  /** Awaits something that comes from outside: a file, a child process. The world stands still meanwhile. */
  foreign<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#world.outside.begin(work);
  }

  /** The nodes that run. */
  get alive(): readonly Node[] {
    return this.#cluster.living.map(({ node }) => node);
  }

  /** Stops every node; says what is wrong with their tables, and what they leave behind. */
  async end(): Promise<readonly string[]> {
    const nemeses = this.#calm();
    this.#cluster.heal();
    await this.run({
      until: () => nemeses.every(({ isDone }) => isDone) && this.#cluster.living.every(({ isPaused }) => !isPaused),
    });
    const { living } = this.#cluster;
    const faults = living.flatMap(({ name, node }) =>
      node.check().map(({ invariant, detail }) => `${invariant} on ${name}: ${detail}`),
    );
    for (const { node } of living) await node.stop();
    for (const one of living) {
      const left = one.node.processes().length;
      if (left > 0) faults.push(`${one.name} has left ${String(left)} processes`);
      if (one.timers > 0) faults.push(`${one.name} has left ${String(one.timers)} timers`);
    }
    return faults;
  }

  #calm(): readonly Nemesis[] {
    const nemeses = this.#nemeses;
    this.#nemeses = [];
    for (const nemesis of nemeses) nemesis.stop();
    return nemeses;
  }
}
