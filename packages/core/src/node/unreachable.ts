/** What becomes of a signal to a node that there is no connection to, and none is to be made. */
import type { Logger } from "pino";

import type { Kernel } from "../process/kernel.ts";
import type { Signal } from "../signal/signal.ts";

/** Where the signal comes from, and whether its node is still out of reach. */
export interface Unreachable {
  readonly kernel: Kernel;
  readonly logger: Logger;
  readonly node: string;
  readonly isStill: () => boolean;
}

/** Links, monitors and spawns towards a node that cannot be reached end by `noconnection`, after the call that made them. */
export function failTo({ kernel, logger, node, isStill }: Unreachable, signal: Signal): void {
  if (signal.op === "link" || signal.op === "monitor" || signal.op === "call" || signal.op === "spawnRequest") {
    kernel.runtime.defer(() => {
      if (isStill()) kernel.remotes.sweep(node);
    });
  }
  if (signal.op === "spawnRequest") {
    logger.warn(
      { event: "spawn_failed", peer: node, function: signal.fn.name },
      `cannot start ${signal.fn.name} on ${node}`,
    );
    kernel.runtime.defer(() => kernel.spawnReplies.get(signal.ref.number)?.settle("noconnection"));
  }
}
