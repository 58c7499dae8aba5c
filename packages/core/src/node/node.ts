/**
 * A node: the one owner of everything. It puts kernel, connections and services together, and starts and stops them.
 *
 * Many nodes live in one program and share nothing but its code. A node without a name is complete for itself (NODE-1).
 */
import { isatty } from "node:tty";

import type { Logger } from "pino";

import { ErlangCodec } from "../codec/erlang-codec.ts";
import type { LossCause } from "../dist/channel.ts";
import type { Distribution } from "../dist/contract.ts";
import { hostStdio, type NodeConsole, startConsole } from "../io/console.ts";
import { defaultLogger } from "../io/log.ts";
import { LeaderIo } from "../io/process-io.ts";
import { checkKernel, type Violation } from "../process/check.ts";
import { Kernel } from "../process/kernel.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { SystemRuntime } from "../runtime/system.ts";
import { IdentityTable } from "../term/identity.ts";
import type { Global } from "../cluster/global.ts";
import type { ProcessGroups } from "../cluster/pg.ts";
import { spawnedName } from "../cluster/rpc-worker.ts";
import type { Rpc } from "../cluster/rpc.ts";
import { clusterServices } from "./cluster-services.ts";
import { Cookies } from "./cookies.ts";
import { Discovery } from "./discovery.ts";
import { distributionOf } from "./distributed.ts";
import { LocalNode } from "./local-node.ts";
import { noNode } from "./names.ts";
import { NodeLog } from "./node-log.ts";
import { type CheckedOptions, checkOptions, type NodeOptions } from "./options.ts";
import type { NodeKind } from "./peers-options.ts";
import { Peers } from "./peers.ts";
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
  readonly #logger: Logger;
  readonly #console: NodeConsole;
  readonly #system = new SystemNames();
  #distribution: Distribution | null = null;
  #discovery: Discovery | null = null;
  #stopping: Promise<void> | null = null;

  private constructor(options: CheckedOptions, cookies: Cookies) {
    super();
    const runtime = options.runtime ?? new SystemRuntime();
    const maySpawn = spawnPolicy(options.allowSpawn);
    // The incarnation: 0 is reserved, 1 to 3 are those of ancient Erlang nodes.
    const creation = 4 + runtime.pick(2 ** 32 - 4);
    const identities = new IdentityTable(options.name, creation);
    const codec = new ErlangCodec({ identities });
    this.#cookies = cookies;
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
        report: (report) => log.report(report),
      },
    });
    this.#peers = new Peers({
      kernel: this.kernel,
      system: this.#system,
      logger: this.#logger,
      autoConnect: options.autoConnect,
      connectAll: options.connectAll,
      hidden: options.hidden,
      maySpawn: (name, peer, args) => maySpawn(spawnedName(name, args), peer),
    });
    log.share({ kernel: this.kernel, peers: this.#peers, system: this.#system });
    this.#console = startConsole(this.kernel, { stdio: hostStdio(options.stdio), mayCall: maySpawn });
    this.kernel.leader = this.#console.pid;
    const services = clusterServices({
      kernel: this.kernel,
      peers: this.#peers,
      system: this.#system,
      logger: this.#logger,
    });
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
    const checked = checkOptions(options, process.env["NODE_ENV"] === "production");
    const runtime: Runtime = checked.runtime ?? new SystemRuntime();
    const cookies = new Cookies(checked.name, checked.cookie, runtime);
    const node = new Node({ ...checked, runtime }, cookies);
    if (checked.transport !== undefined) await node.#distribute(checked, checked.transport);
    return node;
  }

  async #distribute(options: CheckedOptions, transport: NonNullable<NodeOptions["transport"]>): Promise<void> {
    const distribution = distributionOf({
      options,
      transport,
      kernel: this.kernel,
      peers: this.#peers,
      cookies: this.#cookies,
      logger: this.#logger,
    });
    await distribution.open();
    this.#distribution = distribution;
    this.#peers.attach(distribution, () => undefined);
    if (options.discover !== true) return;
    const { runtime } = this.kernel;
    this.#discovery = new Discovery({ runtime, distribution, peers: this.#peers, logger: this.#logger });
    await this.#discovery.look();
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

  /** `"pong"` when `node` can be reached, else `"pang"`. */
  async ping(node: string): Promise<"pong" | "pang"> {
    return (await this.connect(node)) === true ? "pong" : "pang";
  }

  /** The connected nodes of that kind, by default the visible ones (NODE-4). */
  list(kind: NodeKind = "visible"): string[] {
    return this.#peers.list(kind);
  }

  /** The nodes that can be seen on the medium, connected or not; none on a node of its own. */
  async discover(): Promise<readonly string[]> {
    const found = (await this.#distribution?.discover()) ?? [];
    return found.filter((node) => node !== this.name);
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
    this.#discovery?.stop();
    const closing = this.#distribution?.close();
    this.#peers.detach();
    await closing;
    // The device last: whoever ends may still have something to say.
    const { pid } = this.#console;
    for (const running of this.kernel.processes) if (running.pid !== pid) running.terminate("shutdown");
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
}

function spawnPolicy(allowed: NodeOptions["allowSpawn"]): (name: string, peer: string) => boolean {
  if (allowed === undefined) return () => true;
  if (typeof allowed === "function") return allowed;
  const names = new Set(allowed);
  return (name) => names.has(name);
}
