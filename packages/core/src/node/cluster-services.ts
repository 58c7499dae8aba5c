/** What spans the nodes of a cluster, connected with the node that it is part of. */
import type { Logger } from "pino";

import type { ClusterHost, ClusterService } from "../cluster/cluster-host.ts";
import { Global } from "../cluster/global.ts";
import { Alarm } from "../cluster/patience.ts";
import { Overlaps } from "../cluster/overlaps.ts";
import { ProcessGroups } from "../cluster/pg.ts";
import { Rpc } from "../cluster/rpc.ts";
import type { Kernel } from "../process/kernel.ts";
import type { Peers } from "./peers.ts";
import type { SystemName, SystemNames } from "./system-names.ts";

/** The parts of a node that its services work with. */
export interface ServiceParts {
  readonly kernel: Kernel;
  readonly peers: Peers;
  readonly system: SystemNames;
  readonly logger: Logger;
}

/** The services of one node. */
export interface ClusterServices {
  readonly global: Global;
  readonly pg: ProcessGroups;
  readonly rpc: Rpc;
}

/** About as long as it takes to connect. */
const momentMs = 500;

/** Makes the services of a node; from then on they hear of its peers. */
export function clusterServices({ kernel, peers, system, logger }: ServiceParts): ClusterServices {
  const host: ClusterHost = {
    kernel,
    log: logger,
    send: (node, service, message) =>
      peers.channelTo(node)?.send({ op: "sendName", from: kernel.root, to: service, message }),
    connect: (node) => peers.connect(node),
    connecting: () => peers.connecting(),
    disconnect: (node) => void peers.disconnect(node),
    creationOf: (node) => peers.channelTo(node)?.peer.creation,
    soon: (run) => kernel.timers.start(new Alarm(run), momentMs),
    partitions: () => peers.partitions,
  };
  const join = (name: SystemName, service: ClusterService): void => {
    system.set(name, (peer, message) => service.receive(peer, message));
    peers.listen(service);
  };
  const global = new Global(host);
  join("$global", global);
  join("$overlaps", new Overlaps(host));
  const pg = new ProcessGroups(host);
  join("$pg", pg);
  return { global, pg, rpc: new Rpc(kernel) };
}
