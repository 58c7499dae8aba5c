/** What the connections of a node are made of, and who is told of them. */
import type { Logger } from "pino";

import type { SpawnPolicy } from "../process/accept-signal.ts";
import type { Kernel } from "../process/kernel.ts";
import type { SystemNames } from "./system-names.ts";

/** What a set of peers is made of. */
export interface PeersOptions {
  readonly kernel: Kernel;
  readonly system: SystemNames;
  /** Asked for each line: a node may change its name. */
  readonly logger: Logger;
  readonly maySpawn: SpawnPolicy;
}

/** How a distributed node behaves towards others. */
export interface Manners {
  readonly autoConnect: "always" | "never" | "once";
  readonly connectAll: boolean;
  readonly hidden: boolean;
}

/** Told about visible peers, by the layers that share something with them. */
export interface PeerListener {
  up(peer: string): void;
  down(peer: string): void;
}

/** Which nodes to list (NODE-4). */
export type NodeKind = "visible" | "hidden" | "connected" | "known" | "this";
