/** What nodes tell each other about third nodes, so that the mesh completes itself (NODE-6). */
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
