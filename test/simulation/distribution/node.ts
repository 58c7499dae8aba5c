/** A node without processes: the distribution alone, and a record of all it was told. */
import { IdentityTable } from "@otp/core/internal";
import type { RunQueue, Runtime, TimerHandle } from "@otp/core/runtime";
import {
  type Channel,
  createDistribution,
  type Distribution,
  type DistributionOptions,
  ErlangSignals,
  type LossCause,
  type Signal,
  type Transport,
  type TransportEvents,
  type TransportIdentity,
} from "@otp/core/transport";

import type { Event, World } from "./world.ts";

/** Something a node was told. */
export type Told =
  | { readonly what: "up" | "drained" | "doubted"; readonly channel: Channel; readonly at: number }
  | { readonly what: "lost"; readonly channel: Channel; readonly cause: LossCause; readonly at: number }
  | { readonly what: "refused"; readonly peer: string; readonly cause: LossCause; readonly at: number }
  | { readonly what: "signal"; readonly channel: Channel; readonly signal: Signal; readonly at: number };

/** The settings that are small enough for a simulation. */
export type NodeOptions = Partial<Omit<DistributionOptions, "cookieFor">> & {
  readonly cookie?: string;
  readonly hidden?: boolean;
};

/** One incarnation of one node. */
export class SimulatedNode {
  readonly world: World;
  readonly name: string;
  readonly creation: number;
  readonly identities: IdentityTable;
  readonly distribution: Distribution;
  readonly told: Told[] = [];
  readonly warnings: string[] = [];
  readonly held: Event[] = [];
  readonly timers = new Set<Event>();
  events: TransportEvents | undefined;
  isPaused = false;
  isDead = false;
  isMediumUp = true;
  /** Called for each signal, after it was noted. */
  onSignal: ((channel: Channel, signal: Signal) => void) | undefined;
  onLost: ((channel: Channel) => void) | undefined;

  constructor(world: World, name: string, creation: number, options: NodeOptions) {
    this.world = world;
    this.name = name;
    this.creation = creation;
    this.identities = new IdentityTable(name, creation);
    const { cookie = "a cookie", hidden = false, ...rest } = options;
    const at = (): number => world.now;
    this.distribution = createDistribution({
      runtime: runtimeOf(this),
      transport: new SimulatedTransport(this),
      identity: { name, creation, hidden },
      codec: new ErlangSignals({ identities: this.identities }),
      cookieFor: () => cookie,
      events: {
        up: (channel) => this.told.push({ what: "up", channel, at: at() }),
        drained: (channel) => this.told.push({ what: "drained", channel, at: at() }),
        doubted: (channel) => this.told.push({ what: "doubted", channel, at: at() }),
        lost: (channel, cause) => {
          this.told.push({ what: "lost", channel, cause, at: at() });
          this.onLost?.(channel);
        },
        refused: (peer, cause) => this.told.push({ what: "refused", peer, cause, at: at() }),
        signal: (channel, signal) => {
          this.told.push({ what: "signal", channel, signal, at: at() });
          this.onSignal?.(channel, signal);
        },
        closed: () => undefined,
      },
      log: {
        error: (_, text) => this.warnings.push(text),
        warn: (_, text) => this.warnings.push(text),
        info: () => undefined,
        debug: () => undefined,
      },
      stretch: { N: 2, r: 1, p: 1 },
      tickTimeMs: 2_000,
      goneAfterMs: 400,
      setupTimeMs: 1_500,
      ...rest,
    });
  }

  /** What it was told of that kind. */
  toldOf<What extends Told["what"]>(what: What): Extract<Told, { what: What }>[] {
    return this.told.filter((told): told is Extract<Told, { what: What }> => told.what === what);
  }

  /** The texts of the messages that came, in order. */
  get messages(): unknown[] {
    return this.toldOf("signal").map(({ signal }) => ("message" in signal ? signal.message : signal.op));
  }

  /** Sends `message` from process `from` to process `to` of the node `peer`, connecting if need be. */
  send(peer: SimulatedNode, message: unknown, { from = 1, to = 1 }: { from?: number; to?: number } = {}): Channel {
    const channel = this.distribution.connect(peer.name);
    channel.send({
      op: "send",
      from: this.identities.own.pid(from),
      to: this.identities.get(peer.name, peer.creation).pid(to),
      message,
    });
    return channel;
  }

  /** Stands still until `resume`: what would happen waits. */
  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    const { held } = this;
    for (const event of held.splice(0)) if (event.run !== undefined) this.world.again(event);
  }

  /** Vanishes without a word. */
  crash(): void {
    this.isDead = true;
    this.world.members.delete(this.name);
  }

  /** The medium goes away and comes back, for this node alone. */
  setMedium(isUp: boolean): void {
    if (this.isMediumUp === isUp) return;
    this.isMediumUp = isUp;
    this.events?.status(isUp ? "up" : "down", isUp ? "reconnected" : "disconnected");
  }
}

/** What a node sees of the clock and of chance. */
function runtimeOf(node: SimulatedNode): Runtime {
  const { world } = node;
  return {
    now: () => world.now,
    wallTime: () => world.now,
    setTimer(ms, fire): TimerHandle {
      const event = world.schedule(Math.max(0, ms), node, () => {
        node.timers.delete(event);
        fire();
      });
      node.timers.add(event);
      return {
        cancel(): void {
          node.timers.delete(event);
          event.run = undefined;
        },
      };
    },
    defer: (run) => void world.schedule(0, node, run),
    randomBytes: (length) => Uint8Array.from({ length }, () => world.pick(256)),
    pick: (bound) => world.pick(bound),
    createRunQueue(): RunQueue {
      return { push: (task) => void world.schedule(0, node, () => void task.runTurn()), spend: () => true, size: 0 };
    },
  };
}

class SimulatedTransport implements Transport {
  readonly kind = "simulated";
  readonly bufferedBytes = 0;
  readonly #node: SimulatedNode;

  constructor(node: SimulatedNode) {
    this.#node = node;
  }

  get maxDatagram(): number {
    return this.#node.world.maxDatagram;
  }

  open(identity: TransportIdentity, events: TransportEvents): Promise<void> {
    this.#node.world.members.set(identity.name, this.#node);
    this.#node.events = events;
    return Promise.resolve();
  }

  send(peer: string, bytes: Uint8Array): void {
    this.#node.world.carry(this.#node.name, peer, bytes);
  }

  probe(peer: string): void {
    const { world } = this.#node;
    if (!this.#node.isMediumUp) return;
    world.schedule(2 * world.weather.delay, this.#node, () => {
      const listener = world.members.get(peer);
      if (listener === undefined || !listener.isMediumUp) this.#node.events?.unreachable(peer);
    });
  }

  discover(): Promise<readonly string[]> {
    return Promise.resolve([...this.#node.world.members.keys()]);
  }

  close(): Promise<void> {
    this.#node.world.members.delete(this.#node.name);
    this.#node.events = undefined;
    return Promise.resolve();
  }
}
