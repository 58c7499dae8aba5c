/** What the services of a cluster need of the node that they are part of. */
import type { Logger } from "pino";

import type { Kernel } from "../process/kernel.ts";

/**
 * What a node does about partitions that overlap: it says whom it has lost and acts on what others say of that; it only does
 * what it is asked for; or it has no part in the mesh.
 */
export type PartitionPolicy = "prevented" | "allowed" | "outside";

/** The node, as the services see it. */
export interface ClusterHost {
  readonly kernel: Kernel;
  readonly log: Logger;
  /** Sends to the service of that name on a connected node; nothing happens when it is not connected (any more). */
  send(node: string, service: "$global" | "$overlaps" | "$pg", message: unknown): void;
  /** Connects to a node: true, or not. */
  connect(node: string): Promise<boolean | "ignored">;
  /** The nodes that are being connected to. */
  connecting(): readonly string[];
  /** Ends the connection to a node. */
  disconnect(node: string): void;
  /** The incarnation of a connected node. */
  creationOf(node: string): number | undefined;
  /** Runs it in a moment, unless the node ends before. */
  soon(run: () => void): void;
  /** What this node does about partitions that overlap. */
  partitions(): PartitionPolicy;
}

/** A service that is told about visible nodes, and gets what its counterparts on them send. */
export interface ClusterService {
  up(node: string): void;
  down(node: string): void;
  /** A message from a node, not yet checked; never throws. */
  receive(node: string, message: unknown): void;
}
