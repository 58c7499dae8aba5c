/** The nodes of a simulation and what can be done to them, by a test or by a nemesis. */
import type { Node, NodeOptions } from "@otp/core";
import { type Kernel, Node as Inner } from "@otp/core/internal";

import type { EscapeWatch } from "./escapes.ts";
import { Medium, type Weather } from "./medium.ts";
import { silentLogger, SimNode, type Surroundings } from "./sim-node.ts";
import { short } from "./words.ts";
import type { World } from "./world.ts";

/** How a cluster is made. */
export interface ClusterOptions {
  readonly weather: Weather;
  readonly isSealed: boolean;
  readonly escapes: EscapeWatch;
}

/** A node, or its name. */
export type NodeLike = Node | string;

/** All nodes, those that have crashed included. */
export class Cluster {
  readonly #world: World;
  readonly #surroundings: Surroundings;
  readonly #nodes = new Map<string, SimNode>();
  readonly #pausedUntil = new Map<SimNode, number>();

  constructor(world: World, { weather, isSealed, escapes }: ClusterOptions) {
    this.#world = world;
    this.#surroundings = { world, medium: new Medium(world, weather), logger: silentLogger(), isSealed, escapes };
  }

  /** How many nodes there were. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Those that run. */
  get living(): readonly SimNode[] {
    return [...this.#nodes.values()].filter(({ isDead }) => !isDead);
  }

  /** The machines of those that run. */
  get kernels(): readonly Kernel[] {
    return this.living.filter(({ isStarted }) => isStarted).map(({ node }) => Inner.kernelOf(node));
  }

  start(name: string, options: NodeOptions): Promise<Node> {
    const node = new SimNode(this.#surroundings, name, options);
    this.#nodes.set(name, node);
    return node.start();
  }

  find(node: NodeLike): SimNode {
    const found = this.#nodes.get(nameOf(node));
    if (found === undefined) throw new Error(`there is no node ${nameOf(node)} in this simulation`);
    return found;
  }

  cut(from: string, to: string): void {
    this.fault(`cut ${from}>${to}`);
    this.#surroundings.medium.cut(from, to, true);
  }

  /** Lets everything through in one direction again. */
  mend(from: string, to: string): void {
    this.fault(`mend ${from}>${to}`);
    this.#surroundings.medium.cut(from, to, false);
  }

  clog(from: string, to: string, ms: number): void {
    this.fault(`clog ${from}>${to} for ${String(ms)} ms`);
    this.#surroundings.medium.clog(from, to, ms);
  }

  heal(): void {
    this.fault("heal");
    this.#surroundings.medium.heal();
  }

  get isBroken(): boolean {
    return this.#surroundings.medium.isBroken;
  }

  crash(node: NodeLike): void {
    const crashed = this.find(node);
    this.fault(`crash ${crashed.name}`);
    crashed.crash();
  }

  restart(node: NodeLike): Promise<Node> {
    const old = this.find(node);
    if (!old.isDead) throw new Error(`${old.name} is running; crash it first`);
    this.fault(`restart ${old.name}`);
    return this.start(old.name, old.options);
  }

  pause(node: NodeLike, ms: number): void {
    const paused = this.find(node);
    this.fault(`pause ${paused.name} for ${String(ms)} ms`);
    const until = Math.max(this.#pausedUntil.get(paused) ?? 0, this.#world.now + ms);
    this.#pausedUntil.set(paused, until);
    paused.isPaused = true;
    this.#world.after(ms, null, () => {
      if (this.#pausedUntil.get(paused) === until) this.resume(paused);
    });
  }

  resume(paused: SimNode): void {
    if (!paused.isPaused) return;
    this.#pausedUntil.delete(paused);
    paused.isPaused = false;
    this.#world.release(paused);
  }

  skew(node: NodeLike, ms: number): void {
    const skewed = this.find(node);
    this.fault(`skew ${skewed.name} by ${String(ms)} ms`);
    // What is monotonic does not go back, whatever is done to the wall clock.
    skewed.skewMs += Math.max(0, ms);
    skewed.wallSkewMs += Math.min(0, ms);
  }

  fault(what: string): void {
    this.#world.tell("test", { kind: "fault", what });
  }
}

/** A node's short name. */
export function nameOf(node: NodeLike): string {
  return short(typeof node === "string" ? node : node.name);
}
