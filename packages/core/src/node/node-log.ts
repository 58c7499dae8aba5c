/** The log of a node: its own lines, and those that it shares with the nodes whose processes it runs, or that run its own. */
import type { Logger } from "pino";

import { logReport } from "../io/log.ts";
import { RemoteLog } from "../io/remote-log.ts";
import type { ProcessControl } from "../process/control.ts";
import type { Kernel } from "../process/kernel.ts";
import type { Report } from "../process/report.ts";
import type { Peers } from "./peers.ts";
import type { SystemNames } from "./system-names.ts";

/** What the log of a node works with; known once the node is put together. */
export interface NodeLogParts {
  readonly kernel: Kernel;
  readonly peers: Peers;
  readonly system: SystemNames;
}

/** Where everything on one node is logged. */
export class NodeLog {
  /** The node's own, with its name. */
  readonly logger: Logger;
  readonly #given: Logger;
  #kernel: Kernel | null = null;
  #remote: RemoteLog | null = null;

  constructor(given: Logger, name: string) {
    this.#given = given;
    this.logger = given.child({ node: name });
  }

  /** From here on the node is called `name`, in every line that is written with its logger. */
  rename(name: string): void {
    if (this.logger.bindings()["node"] !== name) this.logger.setBindings({ node: name });
  }

  /** From here on lines go to other nodes, and come from them. */
  share({ kernel, peers, system }: NodeLogParts): void {
    const remote = new RemoteLog({
      logger: this.#given,
      now: () => kernel.runtime.now(),
      send: (node, message) => {
        if (peers.isConnected(node)) kernel.route(node, { op: "sendName", from: kernel.root, to: "$log", message });
      },
    });
    system.set("$log", (peer, message) => remote.accept(peer, message));
    peers.listen({ up: () => undefined, down: (peer) => remote.forget(peer) });
    this.#kernel = kernel;
    this.#remote = remote;
  }

  /** The logger of a process. */
  of(process: ProcessControl): Logger {
    return this.#follow(this.logger.child({ pid: String(process.pid) }), process);
  }

  /** Writes a report about a process. */
  report(report: Report): void {
    const about = report.pid === undefined ? null : (this.#kernel?.find(report.pid) ?? null);
    const isShared = about !== null && !about.kernel.isOwnPid(about.groupLeader);
    logReport(isShared ? this.#follow(this.logger.child({}), about) : this.logger, report);
  }

  /** The node of a process's group leader reads along (IO-3). */
  #follow(logger: Logger, { kernel, groupLeader }: ProcessControl): Logger {
    if (this.#remote === null || kernel.isOwnPid(groupLeader)) return logger;
    return this.#remote.follow(logger, groupLeader.node);
  }
}
