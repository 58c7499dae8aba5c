/** A medium on the clock of a world, which loses, doubles, delays and reorders datagrams as the schedule decides. */
import { TransportError } from "@otp/core";
import type { Transport, TransportEvents, TransportIdentity } from "@otp/core/transport";

import type { Owner, World } from "./world.ts";

/** What the medium may do to a datagram. */
export interface Weather {
  /** How likely a datagram is lost, 0 to 1. Default 0. */
  readonly loss?: number;
  /** How likely it arrives twice. Default 0. */
  readonly duplication?: number;
  /** The latencies to choose from, in ms, the usual one first. Different ones reorder. Default 1, 2, 5, 20. */
  readonly latencies?: readonly number[];
}

/** All datagrams of a world. */
export class Medium {
  readonly #world: World;
  readonly #weather: Required<Weather>;
  readonly members: Map<string, SimulatedTransport> = new Map<string, SimulatedTransport>();
  /** Directions, `a>b`, in which nothing gets through. */
  readonly cut: Set<string> = new Set();

  constructor(world: World, weather: Weather) {
    this.#world = world;
    this.#weather = { loss: 0, duplication: 0, latencies: [1, 2, 5, 20], ...weather };
  }

  transport(owner: Owner): SimulatedTransport {
    return new SimulatedTransport(this, this.#world, owner);
  }

  carry(from: string, to: string, bytes: Uint8Array): void {
    const world = this.#world;
    const { schedule } = world;
    const { loss, duplication, latencies } = this.#weather;
    const way = `${short(from)}>${short(to)}`;
    const name = `${way}@${String(world.count(way))}`;
    if (this.cut.has(way) || schedule.ask(`lose ${name}`, 2, loss) === 1) return;
    const copies = 1 + schedule.ask(`double ${name}`, 2, duplication);
    for (let copy = 1; copy <= copies; copy += 1) {
      const question = copy === 1 ? `latency ${name}` : `latency ${name}+`;
      const latency = latencies[schedule.ask(question, latencies.length)] ?? 1;
      const kept = Uint8Array.from(bytes);
      world.after(latency, `net ${way}`, null, () => this.members.get(to)?.take(from, kept));
    }
  }
}

/** A node's end of the medium. */
export class SimulatedTransport implements Transport {
  readonly kind = "simulated";
  readonly bufferedBytes = 0;
  readonly maxDatagram: number = 64 * 1024;
  readonly #medium: Medium;
  readonly #world: World;
  readonly #owner: Owner;
  #identity: TransportIdentity | null = null;
  #events: TransportEvents | null = null;

  constructor(medium: Medium, world: World, owner: Owner) {
    this.#medium = medium;
    this.#world = world;
    this.#owner = owner;
  }

  async open(identity: TransportIdentity, events: TransportEvents): Promise<void> {
    if (this.#medium.members.has(identity.name)) {
      throw new TransportError(`the name ${identity.name} is taken in this simulation; crash or stop its node first`);
    }
    this.#identity = identity;
    this.#events = events;
    this.#medium.members.set(identity.name, this);
  }

  send(peer: string, bytes: Uint8Array): void {
    if (this.#identity !== null && bytes.length <= this.maxDatagram)
      this.#medium.carry(this.#identity.name, peer, bytes);
  }

  probe(peer: string): void {
    if (this.#medium.members.has(peer)) return;
    this.#world.after(1, "net probe", this.#owner, () => {
      if (!this.#medium.members.has(peer)) this.#events?.unreachable(peer);
    });
  }

  async discover(): Promise<readonly string[]> {
    return [...this.#medium.members.values()].flatMap((member) =>
      member.#identity === null || member.#identity.hidden ? [] : [member.#identity.name],
    );
  }

  async close(): Promise<void> {
    this.leave();
  }

  /** Vanishes from the medium. */
  leave(): void {
    const name = this.#identity?.name;
    if (name !== undefined && this.#medium.members.get(name) === this) this.#medium.members.delete(name);
    this.#identity = null;
    this.#events = null;
  }

  /** Hands a datagram to the node, or keeps it while the node stands still. */
  take(from: string, bytes: Uint8Array): void {
    this.#world.after(0, "net", this.#owner, () => this.#events?.datagram(from, bytes));
  }
}

/** A node's name without its host. */
export function short(name: string): string {
  return name.split("@")[0] ?? name;
}
