/** One incarnation of one node of a simulation: what it sees of time and chance, and what can be done to it. */
import { Node, type NodeOptions } from "@otp/core";
import { Node as Inner } from "@otp/core/internal";
import type { RunQueue, Runtime, TimerHandle } from "@otp/core/runtime";
import { pino } from "pino";

import { fraction } from "../schedule/schedule.ts";
import type { Medium, SimulatedTransport } from "./medium.ts";
import { laneOf, tap } from "./tap.ts";
import type { Due, Owner, World } from "./world.ts";

/** A node with its switches. */
export class SimNode implements Owner {
  readonly name: string;
  readonly options: NodeOptions;
  isDead = false;
  isPaused = false;
  readonly held: Due[] = [];
  /** By how much its clock is ahead of the world's, in ms. */
  skewMs = 0;
  readonly runtime: Runtime;
  readonly #transport: SimulatedTransport;
  #node: Node | null = null;

  constructor(world: World, medium: Medium, name: string, options: NodeOptions) {
    this.name = name;
    this.options = options;
    this.runtime = runtimeOf(world, this);
    this.#transport = medium.transport(this);
  }

  /** The node; there once it has been started. */
  get node(): Node {
    if (this.#node === null) throw new Error(`the node ${this.name} has not been started`);
    return this.#node;
  }

  async start(world: World): Promise<Node> {
    const node = await Node.start({
      cookie: "simulated",
      logger: pino({ level: "silent" }),
      stretch: { N: 2, r: 1, p: 1 },
      tickTimeMs: 2_000,
      isolation: "freeze",
      ...this.options,
      name: `${this.name}@sim`,
      transport: this.#transport,
      runtime: this.runtime,
    });
    this.#node = node;
    tap(Inner.kernelOf(node), (happening) => {
      if (!this.isDead) world.tell(this.name, happening);
    });
    return node;
  }

  /** Whether a process of it waits for time to pass. */
  get hasTimers(): boolean {
    return this.#node !== null && !this.isDead && Inner.kernelOf(this.#node).timers.size > 0;
  }

  crash(): void {
    this.isDead = true;
    this.#transport.leave();
  }
}

function runtimeOf(world: World, node: SimNode): Runtime {
  let drawn = 0;
  const pick = (bound: number): number => {
    drawn += 1;
    return Math.floor(fraction(world.schedule.seed, `${node.name} ${String(drawn)}`) * bound);
  };
  return {
    now: () => world.now + node.skewMs,
    wallTime: () => 1_700_000_000_000 + world.now + node.skewMs,
    setTimer(ms, fire): TimerHandle {
      const due = world.after(ms, `timer ${node.name}`, node, fire);
      return {
        cancel(): void {
          due.run = null;
        },
      };
    },
    defer: (run) => world.push(`flush ${node.name}`, node, run),
    randomBytes: (length) => Uint8Array.from({ length }, () => pick(256)),
    pick,
    createRunQueue: () => queueOf(world, node),
  };
}

function queueOf(world: World, node: SimNode): RunQueue {
  return {
    push(task): void {
      const lane = laneOf(task, node.name);
      world.push(lane, node, () => {
        world.lastTurn = world.now;
        world.tell(node.name, { kind: "turn", pid: lane });
        task.runTurn();
      });
    },
    spend(amount): boolean {
      world.budget -= amount;
      return world.budget > 0;
    },
    get size(): number {
      return world.readyCount;
    },
  };
}
