/**
 * What the distribution needs from the node above it, what it offers, and what it tells.
 *
 * The life of a connection to a peer, as the node sees it:
 *
 * ```
 * connect("b@host") → channel (pending: send() is accepted and kept)
 *     ├─ refused("b@host", cause)         nothing was delivered; what was sent to the channel is dropped
 *     └─ up(channel)                      both sides have proved the cookie; then any number of
 *          ├─ signal(channel, signal)
 *          ├─ drained(channel)
 *          ├─ doubted(channel)
 *          └─ lost(channel, cause)        once; nothing of this channel follows
 * ```
 *
 * A peer that connects first leads to `up` without a `connect` here. There is at most one channel per peer between `up` and
 * `lost`; when a peer restarts, the old channel is `lost` before the new one is `up`. All events are synchronous calls from
 * a turn of the distribution's own; only `disconnect` and `Channel.close` report `lost` or `refused` before they return.
 */
import type { Runtime } from "../runtime/runtime.ts";
import type { Channel, ChannelEvents, LossCause } from "./channel.ts";
import type { SignalCodec } from "./signal-codec.ts";
import type { Transport, TransportIdentity } from "./transport.ts";

/** What the distribution tells the node. */
export interface DistributionEvents extends ChannelEvents {
  /** A connection is established, by whichever side; precedes every signal of it (NODE-11). */
  up(channel: Channel): void;
  /** A connection that `connect` began has failed; its channel is dead. */
  refused(peer: string, cause: LossCause): void;
  /** The medium is gone for good; every channel was reported lost before, with the cause `transport_closed`. */
  closed(error: Error | undefined): void;
}

/** Where the distribution writes what an operator should know; a pino logger fits. */
export interface DistributionLog {
  error(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  info(fields: object, text: string): void;
  debug(fields: object, text: string): void;
}

/** What it costs to try a cookie; see `scrypt` of `node:crypto`. Both sides must agree. */
export interface StretchCost {
  /** CPU and memory cost, a power of two. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** What a distribution is made of. Times are in ms. */
export interface DistributionOptions {
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly identity: TransportIdentity;
  readonly codec: SignalCodec;
  /** The cookie to be proved to, and by, `peer` (NODE-7); asked at each handshake. */
  readonly cookieFor: (peer: string) => string;
  readonly events: DistributionEvents;
  readonly log: DistributionLog;
  /** Silence of a peer for this long is its loss (NODE-20). Default 60,000. */
  readonly tickTimeMs?: number;
  /** How long the medium must say that nobody listens for a peer until that is its loss. Default 2,000. */
  readonly goneAfterMs?: number;
  /** How long a handshake may take. Default 7,000. */
  readonly setupTimeMs?: number;
  /** How many bytes may wait for one peer before its session is given up (`overflow`). Default 128 MiB. */
  readonly maxBufferBytes?: number;
  /** The largest signal, in bytes, that is sent or accepted. Default 256 MiB. */
  readonly maxMessageBytes?: number;
  /** `Channel.isBusy` begins at this many bytes not yet taken by the peer; it ends at a quarter. Default 4 MiB. */
  readonly highWaterBytes?: number;
  /** Default N = 2^15, r = 8, p = 1: about 100 ms once per cookie. Tests make it cheap. */
  readonly stretch?: StretchCost;
}

/** What has happened since `open`; only ever grows. */
export interface DistributionCounters {
  readonly framesSent: number;
  readonly framesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly signalsReceived: number;
  /** Packets sent again because no acknowledgement came. */
  readonly retransmitted: number;
  /** Packets that had arrived before. */
  readonly duplicates: number;
  /** Frames that no key fits, or that are no frames at all. */
  readonly forged: number;
  /** Authentic frames that were played back. */
  readonly replayed: number;
  /** Frames of a session that is over, or never was. */
  readonly stale: number;
  /** Handshakes refused to others, for the cookie or another reason. */
  readonly refusals: number;
  /** How often the medium was asked whether a peer is there. */
  readonly probesSent: number;
}

/** All connections of one node over one transport. */
export interface Distribution {
  /** Takes the node's name on the medium; rejects with the transport's `TransportError`. */
  open(): Promise<void>;
  /**
   * The channel to `peer`; begins a handshake unless there is one or it is established. Signals sent before `up` are kept
   * and follow it, or are dropped with `refused`.
   */
  connect(peer: string): Channel;
  /** The channel to `peer` if it is established. */
  channelTo(peer: string): Channel | undefined;
  /**
   * Ends the connection, or the attempt, and tells the peer; `lost`, or `refused`, is reported before this returns. False if
   * there was none.
   */
  disconnect(peer: string, cause: LossCause): boolean;
  /** Another node has doubts about the connected `peer`: asks the medium whether it is there. */
  doubt(peer: string): void;
  /** Changes the tick time, for present channels, too. */
  setTickTime(ms: number): void;
  /** Whether the medium is there. */
  readonly isMediumUp: boolean;
  /** Names of nodes that can be seen on the medium. */
  discover(): Promise<readonly string[]>;
  counters(): DistributionCounters;
  /**
   * Ends every connection with the cause `stopped`, waits until what was sent has arrived as far as the medium allows, and
   * closes the transport.
   */
  close(): Promise<void>;
}
