/**
 * Keeps partitions from overlapping, as Erlang's `global` does since OTP 25 (`prevent_overlapping_partitions`).
 *
 * Where a is connected to b and c, but these are not to each other, names have an owner per pair and not per part of the
 * cluster. So whoever loses a node says so, and who hears of it gives that node up, too:
 *
 * ```
 * a ── b      a loses b and tells c: "lost b"
 *  ╲  ╱       c asks b to give up the connection: "remove"
 *   c         b does so ("removed"), and nobody is told of that loss, which somebody has asked for
 * ```
 *
 * A node that is dead does not do what it is asked for: its loss is noticed here in its own time, with its own cause. What is
 * asked for concerns one incarnation, over the connection that there is; who comes back afterwards is welcome.
 */
import type { ClusterHost, ClusterService } from "./cluster-host.ts";
import { isOverlapMessage, type Loss, type LostMessage, type OverlapMessage } from "./overlap-messages.ts";

/** The node, as far as it matters here. */
export interface OverlapHost extends Pick<
  ClusterHost,
  "log" | "send" | "disconnect" | "creationOf" | "soon" | "partitions"
> {
  readonly kernel: { readonly own: { readonly name: string; readonly creation: number } };
}

/** How many losses are remembered, so that what is heard on two ways counts once. */
const mostSeen = 10_000;

/** The part of one node in keeping partitions apart. */
export class Overlaps implements ClusterService {
  readonly #host: OverlapHost;
  /** The connected nodes, with their incarnations. */
  readonly #peers = new Map<string, number>();
  /** Those whose connection is about to end by request; told when they have said so. */
  readonly #leaving = new Map<string, "asked" | "told">();
  /** What the others have yet to be told. */
  #lost = new Map<string, number | null>();
  #serial = 0;
  readonly #seen = new Map<string, { readonly creation: number; readonly serial: number }>();

  constructor(host: OverlapHost) {
    this.#host = host;
  }

  up(node: string): void {
    this.#leaving.delete(node);
    this.#peers.set(node, this.#host.creationOf(node) ?? 0);
  }

  down(node: string): void {
    const creation = this.#peers.get(node);
    this.#peers.delete(node);
    if (this.#leaving.delete(node) || creation === undefined) return;
    this.#tell(node, creation);
  }

  /** A node that is connected to a peer of this one cannot be connected to from here. */
  failed(node: string): void {
    if (this.#host.partitions() !== "prevented") return;
    this.#host.log.warn(
      { event: "global_connect_failed", peer: node },
      `'global' at ${this.#own} failed to connect to ${node}`,
    );
    this.#tell(node, null);
  }

  receive(from: string, message: unknown): void {
    if (!this.#peers.has(from) || this.#host.partitions() === "outside" || !isOverlapMessage(message)) return;
    if (message.type === "remove") this.#onRemove(from);
    else if (message.type === "removed") this.#onRemoved(from);
    else if (this.#host.partitions() === "prevented") this.#onLost(from, message);
  }

  get #own(): string {
    return this.#host.kernel.own.name;
  }

  /**
   * What is lost at about the same time is told in one message to each, and not at once: a node that has stood still loses its old
   * connections one by one while it makes new ones, and what it has back by then is none of the others' business.
   */
  #tell(node: string, creation: number | null): void {
    if (this.#host.partitions() !== "prevented" || this.#peers.size === 0) return;
    const lost = this.#lost;
    // What has been told meanwhile has taken its moment along: what came later waits for its own.
    if (lost.size === 0) {
      this.#host.soon(() => {
        if (lost === this.#lost) this.#flush();
      });
    }
    lost.set(node, creation);
  }

  #flush(): void {
    const nodes = [...this.#lost].filter(([node]) => !this.#peers.has(node));
    this.#lost = new Map();
    if (nodes.length === 0 || this.#host.partitions() !== "prevented") return;
    this.#serial += 1;
    const { name, creation } = this.#host.kernel.own;
    this.#spread({ type: "lost", by: name, creation, serial: this.#serial, nodes }, name);
  }

  /**
   * Sends it to all that are to stay, also to those who may know: what `by` has said itself may be lost, since its own connections
   * end by request as well.
   */
  #spread(message: LostMessage, from: string): void {
    for (const node of this.#peers.keys()) {
      if (node !== from && node !== message.by && !this.#leaving.has(node)) this.#send(node, message);
    }
  }

  #onLost(from: string, message: LostMessage): void {
    if (message.by === this.#own) return;
    const nodes = message.nodes.filter((loss) => this.#isNew(message, loss) && this.#concerns(message, loss));
    if (nodes.length === 0) return;
    for (const [node] of nodes) {
      this.#leaving.set(node, "asked");
      this.#send(node, { type: "remove" });
    }
    // Who knows none of them here has nothing to say about them either.
    this.#spread({ ...message, nodes }, from);
  }

  /** Whether it is heard for the first time; from then on it is not. */
  #isNew({ by, creation, serial }: LostMessage, [node]: Loss): boolean {
    const key = `${by} ${node}`;
    const before = this.#seen.get(key);
    if (before?.creation === creation && serial <= before.serial) return false;
    this.#seen.delete(key);
    this.#seen.set(key, { creation, serial });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > mostSeen && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }

  /** Whether the connection to that node is one that is to end. */
  #concerns({ by }: LostMessage, [node, creation]: Loss): boolean {
    const known = this.#peers.get(node);
    if (known === undefined || node === by || this.#leaving.has(node)) return false;
    return creation === null || creation === known;
  }

  #onRemove(from: string): void {
    // What was lost before is told before, to that node as well.
    this.#flush();
    this.#leaving.set(from, "told");
    this.#send(from, { type: "removed" });
    this.#host.log.warn(
      { event: "global_disconnected", peer: from },
      `'global' at node ${this.#own} disconnected node ${from} in order to prevent overlapping partitions`,
    );
    this.#host.disconnect(from);
  }

  #onRemoved(from: string): void {
    if (this.#leaving.get(from) !== "asked") return;
    this.#leaving.set(from, "told");
    this.#host.log.warn(
      { event: "global_requested_disconnect", peer: from },
      `'global' at node ${this.#own} requested disconnect from node ${from} in order to prevent overlapping partitions`,
    );
  }

  #send(node: string, message: OverlapMessage): void {
    this.#host.send(node, "$overlaps", message);
  }
}
