/**
 * The connections of a node: made on demand, announced, meshed, and lost exactly once.
 *
 * A loss is one sweep: links and monitors over the connection yield `noconnection`, then `nodedown` is told (NODE-12), and
 * only then anyone may connect anew.
 */
import { ArgumentError, ExitError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { PartitionPolicy } from "../cluster/cluster-host.ts";
import type { Channel, LossCause } from "../dist/channel.ts";
import type { Distribution, DistributionEvents } from "../dist/contract.ts";
import { acceptSignal, type Inbound } from "../process/accept-signal.ts";
import type { ControlBlock } from "../process/control-block.ts";
import type { MonitorNodesOptions } from "../process/process.ts";
import type { Reach } from "../process/kernel.ts";
import { connects } from "../signal/connects.ts";
import type { Signal } from "../signal/signal.ts";
import { Mesh } from "./mesh.ts";
import { faultOf, noNode } from "./names.ts";
import { NodeMonitors } from "./node-monitors.ts";
import { alone, type Manners, type NodeKind, type PeerListener, type PeersOptions, policyOf } from "./peers-options.ts";
import { failTo } from "./unreachable.ts";
import { WaitingRoom } from "./waiting-room.ts";

interface Link {
  readonly channel: Channel;
  readonly inbound: Inbound;
}

/** The other nodes, as one node sees them. */
export class Peers implements DistributionEvents {
  readonly monitors: NodeMonitors = new NodeMonitors();
  readonly #options: PeersOptions;
  #distribution: Distribution | null = null;
  #manners = alone;
  readonly #links = new Map<string, Link>();
  /** Attempts under way, with those who wait for their end. */
  readonly #attempts = new WaitingRoom<boolean>();
  readonly #room = new WaitingRoom<void>();
  readonly #mesh: Mesh;
  readonly #known = new Set<string>();
  readonly #refusals = new Map<string, LossCause>();
  readonly #lostOnce = new Set<string>();
  readonly #listeners: PeerListener[] = [];

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#mesh = new Mesh({
      root: options.kernel.root,
      joins: () => this.#manners.connectAll && this.#distribution !== null,
      list: () => this.list(),
      send: (node, signal) => this.channelTo(node)?.send(signal),
      lacks: (node) => !this.#links.has(node) && node !== this.own && faultOf(node, this.own) === undefined,
      isTrying: (node) => this.#attempts.has(node),
      attempt: (node) => this.#attempt(node),
      doubt: (node) => this.#distribution?.doubt(node),
    });
    options.system.set("$net", (_peer, message) => this.#mesh.receive(message));
  }

  /** From here on the node is distributed. */
  attach(distribution: Distribution, manners: Manners): void {
    this.#distribution = distribution;
    this.#manners = manners;
  }

  /** From here on nobody is connected to any more, and what was learnt about others is forgotten. */
  detach(): void {
    this.#distribution = null;
    this.#known.clear();
    this.#mesh.clear();
    this.#refusals.clear();
    this.#lostOnce.clear();
  }

  listen(listener: PeerListener): void {
    this.#listeners.push(listener);
  }

  /** Connects; false when that fails, for whatever reason (NODE-2, NODE-7). */
  connect(node: string): Promise<boolean | "ignored"> {
    if (typeof node !== "string") throw new ArgumentError(`expected the name of a node. Got: ${show(node)}`);
    if (this.#distribution === null) return Promise.resolve("ignored");
    if (node === this.own || this.#links.has(node)) return Promise.resolve(true);
    if (!this.#isReachableName(node)) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#attempt(node);
      this.#attempts.enter(node, resolve);
    });
  }

  /** Whether `node` can be reached, connecting where a signal to it would (NODE-3). */
  async ping(node: string): Promise<boolean> {
    const isReachable = node === this.own || this.#links.has(node) || this.#mayConnect(node);
    return isReachable && (await this.connect(node)) === true;
  }

  /** Ends the connection on purpose (NODE-8). */
  disconnect(node: string): boolean | "ignored" {
    if (this.#distribution === null) return "ignored";
    if (!this.#links.has(node)) return false;
    return this.#distribution.disconnect(node, { kind: "disconnect", detail: "disconnected on purpose" });
  }

  /** Names of nodes, in the order in which they connected. */
  list(kind: NodeKind = "visible"): string[] {
    if (kind === "this") return [this.own];
    if (kind === "known") return [...new Set([this.own, ...this.#known])];
    const connected = [...this.#links].filter(
      ([, { channel }]) => kind === "connected" || this.#isHidden(channel) === (kind === "hidden"),
    );
    return connected.map(([node]) => node);
  }

  /** Why the last attempt to connect to `node` failed. */
  refusalOf(node: string): LossCause | undefined {
    return this.#refusals.get(node);
  }

  /** The nodes that are being connected to. */
  connecting(): string[] {
    return this.#attempts.peers();
  }

  /** Whether signals to that node go over an established connection now. */
  isConnected(node: string): boolean {
    return this.#links.has(node);
  }

  /** The channel to a connected node. */
  channelTo(node: string): Channel | undefined {
    return this.#links.get(node)?.channel;
  }

  /** Takes a signal to another node, connecting where that is allowed (NODE-3); what cannot go out yields `noconnection`. */
  route(node: string, signal: Signal): void {
    const link = this.#links.get(node);
    if (link !== undefined) link.channel.send(signal);
    else if (
      this.#distribution !== null &&
      (this.#attempts.has(node) || (connects[signal.op] && this.#mayConnect(node)))
    ) {
      this.#attempt(node);
      this.#distribution.connect(node).send(signal);
    } else {
      const isStill = (): boolean => !this.#links.has(node) && !this.#attempts.has(node);
      failTo({ ...this.#options, node, isStill }, signal);
    }
  }

  monitorNode(process: ControlBlock, node: string, on: boolean): true {
    if (this.#distribution === null)
      throw new ExitError("notalive", "this node is not distributed: it has no other nodes to monitor");
    if (!on) {
      this.monitors.remove(process, node);
      return true;
    }
    this.monitors.add(process, node);
    if (node === this.own || this.#links.has(node)) return true;
    if (this.#mayConnect(node)) this.#attempt(node);
    else
      this.#options.kernel.runtime.defer(() =>
        this.monitors.spend(node, { nodeType: "visible", reason: "refused", detail: "not connected" }),
      );
    return true;
  }

  monitorNodes(process: ControlBlock, on: boolean, options: MonitorNodesOptions | undefined): "ok" {
    if (on) this.monitors.subscribe(process, options);
    else this.monitors.unsubscribe(process, options);
    return "ok";
  }

  up(channel: Channel): void {
    const { name } = channel.peer;
    const { kernel, maySpawn } = this.#options;
    this.#links.set(name, { channel, inbound: { kernel, peer: name, maySpawn } });
    this.#known.add(name);
    this.#refusals.delete(name);
    this.#mesh.up(name);
    const isHidden = this.#isHidden(channel);
    this.monitors.up(name, { nodeType: isHidden ? "hidden" : "visible" });
    this.#settle(name, true);
    if (isHidden) return;
    this.#mesh.greet(name);
    for (const listener of this.#listeners) listener.up(name);
  }

  signal(channel: Channel, signal: Signal): void {
    const link = this.#links.get(channel.peer.name);
    if (link === undefined || link.channel !== channel) return;
    if (signal.op === "sendName") {
      const handler = this.#options.system.get(signal.to);
      if (handler !== undefined) {
        handler(channel.peer.name, signal.message);
        return;
      }
    }
    if (!acceptSignal(link.inbound, signal)) {
      this.#options.logger.warn(
        { event: "bad_signal", peer: channel.peer.name, op: signal.op },
        "ignored a signal that its sender may not send",
      );
    }
  }

  drained(channel: Channel): void {
    this.#room.tell(channel.peer.name);
  }

  doubted({ peer }: Channel): void {
    this.#mesh.doubted(peer.name);
  }

  /** How signals to that node would fare now. */
  reach(node: string): Reach {
    const link = this.#links.get(node);
    if (link === undefined) return "unconnected";
    return link.channel.isBusy ? "busy" : "ready";
  }

  /** Calls `resume` once when the peer holds nothing up, at once if it does not or there is no connection (TR-8). */
  whenReady(node: string, resume: () => void): void {
    if (this.reach(node) === "busy" || this.#attempts.has(node)) this.#room.enter(node, resume);
    else resume();
  }

  lost(channel: Channel, cause: LossCause): void {
    const { name } = channel.peer;
    if (this.#links.get(name)?.channel !== channel) return;
    const isHidden = this.#isHidden(channel);
    this.#links.delete(name);
    this.#lostOnce.add(name);
    const { kind: reason, detail } = cause;
    this.#options.logger.info({ event: "nodedown", peer: name, reason, detail }, `node ${name} is down: ${detail}`);
    this.#options.kernel.remotes.sweep(name);
    this.#room.tell(name);
    if (!isHidden) for (const listener of this.#listeners) listener.down(name);
    this.monitors.down(name, { nodeType: isHidden ? "hidden" : "visible", reason, detail });
  }

  refused(peer: string, cause: LossCause): void {
    this.#refusals.set(peer, cause);
    const { kind: reason, detail } = cause;
    this.#options.logger.debug({ event: "connect_failed", peer, reason, detail }, `no connection to ${peer}`);
    this.#options.kernel.remotes.sweep(peer);
    this.monitors.spend(peer, { nodeType: "visible", reason, detail });
    this.#settle(peer, false);
    const next = this.#mesh.failed(peer, cause);
    if (next === "again") this.#options.kernel.runtime.defer(() => this.#mesh.join([peer]));
    else if (next === "given up") for (const listener of this.#listeners) listener.failed?.(peer);
  }

  closed(error: Error | undefined): void {
    this.detach();
    this.#options.logger.error(
      { event: "transport_closed", err: error },
      "this node has lost its transport and is alone from now on",
    );
  }

  /** What this node does about partitions that overlap; nothing once it is being stopped. */
  get partitions(): PartitionPolicy {
    return policyOf(this.#distribution === null ? alone : this.#manners);
  }

  get own(): string {
    return this.#options.kernel.own.name;
  }

  #isHidden(channel: Channel): boolean {
    return channel.peer.hidden || this.#manners.hidden;
  }

  #attempt(node: string): void {
    this.#known.add(node);
    if (this.#attempts.has(node)) return;
    this.#attempts.prepare(node);
    this.#distribution?.connect(node);
  }

  #settle(node: string, connected: boolean): void {
    this.#attempts.tell(node, connected);
    if (this.reach(node) !== "busy") this.#room.tell(node);
  }

  #mayConnect(node: string): boolean {
    if (!this.#isReachableName(node)) return false;
    if (this.#attempts.has(node)) return true;
    const { autoConnect } = this.#manners;
    return autoConnect === "always" || (autoConnect === "once" && !this.#lostOnce.has(node));
  }

  #isReachableName(node: string): boolean {
    if (node === this.own || node === noNode) return false;
    const fault = faultOf(node, this.own);
    if (fault !== undefined) this.#options.logger.error({ event: "bad_name", peer: node }, fault);
    return fault === undefined;
  }
}
