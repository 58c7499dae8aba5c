/**
 * NATS as a transport: one connection and one inbox per node, datagrams and news of who is there.
 *
 * Thin on purpose: order, loss, secrecy and heartbeats are the session's work.
 */
import { TransportError } from "@otp/core";
import { SystemRuntime, type Runtime } from "@otp/core/runtime";
import type { Transport, TransportEvents, TransportIdentity } from "@otp/core/transport";

import { Attachment } from "./attachment.ts";
import { settingsFrom, type NatsOptions, type Settings } from "./options.ts";

/** Left free below the server's limit, for headers that a server puts on a message under way. */
const payloadMargin = 256;

/**
 * Returns a transport that connects nodes over NATS.
 *
 * Nodes see each other when they use the same NATS system, `cluster` and `prefix`. Throws an `ArgumentError` for options
 * that make no sense; whether the system can be reached is known when the node starts.
 *
 * A program that listens to all subjects hides from the nodes that one of them has crashed: they then notice after the
 * tick time.
 *
 * @example
 * nats({ servers: "nats://127.0.0.1:4222", cluster: "demo" });
 */
export function nats(options: NatsOptions = {}): Transport {
  return new NatsTransport(settingsFrom(options), options.runtime ?? new SystemRuntime());
}

class NatsTransport implements Transport {
  readonly kind = "nats";
  readonly #settings: Settings;
  readonly #runtime: Runtime;
  #attachment: Attachment | undefined;

  constructor(settings: Settings, runtime: Runtime) {
    this.#settings = settings;
    this.#runtime = runtime;
  }

  async open(identity: TransportIdentity, events: TransportEvents): Promise<void> {
    if (this.#attachment !== undefined) throw new TransportError("The transport is open already; close it first.");
    const attachment = new Attachment({ settings: this.#settings, runtime: this.#runtime, identity, events });
    this.#attachment = attachment;
    try {
      await attachment.open();
    } catch (error) {
      if (this.#attachment === attachment) this.#attachment = undefined;
      await attachment.close();
      throw error;
    }
  }

  get maxDatagram(): number {
    return Math.max(0, (this.#attachment?.payloadMax ?? 0) - payloadMargin);
  }

  get bufferedBytes(): number {
    return this.#attachment?.bufferedBytes ?? 0;
  }

  send(peer: string, bytes: Uint8Array): void {
    if (bytes.length <= this.maxDatagram) this.#attachment?.send(peer, bytes);
  }

  probe(peer: string): void {
    this.#attachment?.probe(peer);
  }

  async discover(): Promise<readonly string[]> {
    return (await this.#attachment?.discover()) ?? [];
  }

  async close(): Promise<void> {
    const attachment = this.#attachment;
    this.#attachment = undefined;
    await attachment?.close();
  }
}
