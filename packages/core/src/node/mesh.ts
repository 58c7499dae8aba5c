/** What nodes tell each other about third nodes, so that the mesh completes itself (NODE-6). */
import { type Check, fits, type Shapes } from "../cluster/message-shape.ts";
import type { LossCause } from "../dist/channel.ts";
import type { Signal } from "../signal/signal.ts";
import type { Pid } from "../term/pid.ts";
import { isNodeName, noNode } from "./names.ts";

const mostNodes = 10_000;

/** A message between nodes about third nodes. */
type NetMessage =
  /** I am connected to these; what is no name of a node does not count. */
  | { readonly type: "nodes"; readonly nodes: readonly unknown[] }
  /** Nobody seems to listen for that node: look, too. */
  | { readonly type: "doubted"; readonly node: string };

const isList: Check = (value) => Array.isArray(value);

/** The fields of each message. */
export const netShapes: Shapes & Readonly<Record<NetMessage["type"], unknown>> = {
  nodes: { nodes: isList },
  doubted: { node: isNodeName },
};

function isNetMessage(message: unknown): message is NetMessage {
  return fits(message, netShapes);
}

function isDistributed(node: unknown): node is string {
  return isNodeName(node) && node !== noNode;
}

/**
 * How often a node that does not answer in time is tried. Giving one up costs it all its connections, and where many nodes meet at once on a
 * machine that is too small for them, slowness is the rule.
 */
const mostAttempts = 4;

/** What the mesh needs of the node. */
export interface MeshHost {
  /** The process in whose name nodes speak. */
  readonly root: Pid;
  /** Whether this node connects to whom its peers are connected to. */
  joins(): boolean;
  /** The visible nodes that are connected. */
  list(): readonly string[];
  send(node: string, signal: Signal): void;
  /** Whether a node could be connected to and is not. */
  lacks(node: string): boolean;
  /** Whether it is being connected to. */
  isTrying(node: string): boolean;
  /** Begins to connect, unless that is under way. */
  attempt(node: string): void;
  /** Looks whether a connected node is still there. */
  doubt(node: string): void;
}

/** The part of one node in the talk about third nodes. */
export class Mesh {
  readonly #host: MeshHost;
  /** How often those were tried that a peer has told of, and that are not connected yet. */
  readonly #attempts = new Map<string, number>();

  constructor(host: MeshHost) {
    this.#host = host;
  }

  /** A message of a peer, not yet checked. */
  receive(message: unknown): void {
    if (!isNetMessage(message)) return;
    if (message.type === "doubted") this.#host.doubt(message.node);
    else this.join(message.nodes.slice(0, mostNodes).filter((node) => isDistributed(node)));
  }

  /** A peer tells whom it is connected to: the mesh completes itself (NODE-6). */
  join(nodes: readonly string[]): void {
    if (!this.#host.joins()) return;
    for (const node of nodes) {
      if (!this.#host.lacks(node)) continue;
      const before = this.#attempts.get(node) ?? 0;
      // Many peers tell of it while one attempt is made.
      if (before === 0 || !this.#host.isTrying(node)) this.#attempts.set(node, before + 1);
      this.#host.attempt(node);
    }
  }

  /** A visible node has connected, and is told of the others. */
  greet(node: string): void {
    if (!this.#host.joins()) return;
    const nodes = this.#host.list().filter((each) => each !== node);
    if (nodes.length > 0) this.#tell(node, { type: "nodes", nodes });
  }

  /** Nobody seems to listen for a node: the others are told, so that they look, too. */
  doubted(node: string): void {
    const visible = this.#host.list();
    if (!visible.includes(node)) return;
    for (const each of visible) if (each !== node) this.#tell(each, { type: "doubted", node });
  }

  /** A node has connected. */
  up(node: string): void {
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

  #tell(node: string, message: NetMessage): void {
    this.#host.send(node, { op: "sendName", from: this.#host.root, to: "$net", message });
  }
}
