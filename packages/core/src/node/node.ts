/**
 * A node: the one owner of everything. It puts kernel, connections and services together, and starts and stops them.
 *
 * Many nodes live in one program and share nothing but its code. A node without a name is complete for itself (NODE-1).
 */
import { isatty } from "node:tty";

import type { Logger } from "pino";

import { ErlangCodec } from "../codec/erlang-codec.ts";
import type { LossCause } from "../dist/channel.ts";
import type { DistributionCounters } from "../dist/contract.ts";
import { hostStdio, type NodeConsole, startConsole } from "../io/console.ts";
import { defaultLogger } from "../io/log.ts";
import { LeaderIo } from "../io/process-io.ts";
import { checkKernel, type Violation } from "../process/check.ts";
import type { ControlBlock } from "../process/control-block.ts";
import { Kernel } from "../process/kernel.ts";
import { SystemRuntime } from "../runtime/system.ts";
import { IdentityTable } from "../term/identity.ts";
import type { Global } from "../cluster/global.ts";
import type { ProcessGroups } from "../cluster/pg.ts";
import { spawnedName } from "../cluster/rpc-worker.ts";
import type { Rpc } from "../cluster/rpc.ts";
import { clusterServices } from "./cluster-services.ts";
import { Cookies } from "./cookies.ts";
import { LocalNode } from "./local-node.ts";
import { Membership, newCreation } from "./membership.ts";
import { noNode } from "./names.ts";
import { NodeLog } from "./node-log.ts";
import { type CheckedOptions, checkOptions, type DistributionStart, type NodeOptions } from "./options.ts";
import type { NodeKind } from "./peers-options.ts";
import { Peers } from "./peers.ts";
import { sourceReader } from "./source-code.ts";
import { SystemNames } from "./system-names.ts";

declare module "../process/host.ts" {
  // What the process layer calls a host is a node.
  interface Host extends Node {}
}

/** One node of a cluster, or a node of its own. */
export class Node extends LocalNode {
  protected readonly kernel: Kernel;
  /** The names and locks of the whole cluster. */
  readonly global: Global;
  /** The process groups of the whole cluster. */
  readonly pg: ProcessGroups;
  /** Calls of functions on other nodes. */
  readonly rpc: Rpc;
  readonly #peers: Peers;
  readonly #cookies: Cookies;
  readonly #membership: Membership;
  readonly #logger: Logger;
  readonly #console: NodeConsole;
  #stopping: Promise<void> | null = null;

  private constructor(options: CheckedOptions) {
    super();
    const runtime = options.runtime ?? new SystemRuntime();
    const maySpawn = spawnPolicy(options.allowSpawn);
    const system = new SystemNames();
    const identities = new IdentityTable(noNode, newCreation(runtime));
    identities.readSource = sourceReader(options.trustRemoteCode);
    const codec = new ErlangCodec({ identities });
    this.#cookies = new Cookies(runtime);
    const log = new NodeLog(
      options.logger ?? defaultLogger({ environment: process.env, isTerminal: isatty(2) }),
      options.name,
    );
    this.#logger = log.logger;
    this.kernel = new Kernel({
      runtime,
      identities,
      host: this,
      isolation: options.isolation === "copy" ? (message) => codec.decode(codec.encode(message)) : options.isolation,
      services: {
        logger: (self) => log.of(self),
        io: (self) => new LeaderIo(self),
        monitorNode: (self, node, on) => this.#peers.monitorNode(self, node, on),
        monitorNodes: (self, on, wishes) => this.#peers.monitorNodes(self, on, wishes),
        whereisGlobal: (name) => this.global.whereisName(name),
        registerGlobal: (name, pid) => this.global.registerName(name, pid),
        unregisterGlobal: (name) => this.global.unregisterName(name),
        route: (node, signal) => this.#peers.route(node, signal),
        reach: (node) => this.#peers.reach(node),
        whenReady: (node, resume) => this.#peers.whenReady(node, resume),
        report: (report) => log.report(report),
      },
    });
    this.#peers = new Peers({
      kernel: this.kernel,
      system,
      logger: this.#logger,
      maySpawn: (name, peer, args) => maySpawn(spawnedName(name, args), peer),
    });
    this.#membership = new Membership({
      kernel: this.kernel,
      peers: this.#peers,
      cookies: this.#cookies,
      log,
      options,
    });
    log.share({ kernel: this.kernel, peers: this.#peers, system });
    this.#console = startConsole(this.kernel, { stdio: hostStdio(options.stdio), mayCall: maySpawn });
    this.kernel.leader = this.#console.pid;
    const services = clusterServices({ kernel: this.kernel, peers: this.#peers, system, logger: this.#logger });
    this.global = services.global;
    this.pg = services.pg;
    this.rpc = services.rpc;
  }

  /**
   * Starts a node. With a `name` and a `transport` it is reachable by others that have the same cookie.
   *
   * @throws ArgumentError for options that make no sense, CookieError when the cookie cannot be had, TransportError when
   * the medium cannot be reached or a live node has the name already (NODE-19).
   *
   * @example
   * import { Node } from "@otp/core";
   *
   * const node = await Node.start();
   * node.name; // => "nonode@nohost"
   * await node.stop();
   */
  static async start(options: NodeOptions = {}): Promise<Node> {
    const node = new Node(checkOptions(options, process.env["NODE_ENV"] === "production"));
    try {
      await node.#membership.begin();
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  }

  /**
   * Makes a node that is on its own part of a distributed system; like `net_kernel:start`. Its processes keep their pids, its
   * name and incarnation change. What is left open is as it was given to `Node.start`.
   *
   * @throws the errors of `Node.start`; the node is on its own then, as before.
   */
  startDistribution(options: DistributionStart): Promise<"ok" | "already_started"> {
    return this.#membership.start(options);
  }

  /**
   * Makes it a node on its own again; like `net_kernel:stop`. Peers are told, links and monitors over the connections yield
   * `noconnection`. `"not_allowed"` for a node that was started with a name.
   */
  stopDistribution(): Promise<"ok" | "not_found" | "not_allowed"> {
    return this.#membership.stop();
  }

  /** The node's name; `nonode@nohost` when it is not distributed. */
  get name(): string {
    return this.kernel.own.name;
  }

  /** The number of this start; pids of other starts under the same name are dead (NODE-17). */
  get incarnation(): number {
    return this.kernel.own.creation;
  }

  /** Whether the node is part of a distributed system. */
  get isAlive(): boolean {
    return this.name !== noNode;
  }

  /** The node's logger. */
  get log(): Logger {
    return this.#logger;
  }

  /** Whether the medium that carries this node's signals is there at the moment; false on a node of its own. */
  get isMediumUp(): boolean {
    return this.#membership.distribution?.isMediumUp ?? false;
  }

  /** Milliseconds on a clock that never goes back. */
  monotonicTime(): number {
    return this.kernel.runtime.now();
  }

  /** Connects to `node`: true, also when it was connected; false when it cannot be; `"ignored"` on a node of its own. */
  connect(node: string): Promise<boolean | "ignored"> {
    return this.#peers.connect(node);
  }

  /** Ends the connection: links and monitors over it yield `noconnection` on both sides (NODE-8). */
  async disconnect(node: string): Promise<boolean | "ignored"> {
    return this.#peers.disconnect(node);
  }

  /** `"pong"` when `node` can be reached, connecting where a signal to it would (NODE-3), else `"pang"`. */
  async ping(node: string): Promise<"pong" | "pang"> {
    return (await this.#peers.ping(node)) ? "pong" : "pang";
  }

  /** The connected nodes of that kind, by default the visible ones (NODE-4). */
  list(kind: NodeKind = "visible"): string[] {
    return this.#peers.list(kind);
  }

  /** The nodes that can be seen on the medium, connected or not; none on a node of its own. */
  async discover(): Promise<readonly string[]> {
    const found = (await this.#membership.distribution?.discover()) ?? [];
    return found.filter((node) => node !== this.name);
  }

  /**
   * Changes after how much silence a peer counts as lost, for present connections as well, and tells whether that was a change;
   * `"ignored"` on a node of its own. Peers with other tick times do not mind (NODE-20).
   */
  setTickTime(ms: number): "changed" | "unchanged" | "ignored" {
    return this.#membership.setTickTime(ms);
  }

  /** The tick time in ms; `"ignored"` on a node of its own. */
  getTickTime(): number | "ignored" {
    return this.#membership.tickTimeMs;
  }

  /** Whether more waits for `node` than it takes at the moment; sending goes on being accepted (TR-8). */
  isBusy(node: string): boolean {
    return this.#peers.reach(node) === "busy";
  }

  /** Resolves when `node` is not busy (any more), or not connected. */
  drained(node: string): Promise<void> {
    return new Promise((resolve) => {
      this.#peers.whenReady(node, resolve);
    });
  }

  /** What has gone over the node's connections since it became distributed; undefined on a node of its own. */
  counters(): DistributionCounters | undefined {
    return this.#membership.distribution?.counters();
  }

  /** Why the last attempt to connect to `node` failed, if it did and there is no connection now. */
  refusalOf(node: string): LossCause | undefined {
    return this.#peers.refusalOf(node);
  }

  /** The cookie towards `peer`, or this node's own. */
  getCookie(peer?: string): string {
    return this.#cookies.get(peer);
  }

  /** Changes the cookie for connections to come, towards one peer or all (NODE-7); true. */
  setCookie(cookie: string, peer?: string): true {
    return this.#cookies.set(cookie, peer);
  }

  /** Walks every table and names what does not agree: nothing, always. */
  check(): Violation[] {
    return checkKernel(this.kernel);
  }

  /**
   * Stops the node in order: peers are told, what was sent is flushed, then every process ends with `shutdown`. Afterwards
   * nothing of it is left running. Called again it waits for the same end.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#membership.end();
    // The device last: whoever ends may still have something to say.
    const { pid } = this.#console;
    const { processes } = this.kernel;
    const others = (): ControlBlock[] => [...processes].filter((running) => running.pid !== pid);
    // What listeners of the ends have started meanwhile is ended as well.
    for (let rest = others(); rest.length > 0; rest = others()) for (const one of rest) one.terminate("shutdown");
    this.#console.close();
    this.kernel.stopTimers();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The kernel of a node, for sibling packages. */
  static kernelOf(node: Node): Kernel {
    return node.kernel;
  }

  /** The connections of a node, for sibling packages. */
  static readonly peersOf: (node: Node) => Peers = (node) => node.#peers;
}

function spawnPolicy(allowed: NodeOptions["allowSpawn"]): (name: string, peer: string) => boolean {
  if (allowed === undefined) return () => true;
  if (typeof allowed === "function") return allowed;
  const names = new Set(allowed);
  return (name) => names.has(name);
}
