/**
 * `node.global`: names and locks of a whole cluster, after Erlang's module `global`.
 *
 * Here are the calls and their effects; what is decided, and why, stands in `global-state.ts`.
 */
import { ArgumentError, ExitError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { ErlangCodec } from "../codec/erlang-codec.ts";
import { checkPid } from "../process/links.ts";
import type { Pid } from "../term/pid.ts";
import { isRemoteFunction } from "../term/remote-function.ts";
import type { ClusterHost, ClusterService } from "./cluster-host.ts";
import { type GlobalMessage, isGlobalMessage } from "./global-messages.ts";
import { GlobalNames } from "./global-state.ts";
import { checkRetries, type LockId, lockOrder } from "./lock-id.ts";
import { type LockOrder, Locks } from "./locks.ts";
import type { Registration } from "./own-names.ts";
import { Alarm, Patience, patienceMs } from "./patience.ts";
import {
  type GlobalResolver,
  judge,
  notifyAllName,
  randomExitName,
  type RemoteResolver,
  randomNotifyName,
} from "./resolvers.ts";
import { showName, termKey } from "./term-key.ts";
import { Waits } from "./waits.ts";

/**
 * The global names and locks as one node sees them. Names are any terms that can be compared by value. Every wait is for
 * connected nodes only, and ends for each of them with its answer or its loss.
 *
 * @example
 * import { Node } from "@otp/core";
 *
 * const node = await Node.start();
 * const pid = node.spawn(async (self) => { await self.receive(); });
 * await node.global.registerName("printer", pid); // => "yes"
 * node.global.whereisName("printer") === pid; // => true
 * await node.stop();
 */
export class Global implements ClusterService {
  /** Resolvers, see `registerName`. */
  readonly randomExitName: RemoteResolver = randomExitName;
  readonly randomNotifyName: RemoteResolver = randomNotifyName;
  readonly notifyAllName: RemoteResolver = notifyAllName;
  readonly #host: ClusterHost;
  readonly #names: GlobalNames;
  readonly #locks: Locks;
  readonly #waits = new Waits<boolean>();
  readonly #codec: ErlangCodec;
  /** How to stop hearing of the end of a process. */
  readonly #watched = new Map<Pid, () => void>();
  readonly #patience: Patience;

  constructor(host: ClusterHost) {
    const { kernel } = host;
    this.#host = host;
    this.#patience = new Patience(kernel.timers, this.#waits, host.log);
    this.#codec = new ErlangCodec({ identities: kernel.identities });
    const send = (node: string, message: GlobalMessage): void => host.send(node, "$global", message);
    this.#names = new GlobalNames(
      {
        get self(): string {
          return kernel.own.name;
        },
        send,
        isAlive: (pid) => kernel.find(pid) !== null,
        watch: (pid) => this.#watch(pid),
        unwatch: (pid) => this.#unwatch(pid),
        judge: (conflict) => judge(conflict, kernel.host, host.log),
        severalNames: (pid, names) => {
          host.log.error(
            { event: "global_several_names", pid: String(pid), names },
            `global: ${pid} registered under several names: [${names.map((name) => showName(name)).join(", ")}]`,
          );
        },
      },
      this.#waits,
    );
    this.#locks = new Locks({ kernel, peers: this.#names.peers, waits: this.#waits, send });
  }

  /**
   * Gives a process a name in the whole cluster: `"yes"`, and every connected node knows it by then; or `"no"`, because the
   * name is taken, or the process has another (GLOBAL-3). A dead process may be named, and has nothing of it (GLOBAL-2).
   *
   * @param resolver Whose the name is when two parts of a cluster meet and both have it; `randomExitName` by default. It must
   * be made by `remote` for a process of another node.
   * @throws ArgumentError for what is no pid, or no name.
   */
  registerName(name: unknown, pid: Pid<never>, resolver?: GlobalResolver): Promise<"yes" | "no"> {
    return this.#register({ name, pid, resolver, replace: false });
  }

  /** Like `registerName`, and takes the name from whoever has it, in one step. */
  reRegisterName(name: unknown, pid: Pid<never>, resolver?: GlobalResolver): Promise<"yes" | "no"> {
    return this.#register({ name, pid, resolver, replace: true });
  }

  /** Frees a name, whoever has it; no connected node knows it afterwards. */
  async unregisterName(name: unknown): Promise<"ok"> {
    const key = this.#keyOf(name);
    await this.#outcome((answer) => this.#names.unregister({ key, name }, answer));
    return "ok";
  }

  /** The process of that name, as far as this node knows. */
  whereisName(name: unknown): Pid | undefined {
    return this.#names.table.find(termKey(name));
  }

  /** All names that this node knows. */
  registeredNames(): unknown[] {
    return this.#names.table.names();
  }

  /** Sends to a name and returns its pid. @throws ExitError `{ badarg: [name, message] }` if nobody has it (GLOBAL-7). */
  send(name: unknown, message: unknown): Pid {
    const { kernel } = this.#host;
    const pid = this.whereisName(name);
    if (pid === undefined) throw new ExitError({ badarg: [name, message] }, `nobody has the global name ${show(name)}`);
    kernel.send(kernel.root, pid, kernel.isolate(message));
    return pid;
  }

  /** Waits until this node and all connected ones know each other's names and have settled them. */
  async sync(): Promise<"ok"> {
    const host = this.#host;
    const { timers } = host.kernel;
    do {
      await Promise.all(host.connecting().map((node) => host.connect(node)));
      await new Promise<void>((resolve) => {
        // Where nodes are not all connected with each other, a name may stay with two processes.
        const limit = new Alarm(resolve);
        timers.start(limit, patienceMs);
        this.#names.sync(() => {
          timers.cancel(limit);
          resolve();
        });
        this.#patience.check();
      });
    } while (host.connecting().length > 0);
    return "ok";
  }

  /**
   * Locks a resource on `nodes`, by default on all connected ones and this. False when another requester has it and `retries`
   * more attempts, with growing pauses, have not changed that; without `retries` it is attempted for ever. The lock is freed by
   * `delLock`, by the end of its process and by the loss of its node (GLOBAL-9).
   */
  async setLock(id: LockId, nodes?: readonly string[], retries?: number | "infinity"): Promise<boolean> {
    const order = this.#lockOrder(id);
    const attempts = checkRetries(retries);
    const where = await this.#reach(this.#nodes(nodes));
    const taken = this.#locks.take(order, where, attempts);
    this.#patience.check();
    return taken;
  }

  /** Frees a lock that was set for this requester and process; once is enough, however often it was set. */
  async delLock(id: LockId, nodes?: readonly string[]): Promise<true> {
    const released = this.#locks.release(this.#lockOrder(id), this.#nodes(nodes));
    this.#patience.check();
    await released;
    return true;
  }

  /** Runs `fn` under a lock and returns its result, or `"aborted"` without running it; the lock is freed in any case. */
  async trans<Result>(
    id: LockId,
    fn: () => Result | Promise<Result>,
    nodes?: readonly string[],
    retries?: number | "infinity",
  ): Promise<Result | "aborted"> {
    if (typeof fn !== "function")
      throw new ArgumentError(`expected a function to run under the lock. Got: ${show(fn)}`);
    // The nodes of now, so that what is locked is what is freed.
    const where = this.#nodes(nodes);
    if (!(await this.setLock(id, where, retries))) return "aborted";
    try {
      return await fn();
    } finally {
      await this.delLock(id, where);
    }
  }

  // — what the node tells —

  up(node: string): void {
    this.#names.up(node);
    this.#patience.check();
  }

  down(node: string): void {
    this.#locks.down(node);
    this.#names.down(node);
    this.#patience.check();
  }

  receive(node: string, message: unknown): void {
    if (!this.#names.peers.has(node) || !isGlobalMessage(message)) return;
    this.#locks.receive(node, message);
    this.#names.receive(node, message);
    this.#patience.check();
  }

  // — the rest —

  async #register({ name, pid, resolver, replace }: Wish): Promise<"yes" | "no"> {
    const { kernel, log } = this.#host;
    const key = this.#keyOf(name);
    if (resolver !== undefined && typeof resolver !== "function")
      throw new ArgumentError(`expected a function (name, pid1, pid2) as resolver. Got: ${show(resolver)}`);
    const known = kernel.localize(checkPid(pid, "name"));
    if (known.node !== kernel.own.name) {
      if (resolver !== undefined && !isRemoteFunction(resolver))
        throw new ArgumentError(`expected a resolver made by remote("name", …), to go with a process of another node`);
      await this.#reach([known.node]);
      if (!this.#names.peers.has(known.node) && (await this.#host.connect(known.node)) === true) {
        log.warn(
          { event: "global_hidden", name, pid: String(pid) },
          `${pid} is on a hidden node, which shares no names`,
        );
        return "no";
      }
    }
    const order: Registration = { key, name: kernel.isolate(name), pid: known, resolver: resolver ?? null, replace };
    return (await this.#outcome((answer) => this.#names.register(order, answer))) ? "yes" : "no";
  }

  #outcome(begin: (answer: (isYes: boolean) => void) => void): Promise<boolean> {
    return new Promise((resolve) => {
      begin(resolve);
      this.#patience.check();
    });
  }

  /** @throws ArgumentError, or CodecError for a name that other nodes could not be told. */
  #keyOf(name: unknown): string {
    const key = termKey(name);
    if (typeof name !== "string") this.#codec.encode(name);
    return key;
  }

  #nodes(nodes: readonly string[] | undefined): readonly string[] {
    if (nodes === undefined) return [this.#host.kernel.own.name, ...this.#names.peers];
    if (Array.isArray(nodes) && nodes.every((node) => typeof node === "string")) return [...new Set(nodes)];
    throw new ArgumentError(`expected an array of node names. Got: ${show(nodes)}`);
  }

  /** Connects to those of `nodes` that are not connected, and returns all. */
  async #reach(nodes: readonly string[]): Promise<readonly string[]> {
    const own = this.#host.kernel.own.name;
    const missing = nodes.filter((node) => node !== own && !this.#names.peers.has(node));
    await Promise.all(missing.map((node) => this.#host.connect(node)));
    return nodes;
  }

  #lockOrder(id: LockId): LockOrder {
    const order = lockOrder(this.#host.kernel, id);
    this.#keyOf(order.resource);
    this.#keyOf(order.requester);
    return order;
  }

  #watch(pid: Pid): void {
    const process = this.#host.kernel.find(pid);
    if (process === null || this.#watched.has(pid)) return;
    const cancel = process.onEnd(() => {
      this.#watched.delete(pid);
      this.#names.ended(pid);
      this.#patience.check();
    });
    this.#watched.set(pid, cancel);
  }

  #unwatch(pid: Pid): void {
    this.#watched.get(pid)?.();
    this.#watched.delete(pid);
  }
}

interface Wish {
  readonly name: unknown;
  readonly pid: Pid<never>;
  readonly resolver: GlobalResolver | undefined;
  readonly replace: boolean;
}
