/** A cluster in one thread on one virtual clock, as a test sees it. */
import type { Node, NodeOptions } from "@otp/core";

import { Probe } from "../probe.ts";
import { Medium, short, type Weather } from "./medium.ts";
import { SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

/** How long to run: for so many ms, until something holds, or until nobody has anything to do. */
export type RunGoal = { readonly for: number } | { readonly until: () => boolean } | "toQuiescence";

/** After so much silence of all processes, in ms, nothing can be under way any more: the sessions would have given up. */
const quietMs = 12_000;

/** The cluster of one run. Nodes are meant by `Node` or by name. */
export class Simulation {
  readonly #world: World;
  readonly #medium: Medium;
  readonly #nodes = new Map<string, SimNode>();

  constructor(world: World, weather: Weather) {
    this.#world = world;
    this.#medium = new Medium(world, weather);
  }

  /** Starts a node, `a@sim` for the name `a`. */
  node(name: string, options: NodeOptions = {}): Promise<Node> {
    const node = new SimNode(this.#world, this.#medium, name, options);
    this.#nodes.set(name, node);
    return node.start(this.#world);
  }

  /** Connects all nodes with each other and waits until they share their names. */
  async mesh(): Promise<void> {
    const nodes = this.alive;
    for (const node of nodes) for (const other of nodes) if (other !== node) await node.connect(other.name);
    for (const node of nodes) await node.global.sync();
  }

  /** Lets nothing get through between the two groups, or from the first to the second only. */
  partition(
    one: readonly (Node | string)[],
    other: readonly (Node | string)[],
    options: { readonly oneWay?: boolean } = {},
  ): void {
    for (const from of one) {
      for (const to of other) {
        const [a, b] = [nameOf(from), nameOf(to)];
        this.#fault(`cut ${a}>${b}`);
        this.#medium.cut.add(`${a}>${b}`);
        if (options.oneWay !== true) this.#medium.cut.add(`${b}>${a}`);
      }
    }
  }

  /** Lets everything get through again. */
  heal(): void {
    this.#fault("heal");
    this.#medium.cut.clear();
  }

  /** Ends a node without a word: none of its code runs any more, and nobody is told. */
  crash(node: Node | string): void {
    this.#fault(`crash ${nameOf(node)}`);
    this.#find(node).crash();
  }

  /** Starts a crashed node anew, with the same name and options, as another incarnation without processes. */
  restart(node: Node | string): Promise<Node> {
    const old = this.#find(node);
    if (!old.isDead) throw new Error(`${old.name} is running; crash it first`);
    return this.node(old.name, old.options);
  }

  /** Lets a node stand still for that long; what it would have done it does afterwards. */
  pause(node: Node | string, ms: number): void {
    const paused = this.#find(node);
    this.#fault(`pause ${paused.name} for ${String(ms)} ms`);
    paused.isPaused = true;
    this.#world.after(ms, "test", null, () => {
      paused.isPaused = false;
      this.#world.release(paused);
    });
  }

  /** Sets a node's clock ahead by that much; more and more only, since no clock goes back. */
  skew(node: Node | string, ms: number): void {
    this.#find(node).skewMs += Math.max(0, ms);
  }

  /** Virtual time in ms. */
  now(): number {
    return this.#world.now;
  }

  /** Lets things happen, as far as the goal says. Any other `await` lets them happen as well, as long as it takes. */
  async run(goal: RunGoal): Promise<void> {
    if (goal === "toQuiescence") await this.#world.wait(this.#quiet());
    else if ("until" in goal) await this.#world.wait(goal.until);
    else {
      let isOver = false;
      this.#world.after(goal.for, "test", null, () => (isOver = true));
      await this.#world.wait(() => isOver);
    }
  }

  /** Heals what was cut, lets what stands still go on, connects all nodes again and waits for rest. */
  async settle(): Promise<void> {
    this.heal();
    await this.run({ for: quietMs });
    await this.mesh();
    await this.run("toQuiescence");
  }

  /** A process of `node` that keeps what it is sent, for `assertReceive`. */
  probe(node: Node): Probe {
    return new Probe(node, (isOver) => this.#waitFor(isOver));
  }

  /** Awaits something that comes from outside: a file, a child process. The world stands still meanwhile. */
  foreign<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#world.foreign(work);
  }

  /** The nodes that run. */
  get alive(): readonly Node[] {
    return this.#living.map(({ node }) => node);
  }

  /** Stops every node; says what is wrong with their tables, and what they leave behind. */
  async end(): Promise<readonly string[]> {
    this.#medium.cut.clear();
    await this.run({ until: () => this.#living.every(({ isPaused }) => !isPaused) });
    const living = this.#living;
    const faults = living.flatMap(({ name, node }) =>
      node.check().map(({ invariant, detail }) => `${invariant} on ${name}: ${detail}`),
    );
    for (const { node } of living) await node.stop();
    for (const one of living) {
      const left = one.node.processes().length;
      if (left > 0) faults.push(`${one.name} has left ${String(left)} processes`);
      const timers = this.#world.timersOf(one);
      if (timers > 0) faults.push(`${one.name} has left ${String(timers)} timers`);
    }
    return faults;
  }

  #waitFor(isOver: () => boolean): Promise<void> {
    const isQuiet = this.#quiet();
    return this.#world.wait(() => isOver() || isQuiet());
  }

  /** Tells from now on whether nobody can do anything any more but wait for a message that nobody will send. */
  #quiet(): () => boolean {
    const world = this.#world;
    // What the test itself has just done may take as long to have an effect as anything else.
    const since = world.now;
    return () => {
      const nodes = this.#living;
      if (world.readyCount > 0 || nodes.some(({ hasTimers, isPaused }) => hasTimers || isPaused)) return false;
      return this.#nodes.size < 2 || world.now - Math.max(since, world.lastTurn) >= quietMs;
    };
  }

  get #living(): readonly SimNode[] {
    return [...this.#nodes.values()].filter(({ isDead }) => !isDead);
  }

  #find(node: Node | string): SimNode {
    const found = this.#nodes.get(nameOf(node));
    if (found === undefined) throw new Error(`there is no node ${nameOf(node)} in this simulation`);
    return found;
  }

  #fault(what: string): void {
    this.#world.tell("test", { kind: "fault", what });
  }
}

function nameOf(node: Node | string): string {
  return short(typeof node === "string" ? node : node.name);
}
