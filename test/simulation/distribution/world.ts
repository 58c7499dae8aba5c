/**
 * Nodes without processes on a medium that does its worst, on a virtual clock: the distribution alone, driven from one seed.
 *
 * Everything is synchronous and in one queue of events, so thousands of runs take seconds. A node may stand still (its
 * events wait), crash (they vanish) and come back as another incarnation. Whatever was ever sent can be played back.
 */
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

/** What the medium does to datagrams; times in ms. */
export interface Weather {
  loss: number;
  duplication: number;
  delay: number;
  jitter: number;
  /** Bytes per ms and direction; 0 for no limit. */
  rate: number;
}

/** Something a node was told. */
export type Told =
  | { readonly what: "up" | "drained"; readonly channel: Channel; readonly at: number }
  | { readonly what: "lost"; readonly channel: Channel; readonly cause: LossCause; readonly at: number }
  | { readonly what: "refused"; readonly peer: string; readonly cause: LossCause; readonly at: number }
  | { readonly what: "signal"; readonly channel: Channel; readonly signal: Signal; readonly at: number };

/** A datagram that was sent. */
export interface Recorded {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly owner: SimulatedNode | undefined;
  run: (() => void) | undefined;
}

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
      runtime: world.runtimeOf(this),
      transport: new SimulatedTransport(this),
      identity: { name, creation, hidden },
      codec: new ErlangSignals({ identities: this.identities }),
      cookieFor: () => cookie,
      events: {
        up: (channel) => this.told.push({ what: "up", channel, at: at() }),
        drained: (channel) => this.told.push({ what: "drained", channel, at: at() }),
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

/** A clock, a medium, and the nodes. */
export class World {
  readonly members = new Map<string, SimulatedNode>();
  readonly recorded: Recorded[] = [];
  readonly weather: Weather = { loss: 0, duplication: 0, delay: 1, jitter: 0, rate: 0 };
  /** Directions, `from>to`, in which nothing gets through. */
  readonly cut = new Set<string>();
  maxDatagram = 2_000;
  now = 0;
  #events: Event[] = [];
  #order = 0;
  #state: number;
  #creation = 0;
  readonly #busyUntil = new Map<string, number>();

  constructor(seed = 1) {
    this.#state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** Starts a node. */
  async start(name: string, options: NodeOptions = {}): Promise<SimulatedNode> {
    this.#creation += 1;
    const node = new SimulatedNode(this, name, this.#creation, options);
    await node.distribution.open();
    return node;
  }

  /** A whole number below `bound`. */
  pick(bound: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % bound;
  }

  chance(probability: number): boolean {
    return this.pick(1_000_000) < probability * 1_000_000;
  }

  schedule(delay: number, owner: SimulatedNode | undefined, run: () => void): Event {
    this.#order += 1;
    const event = { at: this.now + delay, order: this.#order, owner, run };
    insert(this.#events, event);
    return event;
  }

  /** Lets an event that was held up happen now. */
  again(event: Event): void {
    this.#order += 1;
    insert(this.#events, { ...event, at: this.now, order: this.#order, run: () => event.run?.() });
  }

  /** Runs for `ms`. */
  run(ms: number): void {
    const end = this.now + ms;
    let steps = 0;
    for (let event = this.#events[0]; event !== undefined && event.at <= end; event = this.#events[0]) {
      this.#events.shift();
      this.now = Math.max(this.now, event.at);
      const { owner } = event;
      if (owner?.isDead === true || event.run === undefined) continue;
      if (owner?.isPaused === true) owner.held.push(event);
      else event.run();
      steps += 1;
      if (steps > 2_000_000) throw new Error("the simulation does not come to rest");
    }
    this.now = end;
  }

  /** Carries a datagram, as the weather has it. */
  carry(from: string, to: string, bytes: Uint8Array): void {
    this.recorded.push({ from, to, bytes: Uint8Array.from(bytes) });
    if (bytes.length > this.maxDatagram) throw new Error(`a datagram of ${bytes.length} bytes`);
    if (this.cut.has(`${from}>${to}`) || this.members.get(from)?.isMediumUp === false) return;
    const { loss, duplication, delay, jitter, rate } = this.weather;
    const copies = this.chance(loss) ? 0 : this.chance(duplication) ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      let wait = delay + (jitter > 0 ? this.pick(Math.ceil(jitter * 8)) / 8 : 0);
      if (rate > 0) {
        const free = Math.max(this.now, this.#busyUntil.get(from) ?? 0) + bytes.length / rate;
        this.#busyUntil.set(from, free);
        wait += free - this.now;
      }
      this.inject({ from, to, bytes }, wait);
    }
  }

  /** Puts a datagram before `to`, whoever made it. */
  inject({ from, to, bytes }: Recorded, wait = 0): void {
    const copy = Uint8Array.from(bytes);
    this.schedule(wait, undefined, () => {
      const node = this.members.get(to);
      if (node === undefined || !node.isMediumUp) return;
      this.schedule(0, node, () => node.events?.datagram(from, copy));
    });
  }

  runtimeOf(node: SimulatedNode): Runtime {
    const world = this;
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

// The queue is short and mostly appended to, so looking from the end is quick.
function insert(events: Event[], event: Event): void {
  let at = events.length;
  while (at > 0) {
    const before = events[at - 1];
    if (before === undefined || before.at <= event.at) break;
    at -= 1;
  }
  events.splice(at, 0, event);
}
