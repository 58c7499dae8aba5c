/** What is out to break a cluster: faults that are drawn as named decisions, so that those which matter are left over. */
import type { Node } from "@otp/core";

import { Question } from "../schedule/chance.ts";
import type { Cluster } from "./cluster.ts";
import type { World } from "./world.ts";

/**
 * Which faults there are, and how many.
 *
 * @see Simulation
 */
export interface NemesisPlan {
  /** A node is cut off from all others: `isolate b@3`. */
  readonly partition?: boolean;
  /** Nothing that a node sends arrives: `mute b@3`. */
  readonly oneWay?: boolean;
  /** A node ends without a word and comes back: `crash b@3`. */
  readonly crash?: boolean;
  /** A node stands still: `pause b@3`. */
  readonly pause?: boolean;
  /** What two nodes send each other is held up: `clog a-b@3`. */
  readonly clog?: boolean;
  /** A node's clock jumps ahead: `skew b@3`. */
  readonly skew?: boolean;
  /** How many faults may be under way at once. Default 1. */
  readonly maxAtOnce?: number;
  /** How often it may strike, in ms. Default 400. */
  readonly everyMs?: number;
  /** How many times it may. Default 20. */
  readonly rounds?: number;
  /** How long a fault may last, in ms. Default 300, 1,500, 4,000, 10,000. */
  readonly durations?: readonly number[];
  /** The nodes that are safe from crashes, by name. */
  readonly spare?: readonly string[];
  /** What is done with a node that has crashed and was started again; without it, crashed nodes come back empty. */
  readonly restarted?: (node: Node) => Promise<void> | void;
}

interface Fault {
  readonly question: Question;
  readonly node: string;
  begin(ms: number): void;
  end(): void;
}

/** A nemesis at work. */
export class Nemesis {
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #plan: NemesisPlan;
  readonly #faults: readonly Fault[];
  readonly #underWay = new Set<Fault>();
  #round = 0;
  #isOver = false;
  /** Crashed nodes that are being started again. */
  #comingBack = 0;

  constructor(world: World, cluster: Cluster, plan: NemesisPlan) {
    this.#world = world;
    this.#cluster = cluster;
    this.#plan = plan;
    this.#faults = this.#possible(cluster.living.map(({ name }) => name));
  }

  /** Strikes every now and then from here on. */
  start(): void {
    this.#world.after(this.#plan.everyMs ?? 400, null, () => this.#strike());
  }

  /** Strikes no more and ends what is under way, but for crashed nodes that are about to come back. */
  stop(): void {
    this.#isOver = true;
    for (const fault of this.#underWay) fault.end();
    this.#underWay.clear();
  }

  /** Whether nothing of it is left. */
  get isDone(): boolean {
    return this.#isOver && this.#comingBack === 0;
  }

  #strike(): void {
    if (this.#isOver) return;
    this.#round += 1;
    const { maxAtOnce = 1, rounds = 20, durations = [300, 1_500, 4_000, 10_000] } = this.#plan;
    const { schedule } = this.#world;
    for (const fault of this.#faults) {
      if (this.#underWay.size >= maxAtOnce) break;
      if ([...this.#underWay].some(({ node }) => node === fault.node)) continue;
      const likelihood = schedule.rateOf("nemesis") / Math.sqrt(this.#faults.length);
      const answer = schedule.askAgain(fault.question, this.#round, { choices: durations.length + 1, likelihood });
      if (answer > 0) this.#begin(fault, durations[answer - 1] ?? 300);
    }
    if (this.#round < rounds) this.start();
  }

  #begin(fault: Fault, ms: number): void {
    this.#underWay.add(fault);
    fault.begin(ms);
    this.#world.after(ms, null, () => {
      if (this.#underWay.delete(fault)) fault.end();
    });
  }

  #possible(names: readonly string[]): Fault[] {
    const { partition, oneWay, crash, pause, clog, skew, spare = [] } = this.#plan;
    const cluster = this.#cluster;
    const faults: Fault[] = [];
    const others = (node: string): string[] => names.filter((name) => name !== node);
    const add = (kind: string, node: string, fault: Pick<Fault, "begin" | "end">): void => {
      faults.push({ question: new Question(`${kind} ${node}`), node, ...fault });
    };
    for (const node of names) {
      if (partition === true)
        add("isolate", node, {
          begin: () => others(node).forEach((other) => both(node, other, (from, to) => cluster.cut(from, to))),
          end: () => others(node).forEach((other) => both(node, other, (from, to) => cluster.mend(from, to))),
        });
      if (oneWay === true)
        add("mute", node, {
          begin: () => others(node).forEach((other) => cluster.cut(node, other)),
          end: () => others(node).forEach((other) => cluster.mend(node, other)),
        });
      if (crash === true && !spare.includes(node))
        add("crash", node, { begin: () => cluster.crash(node), end: () => this.#bringBack(node) });
      if (pause === true)
        add("pause", node, {
          begin: (ms) => cluster.pause(node, ms),
          end: () => cluster.resume(cluster.find(node)),
        });
      if (skew === true) add("skew", node, { begin: (ms) => cluster.skew(node, ms), end: () => undefined });
      if (clog === true)
        for (const other of names.filter((name) => name > node))
          add("clog", `${node}-${other}`, {
            begin: (ms) => both(node, other, (from, to) => cluster.clog(from, to, ms)),
            end: () => undefined,
          });
    }
    return faults;
  }

  #bringBack(name: string): void {
    this.#comingBack += 1;
    const back = async (): Promise<void> => {
      const node = await this.#cluster.restart(name);
      await this.#plan.restarted?.(node);
    };
    void back().finally(() => {
      this.#comingBack -= 1;
    });
  }
}

function both(one: string, other: string, what: (from: string, to: string) => void): void {
  what(one, other);
  what(other, one);
}
