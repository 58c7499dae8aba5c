/** How a node is started. */
import type { Logger } from "pino";

import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { StretchCost } from "../dist/contract.ts";
import type { Transport } from "../dist/transport.ts";
import type { Stdio } from "../io/console.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { SourceReader } from "../term/remote-function.ts";
import { checkNodeName, noNode } from "./names.ts";

/** When a signal to a node that is not connected may connect (NODE-3). */
export type AutoConnect = boolean | "always" | "never" | "once";

/** What `Node.start` takes; times in ms. */
export interface NodeOptions {
  /** `name@host`; without it the node is `nonode@nohost` and not distributed (NODE-1). */
  readonly name?: string;
  /** The secret that the nodes of a cluster share; else `OTP_COOKIE`, else `~/.otp.cookie`, made on first use. */
  readonly cookie?: string;
  /** What connects this node to others; a named node needs one. */
  readonly transport?: Transport;
  /** A pino logger; by default one to stderr, with the level from `OTP_LOG`. */
  readonly logger?: Logger;
  /** Silence of a peer for this long is its loss. Default 60,000 (NODE-20). */
  readonly tickTimeMs?: number;
  /** How long the medium must say that nobody listens for a peer until that is its loss. Default 2,000. */
  readonly goneAfterMs?: number;
  /** How long connecting may take. Default 7,000. */
  readonly setupTimeMs?: number;
  /** Whether to connect to the nodes that a new peer is connected to. Default true (NODE-6). */
  readonly connectAll?: boolean;
  /**
   * Whether to give up the connection to a node that another node has lost, so that the parts of a divided cluster do not
   * overlap: Erlang's kernel parameter `prevent_overlapping_partitions`, to be the same on all nodes. Default true (NODE-6).
   */
  readonly preventOverlappingPartitions?: boolean;
  /** Whether to stay out of the mesh and of `global`. Default false (NODE-5). */
  readonly hidden?: boolean;
  /** Which signals to unconnected nodes connect: all, none, or none after a loss. Default true (NODE-3). */
  readonly autoConnect?: AutoConnect;
  /** Whether to look for the other nodes of the transport's cluster and connect to them. Default false. */
  readonly discover?: boolean;
  /** How messages are kept apart; `freeze`, and `share` under `NODE_ENV=production` (JS-6). */
  readonly isolation?: "freeze" | "share" | "copy";
  /**
   * Whether source text from peers may run here, as functions made by `remote.source` are; or what makes a function of it.
   * Whoever has the cookie can then run anything. Default false (JS-13).
   */
  readonly trustRemoteCode?: boolean | SourceReader;
  /** Which registered functions peers may spawn here; all by default. */
  readonly allowSpawn?: readonly string[] | ((name: string, peer: string) => boolean);
  /** The largest signal in bytes. Default 256 MiB. */
  readonly maxMessageBytes?: number;
  /** How many bytes may wait for one peer before its connection is given up. Default 128 MiB. */
  readonly maxBufferBytes?: number;
  /** `send` reports a peer as busy while more than this waits for it, and `sendAwait` waits. Default 4 MiB (TR-8). */
  readonly highWaterBytes?: number;
  /** What the node's own device, `user`, reads and prints on; the host's standard streams by default. */
  readonly stdio?: Stdio;
  /** Time, chance and scheduling; the host's by default. */
  readonly runtime?: Runtime;
  /** The cost of trying a cookie; made cheap in simulations. */
  readonly stretch?: StretchCost;
}

/** What a running node takes to become part of a distributed system. */
export type DistributionStart = Required<Pick<NodeOptions, "name" | "transport">> &
  Pick<
    NodeOptions,
    | "cookie"
    | "tickTimeMs"
    | "goneAfterMs"
    | "setupTimeMs"
    | "connectAll"
    | "preventOverlappingPartitions"
    | "hidden"
    | "autoConnect"
    | "discover"
    | "maxMessageBytes"
    | "maxBufferBytes"
    | "highWaterBytes"
    | "stretch"
  >;

/** Options with their defaults, checked. */
export interface CheckedOptions extends Omit<NodeOptions, "autoConnect"> {
  readonly name: string;
  readonly tickTimeMs: number;
  readonly goneAfterMs: number;
  readonly setupTimeMs: number;
  readonly connectAll: boolean;
  readonly preventOverlappingPartitions: boolean;
  readonly hidden: boolean;
  readonly autoConnect: "always" | "never" | "once";
  readonly isolation: "freeze" | "share" | "copy";
}

/** @throws ArgumentError naming the option, what was expected and what came. */
export function checkOptions(options: NodeOptions, isProduction: boolean): CheckedOptions {
  const name = options.name === undefined ? noNode : checkNodeName(options.name);
  if (name === noNode && options.name !== undefined)
    throw new ArgumentError(`${noNode} is the name of nodes without one; choose another`);
  if (options.name !== undefined && options.transport === undefined) {
    throw new ArgumentError(`node ${name} needs a transport to be reached by others; give one, or leave the name out`);
  }
  if (options.name === undefined && options.transport !== undefined) {
    throw new ArgumentError('expected a name for a node with a transport, such as name: "one@localhost"');
  }
  return {
    ...options,
    name,
    tickTimeMs: checkTime("tickTimeMs", options.tickTimeMs ?? 60_000),
    goneAfterMs: checkTime("goneAfterMs", options.goneAfterMs ?? 2_000),
    setupTimeMs: checkTime("setupTimeMs", options.setupTimeMs ?? 7_000),
    connectAll: options.connectAll ?? true,
    preventOverlappingPartitions: options.preventOverlappingPartitions ?? true,
    hidden: options.hidden ?? false,
    autoConnect: checkAutoConnect(options.autoConnect ?? true),
    isolation: options.isolation ?? (isProduction ? "share" : "freeze"),
  };
}

/** @throws ArgumentError for what is no duration. */
export function checkTime(option: string, ms: number): number {
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw new ArgumentError(`expected ${option} to be a positive number of milliseconds. Got: ${show(ms)}`);
}

function checkAutoConnect(value: AutoConnect): "always" | "never" | "once" {
  if (value === true) return "always";
  if (value === false) return "never";
  if (value === "always" || value === "never" || value === "once") return value;
  throw new ArgumentError(`expected autoConnect to be true, false, "never" or "once". Got: ${show(value)}`);
}
