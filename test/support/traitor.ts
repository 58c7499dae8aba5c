/** A peer that has the cookie and sends whatever bytes it is told to, as its signals. */
import { memoryHub, Node } from "@otp/core";
import { SystemRuntime } from "@otp/core/runtime";
import {
  type Channel,
  createDistribution,
  type DistributionEvents,
  type SignalCodec,
  type SignalEncoder,
  type Transport,
  type TransportIdentity,
} from "@otp/core/transport";
import { onTestFinished } from "vitest";

import { plain } from "./media.ts";

const silent = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/** The traitor, as the test commands it. */
export interface Traitor {
  /** Sends the bytes over the connection to the target, which is made if there is none. */
  send(bytes: Uint8Array): void;
  /** Why connections have ended so far. */
  readonly ends: readonly string[];
  /** The same, in the words of the other side. */
  readonly words: readonly string[];
  /** Whether there is a connection now. */
  readonly isUp: boolean;
}

/** Who it is, unless it is somebody else. */
export const identityOfTraitor: TransportIdentity = { name: "traitor@host", creation: 99, hidden: true };

/** A node of its own on that medium, with the cookie of the tests. */
export async function traitor(
  transport: Transport,
  target: string,
  identity: TransportIdentity = identityOfTraitor,
): Promise<Traitor> {
  const ends: string[] = [];
  const words: string[] = [];
  const waiting: Uint8Array[] = [];
  let channel: Channel | undefined;
  const events: DistributionEvents = {
    up: (made) => {
      if (made.peer.name === target) channel = made;
    },
    refused: (_peer, { kind, detail }) => {
      ends.push(kind);
      words.push(detail);
    },
    closed: () => undefined,
    signal: () => undefined,
    drained: () => undefined,
    doubted: () => undefined,
    lost: ({ peer }, { kind, detail }) => {
      if (peer.name !== target) return;
      channel = undefined;
      ends.push(kind);
      words.push(detail);
    },
  };
  const distribution = createDistribution({
    runtime: new SystemRuntime(),
    transport,
    identity,
    codec: carbonPaper(waiting),
    cookieFor: () => "test cookie",
    events,
    log: silent,
    ...(plain.stretch === undefined ? {} : { stretch: plain.stretch }),
  });
  await distribution.open();
  onTestFinished(() => distribution.close());
  const signal = await anySignal();
  return {
    ends,
    words,
    get isUp() {
      return channel !== undefined;
    },
    send(bytes) {
      waiting.push(bytes);
      distribution.connect(target).send(signal);
    },
  };
}

/** A codec that writes the next of the given bytes for each signal, and reads nothing. */
function carbonPaper(waiting: Uint8Array[]): SignalCodec {
  const createEncoder = (): SignalEncoder => {
    let written = Buffer.alloc(0);
    return {
      get size() {
        return written.length;
      },
      append: () => {
        written = Buffer.concat([written, waiting.shift() ?? new Uint8Array(0)]);
      },
      takeHeld: () => [],
      put: (bytes) => {
        written = Buffer.concat([written, bytes]);
      },
      take: (from) => {
        const taken = written.subarray(from);
        written = written.subarray(0, from);
        return taken;
      },
    };
  };
  return { createEncoder, decode: () => undefined };
}

async function anySignal(): Promise<Parameters<Channel["send"]>[0]> {
  await using node = await Node.start({
    transport: memoryHub().transport(),
    name: "nobody@host",
    cookie: "x",
    ...plain,
  });
  const pid = node.spawn(() => undefined);
  return { op: "sendName", from: pid, to: "nobody", message: "whatever" };
}
