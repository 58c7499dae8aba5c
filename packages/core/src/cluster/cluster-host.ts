/** What the services of a cluster need of the node that they are part of. */
import type { Logger } from "pino";

import type { Kernel } from "../process/kernel.ts";

/** The node, as the services see it. */
export interface ClusterHost {
  readonly kernel: Kernel;
  readonly log: Logger;
  /** Sends to the service of that name on a connected node; nothing happens when it is not connected (any more). */
  send(node: string, service: "$global" | "$pg", message: unknown): void;
  /** Connects to a node: true, or not. */
  connect(node: string): Promise<boolean | "ignored">;
  /** The nodes that are being connected to. */
  connecting(): readonly string[];
}

/** A service that is told about visible nodes, and gets what its counterparts on them send. */
export interface ClusterService {
  up(node: string): void;
  down(node: string): void;
  /** A message from a node, not yet checked; never throws. */
  receive(node: string, message: unknown): void;
}
