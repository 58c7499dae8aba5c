/** Making a node reachable: the distribution with everything that it needs of the node. */
import type { Logger } from "pino";

import type { Distribution } from "../dist/contract.ts";
import { createDistribution } from "../dist/distribution.ts";
import { ErlangSignals } from "../dist/frame.ts";
import type { Transport } from "../dist/transport.ts";
import type { Kernel } from "../process/kernel.ts";
import type { Cookies } from "./cookies.ts";
import type { CheckedOptions } from "./options.ts";
import type { Peers } from "./peers.ts";

/** The parts of a node that its distribution works with. */
export interface DistributionParts {
  readonly options: CheckedOptions;
  readonly transport: Transport;
  readonly kernel: Kernel;
  readonly peers: Peers;
  readonly cookies: Cookies;
  readonly logger: Logger;
}

/** The distribution of a node, not yet open. */
export function distributionOf(parts: DistributionParts): Distribution {
  const { options, transport, kernel, peers, cookies, logger } = parts;
  const { tickTimeMs, goneAfterMs, setupTimeMs, maxBufferBytes, maxMessageBytes, highWaterBytes, stretch } = options;
  const limit = maxMessageBytes === undefined ? {} : { maxMessageBytes };
  return createDistribution({
    runtime: kernel.runtime,
    transport,
    identity: { name: options.name, creation: kernel.own.creation, hidden: options.hidden },
    codec: new ErlangSignals({
      identities: kernel.identities,
      ...(maxMessageBytes === undefined ? {} : { bytesMax: maxMessageBytes }),
    }),
    cookieFor: (peer) => cookies.get(peer),
    events: peers,
    log: logger,
    tickTimeMs,
    goneAfterMs,
    setupTimeMs,
    ...limit,
    ...(maxBufferBytes === undefined ? {} : { maxBufferBytes }),
    ...(highWaterBytes === undefined ? {} : { highWaterBytes }),
    ...(stretch === undefined ? {} : { stretch }),
  });
}
