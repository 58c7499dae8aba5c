/**
 * What a transport owes the sessions above it: datagrams between named nodes, and news of its own health.
 *
 * A transport is unreliable on purpose. It may lose, delay, double and reorder datagrams, stall for any time, and hand in
 * bytes from strangers. Order, completeness, secrecy and liveness are the session's work, so that they are the same over
 * every medium and can be simulated.
 */

/** Who opens a transport. */
export interface TransportIdentity {
  /** The node's full name; datagrams to this name must reach `events.datagram`. */
  readonly name: string;
  /** This start's incarnation number. */
  readonly creation: number;
  /** Hidden nodes are not announced to others by discovery. */
  readonly hidden: boolean;
}

/** What a transport tells its node. Calls are synchronous; an implementation never calls after `close()` has resolved. */
export interface TransportEvents {
  /**
   * A datagram addressed to this node. `from` is the sender's claimed name, unproven. The callee does not keep `bytes`
   * beyond the call without copying them.
   */
  datagram(from: string, bytes: Uint8Array): void;
  /** The medium says that nobody listens for `peer` at the moment (answers a `probe`, or an attempt to send). */
  unreachable(peer: string): void;
  /** The medium itself went away or came back; datagrams in between may be lost. */
  status(status: "up" | "down", detail: string): void;
  /** The medium is gone for good, for instance because its credentials were revoked. */
  closed(error: Error | undefined): void;
}

/** A medium that carries datagrams between nodes; implement this to connect nodes in a new way. */
export interface Transport {
  /** For people and logs: "memory", "nats". */
  readonly kind: string;
  /**
   * Takes the name and starts listening. Rejects with a `TransportError` that says what to do when the medium cannot be
   * reached or another live node already has the name (NODE-19).
   */
  open(identity: TransportIdentity, events: TransportEvents): Promise<void>;
  /** The largest datagram in bytes that may be sent now; known after `open`, and may change with the medium. */
  readonly maxDatagram: number;
  /**
   * Sends `bytes` towards `peer`, or loses them; never throws for an absent peer or a broken medium. The bytes are the
   * transport's from now on.
   */
  send(peer: string, bytes: Uint8Array): void;
  /** Asks the medium whether somebody listens for `peer`; `events.unreachable` is the only answer. May do nothing. */
  probe(peer: string): void;
  /** Bytes handed to `send` that have not left yet, where the medium can tell, else 0; bounds what a session writes. */
  readonly bufferedBytes: number;
  /** Names of nodes that can be seen on the medium, where it can tell; for discovery. */
  discover(): Promise<readonly string[]>;
  /** Sends what is buffered, stops listening and frees everything. */
  close(): Promise<void>;
}
