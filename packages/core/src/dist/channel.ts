/**
 * The waist of the distribution: an ordered, complete stream of control messages to one incarnation of one peer.
 *
 * A channel delivers everything in order or is declared lost, once (TR-1). What is above knows signals and nothing of
 * bytes; what is below may be a session over a transport or another protocol altogether.
 */
import type { Signal } from "../signal/signal.ts";

/** Why a channel ended; the text of `detail` is for people. */
export interface LossCause {
  readonly kind:
    | "tick_timeout"
    | "gone"
    | "disconnect"
    | "peer_disconnect"
    | "cookie"
    | "name_clash"
    | "overflow"
    | "bad_frame"
    | "restarted"
    | "refused"
    | "setup_timeout"
    | "transport_closed"
    | "stopped";
  readonly detail: string;
}

/** Who is at the other end. */
export interface Peer {
  readonly name: string;
  readonly creation: number;
  readonly hidden: boolean;
}

/** An established stream of signals to one peer. */
export interface Channel {
  readonly peer: Peer;
  /**
   * Queues `signal`. Throws a `CodecError` when a term in it cannot cross; then nothing was sent and the channel is
   * unharmed (TR-7).
   */
  send(signal: Signal): void;
  /** True when more is queued than the peer has taken so far by `highWater`; sending goes on being accepted. */
  readonly isBusy: boolean;
  /** Ends the channel on purpose; what was sent before is flushed as far as the medium allows, then the peer is told. */
  close(cause: LossCause): void;
}

/** What a channel tells the node above. */
export interface ChannelEvents {
  /** The next signal from the peer. */
  signal(channel: Channel, signal: Signal): void;
  /** `isBusy` went from true to false. */
  drained(channel: Channel): void;
  /** The medium says that nobody listens for the peer, which others may want to look into, too. */
  doubted(channel: Channel): void;
  /** The end; called exactly once, after which the channel neither delivers nor sends. */
  lost(channel: Channel, cause: LossCause): void;
}
