/**
 * A medium that does its worst, on a virtual clock, driven from one seed.
 *
 * Everything is synchronous and in one queue of events, so thousands of runs take seconds. A node may stand still (its
 * events wait), crash (they vanish) and come back as another incarnation. Whatever was ever sent can be played back.
 */
import { type NodeOptions, SimulatedNode } from "./node.ts";

/** What the medium does to datagrams; times in ms. */
export interface Weather {
  loss: number;
  duplication: number;
  delay: number;
  jitter: number;
  /** Bytes per ms and direction; 0 for no limit. */
  rate: number;
}

/** A datagram that was sent. */
export interface Recorded {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** Something that is going to happen. */
export interface Event {
  readonly at: number;
  readonly order: number;
  readonly owner: SimulatedNode | undefined;
  run: (() => void) | undefined;
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
  readonly #events: Event[] = [];
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
