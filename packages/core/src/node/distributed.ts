/** Making a node reachable: the distribution with everything that it needs of the node. */
import type { Logger } from "pino";

import { TransportError } from "../base/errors.ts";
import type { Distribution } from "../dist/contract.ts";
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
export function openDistribution({ options }: DistributionParts): Distribution {
  throw new TransportError(`node ${options.name} cannot be distributed`);
}
