/** A medium on the clock of a world, which loses, doubles, delays, holds up and reorders datagrams as the schedule decides. */
import { TransportError } from "@otp/core";
import type { Transport, TransportEvents, TransportIdentity } from "@otp/core/transport";

import { Question } from "../schedule/chance.ts";
import type { Owner } from "./events.ts";
import { short } from "./words.ts";
import type { World } from "./world.ts";

/**
 * What the medium may do to a datagram.
 *
 * @see simulate
 */
export interface Weather {
  /** How likely a datagram is lost, 0 to 1. Default 0. */
  readonly loss?: number;
  /** How likely it arrives twice. Default 0. */
  readonly duplication?: number;
  /**
   * The latencies to choose from, in ms, the usual one first. Different ones reorder. Default 1, 2, 5, 20; with `bounded` time
   * also 200 and 1,000.
   */
  readonly latencies?: readonly number[];
}

/** One direction between two nodes. */
class Way {
  readonly lose: Question;
  readonly double: Question;
  readonly latency: Question;
  readonly again: Question;
  count = 0;
  /** Nothing gets through. */
  isCut = false;
  /** What is under way waits until then. */
  cloggedUntil = 0;

  constructor(name: string) {
    this.lose = new Question(`lose ${name}`);
    this.double = new Question(`double ${name}`);
    this.latency = new Question(`latency ${name}`);
    this.again = new Question(`again ${name}`);
  }
}

const usual = [1, 2, 5, 20];
const slow = [...usual, 200, 1_000];

/** All datagrams of a world. */
export class Medium {
  readonly #world: World;
  readonly #weather: Required<Weather>;
  readonly members: Map<string, SimulatedTransport> = new Map<string, SimulatedTransport>();
  readonly #ways = new Map<string, Way>();

  constructor(world: World, weather: Weather) {
    this.#world = world;
    this.#weather = { loss: 0, duplication: 0, latencies: world.time === "bounded" ? slow : usual, ...weather };
  }

  transport(owner: Owner): SimulatedTransport {
    return new SimulatedTransport(this, this.#world, owner);
  }

  /** Lets nothing through in that direction, or everything again. */
  cut(from: string, to: string, isCut: boolean): void {
    this.#way(from, to).isCut = isCut;
  }

  /** Holds up in that direction what is sent during the next `ms`. */
  clog(from: string, to: string, ms: number): void {
    const way = this.#way(from, to);
    way.cloggedUntil = Math.max(way.cloggedUntil, this.#world.now + ms);
  }

  /** Ends all cuts; what is clogged flows from now on. */
  heal(): void {
    for (const way of this.#ways.values()) {
      way.isCut = false;
      way.cloggedUntil = 0;
    }
  }

  /** Whether anything is cut. */
  get isBroken(): boolean {
    return [...this.#ways.values()].some(({ isCut }) => isCut);
  }

  /** Takes a datagram; `from` and `to` are full names. */
  carry(from: string, to: string, bytes: Uint8Array): void {
    const { schedule } = this.#world;
    const { loss, duplication, latencies } = this.#weather;
    const way = this.#way(short(from), short(to));
    way.count += 1;
    const n = way.count;
    if (way.isCut || (loss > 0 && schedule.askAgain(way.lose, n, { likelihood: loss }) === 1)) return;
    this.#deliver(latencies[schedule.askAgain(way.latency, n, { choices: latencies.length })], {
      way,
      from,
      to,
      bytes,
    });
    if (duplication === 0 || schedule.askAgain(way.double, n, { likelihood: duplication }) === 0) return;
    this.#deliver(latencies[schedule.askAgain(way.again, n, { choices: latencies.length })], { way, from, to, bytes });
  }

  #deliver(
    latency: number | undefined,
    {
      way,
      from,
      to,
      bytes,
    }: { readonly way: Way; readonly from: string; readonly to: string; readonly bytes: Uint8Array },
  ): void {
    const world = this.#world;
    const arrive = (): void => {
      // A clog holds what is under way as well, and lets it go in its order.
      if (way.cloggedUntil > world.now) world.after(way.cloggedUntil - world.now, null, arrive);
      else this.members.get(to)?.take(from, bytes);
    };
    world.after(latency ?? 1, null, arrive);
  }

  #way(from: string, to: string): Way {
    const name = `${from}>${to}`;
    let way = this.#ways.get(name);
    if (way === undefined) {
      way = new Way(name);
      this.#ways.set(name, way);
    }
    return way;
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

  // The bytes are this side's from now on, and the receiver keeps none of them without copying: nobody need copy here.
  send(peer: string, bytes: Uint8Array): void {
    if (this.#identity !== null && bytes.length <= this.maxDatagram)
      this.#medium.carry(this.#identity.name, peer, bytes);
  }

  probe(peer: string): void {
    if (this.#medium.members.has(peer)) return;
    this.#world.after(1, this.#owner, () => {
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
    if (this.#owner.isPaused) this.#world.after(0, this.#owner, () => this.#events?.datagram(from, bytes));
    else this.#events?.datagram(from, bytes);
  }
}
