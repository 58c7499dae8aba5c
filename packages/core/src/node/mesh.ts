/** What nodes tell each other about third nodes, so that the mesh completes itself (NODE-6). */
import type { LossCause } from "../dist/channel.ts";
import type { Signal } from "../signal/signal.ts";
import type { Pid } from "../term/pid.ts";
import { isNodeName } from "./names.ts";

const mostNodes = 10_000;

/** Tells a peer which nodes this one is connected to. */
export function nodesSignal(from: Pid, nodes: readonly string[]): Signal {
  return { op: "sendName", from, to: "$net", message: { type: "nodes", nodes } };
}

/** The node names in such a message; what makes no sense is left out. */
export function readNodes(message: unknown): readonly string[] {
  if (typeof message !== "object" || message === null || !("nodes" in message)) return [];
  const { nodes } = message;
  return Array.isArray(nodes) ? nodes.slice(0, mostNodes).filter((node) => isNodeName(node)) : [];
}

/**
 * How often a node that does not answer in time is tried. Giving one up costs it all its connections, and where many nodes meet at once on a
 * machine that is too small for them, slowness is the rule.
 */
const mostAttempts = 4;

/** The attempts to connect to nodes that a peer has told of. */
export class MeshJoins {
  readonly #attempts = new Map<string, number>();

  begin(node: string): void {
    this.#attempts.set(node, (this.#attempts.get(node) ?? 0) + 1);
  }

  delete(node: string): void {
    this.#attempts.delete(node);
  }

  clear(): void {
    this.#attempts.clear();
  }

  /**
   * What follows from a failure: another attempt, where the node was only slow; `"given up"` where it has refused; and nothing
   * where there is no such node any more, for then nobody else has it either.
   */
  failed(node: string, { kind }: LossCause): "again" | "given up" | "nothing" {
    const attempts = this.#attempts.get(node) ?? 0;
    if (attempts > 0 && kind === "setup_timeout" && attempts < mostAttempts) return "again";
    this.#attempts.delete(node);
    const isThere = kind === "cookie" || kind === "refused" || kind === "setup_timeout" || kind === "name_clash";
    return attempts > 0 && isThere ? "given up" : "nothing";
  }
}
