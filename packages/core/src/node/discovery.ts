/**
 * Finding the other nodes of a cluster on the medium, for nodes that were started with `discover`.
 *
 * Whoever starts later finds those who were there, so one look at the start is enough while all goes well; looks from
 * time to time bring parts together again that a broker's outage has separated. Soon after a loss they are frequent.
 */
import type { Logger } from "pino";

import type { Distribution } from "../dist/contract.ts";
import type { Runtime, TimerHandle } from "../runtime/runtime.ts";
import { isNodeName } from "./names.ts";
import type { Peers } from "./peers.ts";

const everyMs = 15_000;
const afterLossMs = 500;
const slowdown = 1.5;

/** What discovery works with. */
export interface DiscoveryParts {
  readonly runtime: Runtime;
  readonly distribution: Distribution;
  readonly peers: Peers;
  readonly logger: Logger;
}

/** Looks for nodes and connects to them. */
export class Discovery {
  readonly #parts: DiscoveryParts;
  #timer: TimerHandle | null = null;
  #nextMs = everyMs;
  #isStopped = false;

  constructor(parts: DiscoveryParts) {
    this.#parts = parts;
    parts.peers.listen({ up: () => undefined, down: () => this.#lookAgain() });
  }

  /** Connects to every node that can be seen, and goes on looking from time to time; resolves with what it found. */
  async look(): Promise<readonly string[]> {
    const { distribution, peers, logger } = this.#parts;
    let found: readonly string[] = [];
    try {
      found = (await distribution.discover()).filter((node) => isNodeName(node) && node !== peers.own);
      await Promise.all(found.map((node) => peers.connect(node)));
    } catch (error) {
      logger.warn({ event: "discovery_failed", err: error }, "cannot look for other nodes at the moment");
    }
    this.#lookIn(this.#nextMs);
    this.#nextMs = Math.min(everyMs, this.#nextMs * slowdown);
    return found;
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #lookAgain(): void {
    this.#nextMs = afterLossMs;
    this.#lookIn(afterLossMs);
  }

  #lookIn(ms: number): void {
    if (this.#isStopped) return;
    this.#timer?.cancel();
    this.#timer = this.#parts.runtime.setTimer(ms, () => void this.look(), true);
  }
}
