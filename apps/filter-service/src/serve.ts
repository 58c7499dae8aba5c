/** The worker: a node with the service on it, until it is told to stop. */
import type { Node, Process } from "@otp/core";

import { inProcess } from "./client.ts";
import { FilterService } from "./filter-service.ts";
// The predicates that clients may ask for.
import "./predicates.ts";

/** Serves until SIGTERM, SIGINT or the end of the service; the node is stopped in order in each case. */
export async function serve(startNode: () => Promise<Node>): Promise<void> {
  await using node = await startNode();
  const stopped = whenSignalled();
  const ended = inProcess(node, async (self: Process) => {
    self.trapExit = true;
    const pid = await FilterService.startLink(self);
    process.stdout.write(`FilterService is ready on ${node.name}\n`);
    const { reason } = await self.receive({ type: "EXIT", from: pid });
    return reason;
  });
  await Promise.race([stopped, ended]);
}

function whenSignalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}
