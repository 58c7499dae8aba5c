/** What must hold of any run of nodes that count up what they send, whatever the medium did. */
import type { Channel } from "@otp/core/transport";

import type { SimulatedNode } from "./node.ts";

/** A message that says where it belongs: the sender's incarnation, channel, process, target process, and place. */
export interface Counted {
  readonly node: string;
  readonly creation: number;
  readonly channel: number;
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly padding: string;
}

/** Sends numbered messages, each pair counting for itself on each channel. */
export class Counter {
  readonly node: SimulatedNode;
  readonly #channels = new Map<Channel, number>();
  readonly sent = new Map<string, number>();

  constructor(node: SimulatedNode) {
    this.node = node;
  }

  send(peer: SimulatedNode, { from, to, bytes }: { from: number; to: number; bytes: number }): void {
    const channel = this.node.distribution.connect(peer.name);
    let ordinal = this.#channels.get(channel);
    if (ordinal === undefined) {
      ordinal = this.#channels.size;
      this.#channels.set(channel, ordinal);
    }
    const pair = `${ordinal} ${from}>${to}`;
    const n = this.sent.get(pair) ?? 0;
    this.sent.set(pair, n + 1);
    const { name, creation } = this.node;
    const message: Counted = { node: name, creation, channel: ordinal, from, to, n, padding: "x".repeat(bytes) };
    this.node.send(peer, message, { from, to });
  }
}

/**
 * What is wrong with what `node` was told: signals outside of their channel's life, a channel that is lost twice, two
 * channels to one peer at once, or a pair's messages that are not 0, 1, 2 … of one channel of the sender (SIG-1, SIG-13, TR-1).
 */
export function faultsOf(node: SimulatedNode): string[] {
  const faults: string[] = [];
  const alive = new Map<string, Channel>();
  const ended = new Set<Channel>();
  const origins = new Map<Channel, string>();
  const next = new Map<string, number>();
  for (const told of node.told) {
    if (told.what === "refused") continue;
    const { channel } = told;
    const { name } = channel.peer;
    if (ended.has(channel)) faults.push(`${told.what} after the loss of ${name}`);
    if (told.what === "up") {
      if (alive.has(name)) faults.push(`a second connection to ${name}`);
      alive.set(name, channel);
    } else if (alive.get(name) !== channel) {
      faults.push(`${told.what} of ${name} outside of a connection`);
    }
    if (told.what === "lost") {
      alive.delete(name);
      ended.add(channel);
    }
    if (told.what !== "signal" || !("message" in told.signal)) continue;
    const message = told.signal.message;
    if (!isCounted(message)) {
      faults.push(`a message that nobody sent: ${JSON.stringify(message)}`);
      continue;
    }
    const origin = `${message.node} ${message.creation} ${message.channel}`;
    const known = origins.get(channel) ?? origin;
    origins.set(channel, known);
    if (known !== origin) faults.push(`one connection carries ${known} and ${origin}`);
    const pair = `${origin} ${message.from}>${message.to}`;
    const expected = next.get(pair) ?? 0;
    if (message.n !== expected) faults.push(`${pair}: expected ${expected}, got ${message.n}`);
    next.set(pair, message.n + 1);
  }
  return faults;
}

function isCounted(value: unknown): value is Counted {
  return typeof value === "object" && value !== null && "n" in value && "channel" in value;
}
