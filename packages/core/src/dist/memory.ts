/**
 * The reference transport: several nodes in one OS process.
 *
 * It loses nothing and keeps order, but is as asynchronous as any other: a datagram arrives in a later turn, never from
 * within `send`.
 */
import { TransportError } from "../base/errors.ts";
import { Ring } from "../base/ring.ts";
import type { RunQueue, Runtime, Task } from "../runtime/runtime.ts";
import { SystemRuntime } from "../runtime/system.ts";
import type { Transport, TransportEvents, TransportIdentity } from "./transport.ts";

/** What may be chosen for a hub. */
export interface MemoryHubOptions {
  /** Whose run queues carry the datagrams. Default: the real runtime. */
  readonly runtime?: Pick<Runtime, "createRunQueue">;
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
  return { transport: () => new MemoryTransport(members, runtime.createRunQueue(), maxDatagram) };
}

// What a byte costs, in the unit of the run queue's budget, which is a message handled.
const bytesPerReduction = 128;

type Delivery = (events: TransportEvents) => void;

class MemoryTransport implements Transport, Task {
  readonly kind = "memory";
  readonly bufferedBytes = 0;
  readonly maxDatagram: number;
  readonly #members: Map<string, MemoryTransport>;
  // Fair to timers and I/O: two busy nodes in one thread would otherwise never let go of it (JS-12).
  readonly #queue: RunQueue;
  readonly #inbox = new Ring<Delivery>();
  #identity: TransportIdentity | undefined;
  #events: TransportEvents | undefined;
  #isScheduled = false;

  constructor(members: Map<string, MemoryTransport>, queue: RunQueue, maxDatagram: number) {
    this.#members = members;
    this.#queue = queue;
    this.maxDatagram = maxDatagram;
  }

  async open(identity: TransportIdentity, events: TransportEvents): Promise<void> {
    if (this.#members.has(identity.name)) {
      throw new TransportError(
        `the name ${identity.name} is taken on this hub; choose another, or stop the node that has it`,
      );
    }
    this.#identity = identity;
    this.#events = events;
    this.#members.set(identity.name, this);
  }

  send(peer: string, bytes: Uint8Array): void {
    const from = this.#identity?.name;
    if (from === undefined || bytes.length > this.maxDatagram) return;
    const member = this.#members.get(peer);
    if (member !== undefined) member.#receive(bytes.length, (events) => events.datagram(from, bytes));
  }

  probe(peer: string): void {
    if (!this.#members.has(peer)) this.#receive(0, (events) => events.unreachable(peer));
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

  #receive(bytes: number, delivery: Delivery): void {
    this.#inbox.push(delivery);
    this.#queue.spend(1 + bytes / bytesPerReduction);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#queue.push(this);
  }

  /** Delivers what is there now; what that causes comes in a later turn. */
  runTurn(): boolean {
    this.#isScheduled = false;
    for (let left = this.#inbox.size; left > 0; left -= 1) {
      const delivery = this.#inbox.shift();
      if (this.#events !== undefined) delivery?.(this.#events);
    }
    return false;
  }
}
