/**
 * A node: the one owner of everything. It puts kernel, connections and services together, and starts and stops them.
 *
 * Many nodes live in one program and share nothing but its code. A node without a name is complete for itself (NODE-1).
 */
import type { Logger } from "pino";

import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { ErlangCodec } from "../codec/erlang-codec.ts";
import type { Distribution } from "../dist/contract.ts";
import { defaultLogger, logReport } from "../io/log.ts";
import { checkKernel, type Violation } from "../process/check.ts";
import { findLocal, type InfoItem, processInfo, type ProcessInfo, processItem } from "../process/info.ts";
import { Kernel } from "../process/kernel.ts";
import type { Process, ProcessFunction, SpawnOptions } from "../process/process.ts";
import { parseSpawn, type SpawnArguments } from "../process/spawn.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { SystemRuntime } from "../runtime/system.ts";
import type { Address } from "../term/address.ts";
import { IdentityTable } from "../term/identity.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { isRemoteFunction, type RemoteFunction, remoteTerm } from "../term/remote-function.ts";
import { Cookies } from "./cookies.ts";
import { openDistribution } from "./distributed.ts";
import { noNode } from "./names.ts";
import { type CheckedOptions, checkOptions, type NodeOptions } from "./options.ts";
import type { NodeKind } from "./peers-options.ts";
import { Peers } from "./peers.ts";
import { SystemNames } from "./system-names.ts";

declare module "../process/host.ts" {
  // What the process layer calls a host is a node.
  interface Host extends Node {}
}

/** One node of a cluster, or a node of its own. */
export class Node {
  readonly #kernel: Kernel;
  readonly #peers: Peers;
  readonly #cookies: Cookies;
  readonly #logger: Logger;
  readonly #system = new SystemNames();
  #distribution: Distribution | null = null;
  #stopping: Promise<void> | null = null;

  private constructor(options: CheckedOptions, cookies: Cookies) {
    const runtime = options.runtime ?? new SystemRuntime();
    // The incarnation: 0 is reserved, 1 to 3 are those of ancient Erlang nodes.
    const creation = 4 + runtime.pick(2 ** 32 - 4);
    const identities = new IdentityTable(options.name, creation);
    const codec = new ErlangCodec({ identities });
    this.#cookies = cookies;
    this.#logger = (options.logger ?? defaultLogger(process.env)).child({ node: options.name });
    this.#kernel = new Kernel({
      runtime,
      identities,
      host: this,
      isolation: options.isolation === "copy" ? (message) => codec.decode(codec.encode(message)) : options.isolation,
      services: {
        logger: (self) => this.#logger.child({ pid: String(self.pid) }),
        io: () => {
          throw new ArgumentError("this node has no I/O");
        },
        monitorNode: (self, node, on) => this.#peers.monitorNode(self, node, on),
        monitorNodes: (self, on, wishes) => this.#peers.monitorNodes(self, on, wishes),
        whereisGlobal: () => undefined,
        route: (node, signal) => this.#peers.route(node, signal),
        report: (report) => logReport(this.#logger, report),
      },
    });
    this.#peers = new Peers({
      kernel: this.#kernel,
      system: this.#system,
      logger: this.#logger,
      autoConnect: options.autoConnect,
      connectAll: options.connectAll,
      hidden: options.hidden,
      maySpawn: spawnPolicy(options.allowSpawn),
    });
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
    const distribution = openDistribution({
      options,
      transport,
      kernel: this.#kernel,
      peers: this.#peers,
      cookies: this.#cookies,
      logger: this.#logger,
    });
    await distribution.open();
    this.#distribution = distribution;
    this.#peers.attach(distribution, () => undefined);
  }

  /** The node's name; `nonode@nohost` when it is not distributed. */
  get name(): string {
    return this.#kernel.own.name;
  }

  /** The number of this start; pids of other starts under the same name are dead (NODE-17). */
  get incarnation(): number {
    return this.#kernel.own.creation;
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
    return this.#kernel.runtime.now();
  }

  // — other nodes —

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

  /** The cookie towards `peer`, or this node's own. */
  getCookie(peer?: string): string {
    return this.#cookies.get(peer);
  }

  /** Changes the cookie for connections to come, towards one peer or all (NODE-7); true. */
  setCookie(cookie: string, peer?: string): true {
    return this.#cookies.set(cookie, peer);
  }

  // — processes —

  /** Starts a process; its code runs in a later turn (JS-2). */
  spawn<Accepted, Args extends readonly unknown[]>(fn: ProcessFunction<Accepted, Args>, ...args: Args): Pid<Accepted>;
  spawn<Accepted, Args extends readonly unknown[]>(
    options: SpawnOptions,
    fn: RemoteFunction<readonly [Process<Accepted>, ...Args]> | ProcessFunction<Accepted, Args>,
    ...args: Args
  ): Pid<Accepted>;
  spawn(...given: SpawnArguments): Pid<never> {
    const { node, fn, args } = parseSpawn(given);
    const kernel = this.#kernel;
    if (node === undefined || node === this.name) return kernel.spawnFunction(fn, args, { leader: kernel.root }).pid;
    if (!isRemoteFunction(fn))
      throw new ArgumentError(`expected a function made by remote("name", …) to spawn on ${node}. Got: ${show(fn)}`);
    const pid = kernel.reservePid(node);
    kernel.route(node, {
      op: "spawnRequest",
      ref: kernel.makeRef(),
      pid,
      from: kernel.root,
      groupLeader: kernel.root,
      fn: fn[remoteTerm],
      args,
      wishes: { link: false, monitor: false },
    });
    return pid;
  }

  /** Sends `message` in the name of no process. */
  send<Sent>(to: Address<Sent>, message: Sent): Sent {
    this.#kernel.send(this.#kernel.root, to, this.#kernel.isolate(message));
    return message;
  }

  /** Sends an exit signal in the name of no process; true at once (EXIT-4). */
  sendExit(pid: Pid<never>, reason: unknown): true {
    this.#kernel.sendExit(this.#kernel.root, pid, reason);
    return true;
  }

  /** A new ref, equal to nothing else. */
  makeRef(): Ref {
    return this.#kernel.makeRef();
  }

  /** Whether a process of this node is alive. @throws ArgumentError for a pid of another node (PROC-7). */
  isProcessAlive(pid: Pid<never>): boolean {
    return findLocal(this.#kernel, pid) !== null;
  }

  /** Gives a process of this node a name; true (NAME-1). */
  register(name: string, pid: Pid<never>): true {
    return this.#kernel.register(name, pid);
  }

  unregister(name: string): true {
    return this.#kernel.names.unregister(name);
  }

  /** The process of that name (NAME-3). */
  whereis(name: string): Pid | undefined {
    return this.#kernel.names.whereis(name);
  }

  /** All local names. */
  registered(): string[] {
    return this.#kernel.names.registered();
  }

  /** The living processes (PROC-8). */
  processes(): Pid[] {
    return [...this.#kernel.processes].map(({ pid }) => pid);
  }

  /** What is known about a process, or one item of it; `undefined` when it has ended (PROC-4). */
  info(pid: Pid<never>): ProcessInfo | undefined;
  info<Item extends InfoItem>(pid: Pid<never>, item: Item): ProcessInfo[Item] | undefined;
  info(pid: Pid<never>, item?: InfoItem): unknown {
    return item === undefined ? processInfo(this.#kernel, pid) : processItem(this.#kernel, pid, item);
  }

  /** Walks every table and names what does not agree: nothing, always. */
  check(): Violation[] {
    return checkKernel(this.#kernel);
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
    await this.#distribution?.close();
    for (const running of this.#kernel.processes) running.terminate("shutdown");
    this.#kernel.timers.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** The kernel of a node, for sibling packages. */
  static kernelOf(node: Node): Kernel {
    return node.#kernel;
  }
}

function spawnPolicy(allowed: NodeOptions["allowSpawn"]): (name: string, peer: string) => boolean {
  if (allowed === undefined) return () => true;
  if (typeof allowed === "function") return allowed;
  const names = new Set(allowed);
  return (name) => names.has(name);
}
