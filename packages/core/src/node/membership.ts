/**
 * Being part of a distributed system: from taking a name to giving it back, also at run time, as Erlang's `net_kernel` does.
 *
 * The node keeps its processes throughout. Their pids stay valid here; what other nodes still hold of an earlier life under
 * the same name is dead, for each life has an incarnation of its own (TR-5).
 */
import { ArgumentError, TransportError } from "../base/errors.ts";
import type { Distribution } from "../dist/contract.ts";
import type { Kernel } from "../process/kernel.ts";
import type { Cookies } from "./cookies.ts";
import { Discovery } from "./discovery.ts";
import { distributionOf } from "./distributed.ts";
import { noNode } from "./names.ts";
import type { NodeLog } from "./node-log.ts";
import { type CheckedOptions, checkOptions, checkTime, type DistributionStart, type NodeOptions } from "./options.ts";
import type { Peers } from "./peers.ts";

/** The parts of a node that its membership works with. */
export interface MembershipParts {
  readonly kernel: Kernel;
  readonly peers: Peers;
  readonly cookies: Cookies;
  readonly log: NodeLog;
  /** What the node was started with; holds for whatever a later start leaves open. */
  readonly options: CheckedOptions;
}

/** A node's part in a cluster, if it has one. */
export class Membership {
  readonly #parts: MembershipParts;
  #distribution: Distribution | null = null;
  #discovery: Discovery | null = null;
  #tickTimeMs = 0;
  #isFixed = false;
  #isOver = false;
  /** Starts and stops follow each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  /** The distribution, while there is one. */
  get distribution(): Distribution | null {
    return this.#distribution;
  }

  /** Silence of a peer for this long is its loss. */
  get tickTimeMs(): number | "ignored" {
    return this.#distribution === null ? "ignored" : this.#tickTimeMs;
  }

  /** Changes the tick time of present and coming connections. */
  setTickTime(ms: number): "changed" | "unchanged" | "ignored" {
    checkTime("the tick time", ms);
    if (this.#distribution === null) return "ignored";
    if (ms === this.#tickTimeMs) return "unchanged";
    this.#tickTimeMs = ms;
    this.#distribution.setTickTime(ms);
    return "changed";
  }

  /** Takes a name for good, as part of starting the node. */
  async begin(): Promise<void> {
    const { options } = this.#parts;
    if (options.transport === undefined) return;
    await this.#open(options, options.transport);
    this.#isFixed = true;
  }

  /** Takes a name at run time. */
  start(given: DistributionStart): Promise<"ok" | "already_started"> {
    return this.#inTurn(async () => {
      if (this.#isOver) throw new TransportError("this node has been stopped; start another one");
      if (this.#parts.kernel.own.name !== noNode) return "already_started";
      const { cookie: _, ...kept } = this.#parts.options;
      const options = checkOptions({ ...kept, ...given }, false);
      if (options.transport === undefined) throw new ArgumentError(`node ${options.name} needs a transport`);
      await this.#open(options, options.transport);
      return "ok";
    });
  }

  /** Gives the name back. */
  stop(): Promise<"ok" | "not_found" | "not_allowed"> {
    return this.#inTurn(async () => {
      if (this.#parts.kernel.own.name === noNode) return "not_found";
      if (this.#isFixed) return "not_allowed";
      await this.#close();
      return "ok";
    });
  }

  /** The end of the node: whatever is under way is waited for, and nothing can be started any more. */
  async end(): Promise<void> {
    this.#isOver = true;
    const { peers } = this.#parts;
    this.#discovery?.stop();
    peers.detach();
    const closing = this.#distribution?.close();
    await this.#turn;
    await closing;
    // A start that was under way.
    await this.#distribution?.close();
  }

  async #open(options: CheckedOptions, transport: NonNullable<NodeOptions["transport"]>): Promise<void> {
    const { kernel, peers, cookies, log } = this.#parts;
    cookies.open(options.name, options.cookie);
    this.#rename(options.name);
    const distribution = distributionOf({ options, transport, kernel, peers, cookies, logger: log.logger });
    try {
      await distribution.open();
    } catch (error) {
      cookies.close();
      this.#rename(noNode);
      throw error;
    }
    this.#distribution = distribution;
    this.#tickTimeMs = options.tickTimeMs;
    peers.attach(distribution, options);
    if (options.discover !== true) return;
    const { runtime } = kernel;
    this.#discovery = new Discovery({ runtime, distribution, peers, logger: log.logger });
    await this.#discovery.look();
  }

  async #close(): Promise<void> {
    const { peers, cookies } = this.#parts;
    this.#discovery?.stop();
    this.#discovery = null;
    peers.detach();
    const distribution = this.#distribution;
    await distribution?.close();
    this.#distribution = null;
    cookies.close();
    this.#rename(noNode);
  }

  #rename(name: string): void {
    const { kernel, log } = this.#parts;
    kernel.identities.rename(name, newCreation(kernel.runtime));
    log.rename(name);
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** An incarnation number: 0 is reserved, 1 to 3 are those of ancient Erlang nodes. */
export function newCreation(runtime: Kernel["runtime"]): number {
  return 4 + runtime.pick(2 ** 32 - 4);
}
