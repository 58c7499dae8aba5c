/**
 * The reference transport: several nodes in one OS process.
 *
 * It loses nothing and keeps order, but is as asynchronous as any other: a datagram arrives in a later turn, never from
 * within `send`.
 */
import { TransportError } from "../base/errors.ts";
import { Ring } from "../base/ring.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { SystemRuntime } from "../runtime/system.ts";
import type { Transport, TransportEvents, TransportIdentity } from "./transport.ts";

/** What may be chosen for a hub. */
export interface MemoryHubOptions {
  /** Whose `defer` carries the datagrams. Default: the real runtime. */
  readonly runtime?: Pick<Runtime, "defer">;
  /** The largest datagram. Default 1 MiB. */
  readonly maxDatagram?: number;
}

/** A medium inside this OS process. */
export interface MemoryHub {
  /** A transport for one node. */
  transport(): Transport;
}

/**
 * Makes a medium for nodes in one OS process.
 *
 * @example
 * const hub = memoryHub();
 * const one = await Node.start({ name: "one@localhost", cookie: "secret", transport: hub.transport() });
 * const two = await Node.start({ name: "two@localhost", cookie: "secret", transport: hub.transport() });
 * await one.connect(two.name);
 */
export function memoryHub(options: MemoryHubOptions = {}): MemoryHub {
  const { runtime = new SystemRuntime(), maxDatagram = 1024 * 1024 } = options;
  const members = new Map<string, MemoryTransport>();
  return { transport: () => new MemoryTransport(members, runtime, maxDatagram) };
}

type Delivery = (events: TransportEvents) => void;

class MemoryTransport implements Transport {
  readonly kind = "memory";
  readonly bufferedBytes = 0;
  readonly maxDatagram: number;
  readonly #members: Map<string, MemoryTransport>;
  readonly #runtime: Pick<Runtime, "defer">;
  readonly #inbox = new Ring<Delivery>();
  readonly #empty = (): void => this.#deliver();
  #identity: TransportIdentity | undefined;
  #events: TransportEvents | undefined;
  #isScheduled = false;

  constructor(members: Map<string, MemoryTransport>, runtime: Pick<Runtime, "defer">, maxDatagram: number) {
    this.#members = members;
    this.#runtime = runtime;
    this.maxDatagram = maxDatagram;
  }

  async open(identity: TransportIdentity, events: TransportEvents): Promise<void> {
    if (this.#members.has(identity.name)) {
      throw new TransportError(`the name ${identity.name} is taken on this hub; choose another, or stop the node that has it`);
    }
    this.#identity = identity;
    this.#events = events;
    this.#members.set(identity.name, this);
  }

  send(peer: string, bytes: Uint8Array): void {
    const from = this.#identity?.name;
    if (from === undefined || bytes.length > this.maxDatagram) return;
    const member = this.#members.get(peer);
    if (member !== undefined) member.#receive((events) => events.datagram(from, bytes));
  }

  probe(peer: string): void {
    if (!this.#members.has(peer)) this.#receive((events) => events.unreachable(peer));
  }

  async discover(): Promise<readonly string[]> {
    return [...this.#members.values()].flatMap((member) => {
      const identity = member.#identity;
      return identity === undefined || identity.hidden ? [] : [identity.name];
    });
  }

  async close(): Promise<void> {
    if (this.#identity !== undefined) this.#members.delete(this.#identity.name);
    this.#identity = undefined;
    this.#events = undefined;
  }

  #receive(delivery: Delivery): void {
    this.#inbox.push(delivery);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#runtime.defer(this.#empty);
  }

  // Only what is there now: what a delivery causes comes in a later turn.
  #deliver(): void {
    this.#isScheduled = false;
    for (let left = this.#inbox.size; left > 0; left -= 1) {
      const delivery = this.#inbox.shift();
      if (this.#events !== undefined) delivery?.(this.#events);
    }
  }
}
