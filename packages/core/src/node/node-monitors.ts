/** Who wants to know about other nodes: single-shot monitors and subscriptions (NODE-9, NODE-10). */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { LossCause } from "../dist/channel.ts";
import type { ControlBlock } from "../process/control-block.ts";
import type { MonitorNodesOptions } from "../process/process.ts";

/** What `nodeup` and `nodedown` messages tell besides the name. */
export interface NodeInfo {
  readonly nodeType: "visible" | "hidden";
  /** Why the connection ended; absent in `nodeup`. */
  readonly reason?: LossCause["kind"];
  /** The reason in words. */
  readonly detail?: string;
}

type NodeType = NonNullable<MonitorNodesOptions["nodeType"]>;

interface Subscription {
  readonly process: ControlBlock;
  readonly nodeType: NodeType;
  /** Tells subscriptions apart that were made with different options. */
  readonly key: string;
}

function checkWishes(options: MonitorNodesOptions = {}): Pick<Subscription, "nodeType" | "key"> {
  const { nodeType = "visible", nodedownReason = false } = options;
  if (nodeType !== "visible" && nodeType !== "hidden" && nodeType !== "all") {
    throw new ArgumentError(`expected nodeType to be "visible", "hidden" or "all". Got: ${show(nodeType)}`);
  }
  return { nodeType, key: `${nodeType} ${String(nodedownReason)}` };
}

/** The node watchers of one node. */
export class NodeMonitors {
  /** By node: each process once per monitor. */
  readonly #single = new Map<string, ControlBlock[]>();
  #subscriptions: Subscription[] = [];
  readonly #known = new Set<ControlBlock>();

  /** One more `nodedown` for the next loss of `node`. */
  add(process: ControlBlock, node: string): void {
    const watchers = this.#single.get(node);
    if (watchers === undefined) this.#single.set(node, [process]);
    else watchers.push(process);
    this.#forgetAtEnd(process);
  }

  /** Takes one monitor back. */
  remove(process: ControlBlock, node: string): void {
    const watchers = this.#single.get(node);
    const at = watchers?.indexOf(process) ?? -1;
    if (watchers === undefined || at < 0) return;
    watchers.splice(at, 1);
    if (watchers.length === 0) this.#single.delete(node);
  }

  subscribe(process: ControlBlock, options: MonitorNodesOptions | undefined): void {
    this.#subscriptions.push({ process, ...checkWishes(options) });
    this.#forgetAtEnd(process);
  }

  unsubscribe(process: ControlBlock, options: MonitorNodesOptions | undefined): void {
    const { key } = checkWishes(options);
    this.#subscriptions = this.#subscriptions.filter((held) => held.process !== process || held.key !== key);
  }

  /** Tells subscribers that `node` is connected. */
  up(node: string, info: NodeInfo): void {
    this.#publish(info, { type: "nodeup", node, info });
  }

  /** Tells everybody that `node` is lost; single monitors are spent by it. */
  down(node: string, info: NodeInfo): void {
    const message = { type: "nodedown", node, info };
    this.spend(node, info);
    this.#publish(info, message);
  }

  /** Fires the single monitors only: the node could not be reached in the first place. */
  spend(node: string, info: NodeInfo): void {
    const watchers = this.#single.get(node) ?? [];
    this.#single.delete(node);
    for (const process of watchers) process.accept({ type: "nodedown", node, info });
  }

  /** How many watchers are held, for leak checks. */
  get size(): number {
    let size = this.#subscriptions.length;
    for (const watchers of this.#single.values()) size += watchers.length;
    return size;
  }

  #publish(info: NodeInfo, message: unknown): void {
    for (const { process, nodeType } of this.#subscriptions) {
      if (nodeType === "all" || nodeType === info.nodeType) process.accept(message);
    }
  }

  #forgetAtEnd(process: ControlBlock): void {
    if (this.#known.has(process)) return;
    this.#known.add(process);
    process.onEnd(() => {
      this.#known.delete(process);
      this.#subscriptions = this.#subscriptions.filter((held) => held.process !== process);
      for (const [node, watchers] of this.#single) {
        const others = watchers.filter((watcher) => watcher !== process);
        if (others.length === 0) this.#single.delete(node);
        else this.#single.set(node, others);
      }
    });
  }
}
