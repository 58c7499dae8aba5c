/** When the nodes of a workload have heard something last, and how long they had not when a connection was lost. */
import type { Node } from "@otp/core";
import { Node as Inner } from "@otp/core/internal";
import type { Simulation } from "@otp/testing";

/** After so much silence, in ms, a peer may be given up: a quarter less than the tick time of simulated nodes (NODE-20). */
const silentMs = 1_500;
/** How long the word of a peer that it has given up may take, in ms. */
const wordMs = 500;

/** One node's ear. */
export class Ear {
  readonly #node: Node;
  readonly #now: () => number;
  #received = 0;
  #heardAt: number;
  /** When a connection was lost, and after how much silence. */
  readonly losses: { readonly at: number; readonly silence: number }[] = [];

  constructor(node: Node, now: () => number) {
    this.#node = node;
    this.#now = now;
    this.#heardAt = now();
    const { remotes } = Inner.kernelOf(node);
    const sweep = remotes.sweep.bind(remotes);
    remotes.sweep = (peer) => {
      this.losses.push({ at: now(), silence: now() - this.#heardAt });
      sweep(peer);
    };
  }

  /** Takes note of whether something has come; to be called after everything that happens. */
  listen(): void {
    const received = this.#node.counters()?.framesReceived ?? 0;
    if (received === this.#received) return;
    this.#received = received;
    this.#heardAt = this.#now();
  }
}

/** The ears of two nodes, which listen until the run is over. */
export function listen(sim: Simulation, nodes: readonly Node[]): readonly Ear[] {
  const ears = nodes.map((node) => new Ear(node, () => sim.now()));
  void sim.run({
    until: () => {
      for (const ear of ears) ear.listen();
      return false;
    },
  });
  return ears;
}

/** TR-4 NODE-20: connections that were lost although both sides had heard of each other. */
export function needlessLosses(ears: readonly Ear[]): string[] {
  const silences = ears.flatMap(({ losses }) => losses).filter(({ silence }) => silence >= silentMs);
  return ears
    .flatMap(({ losses }) => losses)
    .filter(({ at, silence }) => silence < silentMs && !silences.some((other) => Math.abs(other.at - at) <= wordMs))
    .map(({ silence }) => `TR-4: a connection was lost after ${String(silence)} ms of silence`);
}
