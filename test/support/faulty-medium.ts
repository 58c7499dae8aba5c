/** A medium in memory that can double what it carries, or fall silent. */
import { memoryHub, type MemoryHubOptions } from "@otp/core";
import type { Transport, TransportEvents, TransportIdentity } from "@otp/core/transport";

/** What to do with the datagrams of all nodes; may be changed at any time. */
export interface Faults {
  /** How often each datagram arrives. */
  copies: number;
  /** The nodes that nobody hears, and that hear nobody, while the medium says nothing of it. */
  readonly silent: Set<string>;
  /** Which part of a cut cluster a node is in; datagrams stay within a part. */
  partOf: (node: string) => number;
}

/** A hub with faults. */
export function faultyHub(options?: MemoryHubOptions): { readonly faults: Faults; transport(): Transport } {
  const hub = memoryHub(options);
  const faults: Faults = { copies: 1, silent: new Set(), partOf: () => 0 };
  return { faults, transport: () => new FaultyTransport(hub.transport(), faults) };
}

class FaultyTransport implements Transport {
  readonly kind = "faulty memory";
  readonly #inner: Transport;
  readonly #faults: Faults;
  #own = "";

  constructor(inner: Transport, faults: Faults) {
    this.#inner = inner;
    this.#faults = faults;
  }

  get maxDatagram(): number {
    return this.#inner.maxDatagram;
  }

  get bufferedBytes(): number {
    return this.#inner.bufferedBytes;
  }

  open(identity: TransportIdentity, events: TransportEvents): Promise<void> {
    this.#own = identity.name;
    return this.#inner.open(identity, events);
  }

  send(peer: string, bytes: Uint8Array): void {
    const { copies, silent, partOf } = this.#faults;
    if (silent.has(peer) || silent.has(this.#own) || partOf(peer) !== partOf(this.#own)) return;
    for (let copy = 1; copy < copies; copy += 1) this.#inner.send(peer, bytes.slice());
    this.#inner.send(peer, bytes);
  }

  probe(peer: string): void {
    if (!this.#faults.silent.has(peer)) this.#inner.probe(peer);
  }

  discover(): Promise<readonly string[]> {
    return this.#inner.discover();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
