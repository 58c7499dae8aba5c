/** What a connection needs of the node and of whoever keeps it. */
import type { Runtime } from "../runtime/runtime.ts";
import type { LossCause } from "./channel.ts";
import type { Connection } from "./connection.ts";
import type { DistributionEvents } from "./contract.ts";
import type { LivenessTimes } from "./liveness.ts";
import type { Tally } from "./session.ts";
import type { SignalCodec } from "./signal-codec.ts";
import type { Transport } from "./transport.ts";

/** Limits of a connection, in bytes, and its times. */
export interface ConnectionSettings extends LivenessTimes {
  readonly packetMax: number;
  readonly maxBufferBytes: number;
  readonly maxMessageBytes: number;
  readonly highWaterBytes: number;
}

/** What all connections of a node share. */
export interface ConnectionNode {
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly codec: SignalCodec;
  readonly events: DistributionEvents;
  readonly settings: ConnectionSettings;
  readonly tally: Tally;
  readonly isMediumUp: boolean;
  /** Asks the medium whether somebody listens for that peer. */
  probe(peer: string): void;
}

/** Who keeps the connection. */
export interface ConnectionHost {
  readonly node: ConnectionNode;
  /** The peer of a connection that was begun here has answered with the session's keys. */
  confirmed(connection: Connection): void;
  /** An established connection is over; one that is `closing` is still being flushed. Called before `events.lost`. */
  over(connection: Connection): void;
  /** A connection that was never established has to be given up. */
  abandon(connection: Connection, cause: LossCause): void;
  /** Nothing more will happen. */
  ended(connection: Connection): void;
}
