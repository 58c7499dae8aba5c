/** What the connections of a node are made of, and who is told of them. */
import type { Logger } from "pino";

import type { PartitionPolicy } from "../cluster/cluster-host.ts";
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
  readonly preventOverlappingPartitions: boolean;
  readonly hidden: boolean;
}

/** Those of a node that is not distributed. */
export const alone: Manners = {
  autoConnect: "never",
  connectAll: false,
  preventOverlappingPartitions: false,
  hidden: false,
};

/** What a node of such manners does about partitions that overlap. */
export function policyOf({ connectAll, hidden, preventOverlappingPartitions }: Manners): PartitionPolicy {
  if (hidden || !connectAll) return "outside";
  return preventOverlappingPartitions ? "prevented" : "allowed";
}

/** Told about visible peers, by the layers that share something with them. */
export interface PeerListener {
  up(peer: string): void;
  down(peer: string): void;
  /** A node that is connected to a peer cannot be connected to from here. */
  failed?(peer: string): void;
}

/** Which nodes to list (NODE-4). */
export type NodeKind = "visible" | "hidden" | "connected" | "known" | "this";
