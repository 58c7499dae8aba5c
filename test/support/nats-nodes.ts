/** Transports over a real nats-server, with what they tell their nodes written down; everything ends with its test. */
import { connect, type NatsConnection } from "nats";
import { onTestFinished } from "vitest";

import type { Transport, TransportEvents } from "@otp/core/transport";
import { nats, type NatsOptions } from "@otp/transport-nats";
import { sharedNatsServer, type SharedNatsServer } from "./nats-server.ts";

/** How long a test waits for something that happens at once where nothing else has to be done. */
export const patience: { readonly timeout: number } = { timeout: 60_000 };

/** What a transport told its node. */
export interface Seen {
  readonly datagrams: (readonly [from: string, text: string])[];
  readonly unreachable: string[];
  readonly status: ("up" | "down")[];
  readonly closed: (Error | undefined)[];
}

/** How a transport is opened for a test. */
export interface OpenOptions extends NatsOptions {
  readonly hidden?: boolean;
  /** Handlers of the test's own. */
  readonly events?: Partial<TransportEvents>;
}

/** A transport and what it has told. */
export interface Opened {
  readonly transport: Transport;
  readonly seen: Seen;
}

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Events that are written down as text. */
export function recorder(): { readonly seen: Seen; readonly events: TransportEvents } {
  const seen: Seen = { datagrams: [], unreachable: [], status: [], closed: [] };
  const events: TransportEvents = {
    datagram: (from, bytes) => seen.datagrams.push([from, new TextDecoder().decode(bytes)]),
    unreachable: (peer) => seen.unreachable.push(peer),
    status: (status) => seen.status.push(status),
    closed: (error) => seen.closed.push(error),
  };
  return { seen, events };
}

/** Opens a transport; it is closed when the test has finished. */
export async function openNats(name: string, options: OpenOptions): Promise<Opened> {
  const { hidden = false, events: own, ...rest } = options;
  const transport = nats(rest);
  const { seen, events } = recorder();
  onTestFinished(() => transport.close());
  await transport.open({ name, creation: 1, hidden }, { ...events, ...own });
  return { transport, seen };
}

/** A plain client of the same server: somebody who is no node. */
export async function strangerAt(url: string): Promise<NatsConnection> {
  const connection = await connect({ servers: url, noEcho: true });
  onTestFinished(() => connection.close());
  return connection;
}

/** One server for all tests of a file, and ways to reach it. */
export interface NatsWorld extends SharedNatsServer {
  readonly open: (name: string, options?: OpenOptions) => Promise<Opened>;
  readonly stranger: () => Promise<NatsConnection>;
}

/** Starts a server before the tests of this file and stops it after them. */
export function natsWorld(config = ""): NatsWorld {
  const { url } = sharedNatsServer(config);
  return {
    url,
    open: (name, options) => openNats(name, { servers: url(), ...options }),
    stranger: () => strangerAt(url()),
  };
}
