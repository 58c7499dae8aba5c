/** One incarnation of one node of a simulation: what it sees of time and chance, and what can be done to it. */
import { Node, type NodeOptions } from "@otp/core";
import { type ControlBlock, Node as Inner } from "@otp/core/internal";
import type { RunQueue, Runtime, Task, TimerHandle } from "@otp/core/runtime";
import { type Logger, pino } from "pino";

import { tellRest } from "../record/rest.ts";
import type { Watch } from "../record/watch.ts";
import { fraction } from "../schedule/chance.ts";
import { cheapSecrecy } from "./cheap-secrecy.ts";
import type { EscapeWatch } from "./escapes.ts";
import type { Due, Lane, Owner } from "./events.ts";
import type { Medium, SimulatedTransport } from "./medium.ts";
import { ownerOf, tap } from "./tap.ts";
import { wordFor } from "./words.ts";
import type { World } from "./world.ts";

/** What the nodes of one simulation have in common. */
export interface Surroundings {
  readonly world: World;
  readonly medium: Medium;
  readonly logger: Logger;
  readonly escapes: EscapeWatch;
  /** Whether sessions are sealed with the real cryptography. */
  readonly isSealed: boolean;
}

/** A logger for nodes that nobody reads. */
export function silentLogger(): Logger {
  return pino({ level: "silent" }, { write: () => undefined });
}

/** A node with its switches. */
export class SimNode implements Owner {
  readonly name: string;
  readonly options: NodeOptions;
  isDead = false;
  isPaused = false;
  readonly held: Due[] = [];
  timers = 0;
  /** By how much its clock is ahead of the world's, in ms. */
  skewMs = 0;
  /** By how much more its wall clock differs. */
  wallSkewMs = 0;
  readonly runtime: Runtime;
  readonly #surroundings: Surroundings;
  readonly #transport: SimulatedTransport;
  #node: Node | null = null;
  #watch: Watch | null = null;

  constructor(surroundings: Surroundings, name: string, options: NodeOptions) {
    this.name = name;
    this.options = options;
    this.runtime = runtimeOf(surroundings, this);
    this.#surroundings = surroundings;
    this.#transport = surroundings.medium.transport(this);
  }

  /** The node; there once it has been started. */
  get node(): Node {
    if (this.#node === null) throw new Error(`the node ${this.name} has not been started`);
    return this.#node;
  }

  get isStarted(): boolean {
    return this.#node !== null;
  }

  async start(): Promise<Node> {
    const { world, logger } = this.#surroundings;
    const node = await Node.start({
      cookie: "simulated",
      logger,
      stretch: { N: 2, r: 1, p: 1 },
      tickTimeMs: 2_000,
      isolation: "freeze",
      ...this.options,
      name: `${this.name}@sim`,
      transport: this.#transport,
      runtime: this.runtime,
    });
    this.#node = node;
    this.#watch = tap(Inner.kernelOf(node), {
      tell: (happening) => {
        if (!this.isDead) world.tell(this.name, happening);
      },
      rests: (process) => this.#surroundings.escapes.resting.add(process),
    });
    return node;
  }

  /** Tells what the node holds. */
  tellRest(): void {
    if (this.#watch !== null) tellRest(this.#watch, this.node);
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

function runtimeOf({ world, isSealed }: Surroundings, node: SimNode): Runtime {
  let drawn = 0;
  // What the next incarnation of a node draws is not what the one before drew, or nobody could tell them apart (NODE-17).
  const life = world.count(`life of ${node.name}`);
  const name = life === 1 ? node.name : `${node.name}#${String(life)}`;
  const pick = (bound: number): number => {
    drawn += 1;
    return Math.floor(fraction(world.schedule.seed, `${name} ${String(drawn)}`) * bound);
  };
  const flush = world.lane(`flush ${node.name}`, node);
  return {
    now: () => world.now + node.skewMs,
    wallTime: () => 1_700_000_000_000 + world.now + node.skewMs + node.wallSkewMs,
    setTimer: (ms, fire, isBackground): TimerHandle => ({
      cancel: world.timer(ms, { owner: node, isUsers: !isBackground }, fire),
    }),
    defer: (run) => world.push(flush, node, run),
    randomBytes: (length) => Uint8Array.from({ length }, () => pick(256)),
    pick,
    ...(isSealed ? {} : { secrecy: cheapSecrecy }),
    createRunQueue: () => queueOf(world, node),
  };
}

function queueOf(world: World, node: SimNode): RunQueue {
  const lanes = new WeakMap<ControlBlock, Lane>();
  const outside = world.lane(`${node.name}.outside`, node);
  const laneOf = (task: Task): Lane => {
    const process = ownerOf(task);
    if (process === null) return outside;
    let lane = lanes.get(process);
    if (lane === undefined) {
      lane = world.lane(wordFor(process.pid), node, process);
      lanes.set(process, lane);
    }
    return lane;
  };
  return {
    push(task): void {
      const lane = laneOf(task);
      world.push(lane, node, () => {
        world.lastTurn = world.now;
        world.tell(node.name, { kind: "turn", pid: lane.name });
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
