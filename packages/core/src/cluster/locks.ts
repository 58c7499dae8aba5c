/**
 * Locks over several nodes: taken on the node that sorts first, then on all others, so that of several requesters who want the same at
 * once one gets through; given back when any node refuses.
 */
import type { Kernel } from "../process/kernel.ts";
import type { Pid } from "../term/pid.ts";
import type { GlobalMessage } from "./global-messages.ts";
import { type Lock, LockTable } from "./lock-table.ts";
import { Alarm } from "./patience.ts";
import { tryTermKey } from "./term-key.ts";
import type { Waits } from "./waits.ts";

/** What is to be locked, for whom. */
export interface LockOrder {
  readonly resource: unknown;
  readonly requester: unknown;
  readonly holder: Pid;
}

/** What locks are made of. */
export interface LocksOptions {
  readonly kernel: Kernel;
  readonly peers: ReadonlySet<string>;
  readonly waits: Waits<boolean>;
  readonly send: (node: string, message: GlobalMessage) => void;
}

const longestPause = 1_000;

/** The locks of one node, those it has taken and those that stand on it. */
export class Locks {
  readonly #options: LocksOptions;
  readonly #table = new LockTable();
  readonly #watched = new Set<Pid>();

  constructor(options: LocksOptions) {
    this.#options = options;
  }

  /** Takes a lock on `nodes`, again and again with growing pauses, up to `retries` times more. */
  async take(order: LockOrder, nodes: readonly string[], retries: number): Promise<boolean> {
    const present = nodes.filter((node) => this.#isHere(node)).sort();
    for (let attempt = 0; ; attempt += 1) {
      if (await this.#tryOnce(order, present)) return true;
      if (attempt >= retries) return false;
      const { kernel } = this.#options;
      const bound = Math.min(longestPause, 10 * 2 ** Math.min(attempt, 10));
      await new Promise<void>((resume) => {
        kernel.timers.start(new Alarm(resume), 1 + kernel.runtime.pick(bound));
      });
    }
  }

  /** Gives a lock back on `nodes`. */
  async release(order: LockOrder, nodes: readonly string[]): Promise<void> {
    await Promise.all(nodes.map((node) => this.#ask(node, "unlock", order)));
  }

  /** A message of a peer about locks. */
  receive(from: string, message: GlobalMessage): void {
    if (message.type === "unlockAll") {
      if (message.holder.node === from) this.#table.releaseHolder(message.holder);
      return;
    }
    if (message.type !== "lock" && message.type !== "unlock") return;
    const lock = lockOf(message);
    const isFine = lock !== undefined && message.holder.node === from && this.#apply(message.type, lock);
    this.#options.send(from, { type: "answer", id: message.id, isYes: isFine });
  }

  down(node: string): void {
    this.#table.releaseNode(node);
  }

  async #tryOnce(order: LockOrder, nodes: readonly string[]): Promise<boolean> {
    const [first, ...rest] = nodes;
    if (first === undefined) return true;
    this.#watch(order.holder);
    if (!(await this.#ask(first, "lock", order))) return false;
    const granted = this.#isAlive(order.holder) && (await this.#askAll(rest, order));
    if (granted && this.#isAlive(order.holder)) return true;
    await this.release(order, nodes);
    return false;
  }

  async #askAll(nodes: readonly string[], order: LockOrder): Promise<boolean> {
    const answers = await Promise.all(nodes.map((node) => this.#ask(node, "lock", order)));
    return answers.every(Boolean);
  }

  /** True also for a node that is lost: there is nothing to be locked any more. */
  #ask(node: string, type: "lock" | "unlock", order: LockOrder): Promise<boolean> {
    const { kernel, waits, send } = this.#options;
    const lock = lockOf(order);
    if (node === kernel.own.name && lock !== undefined) return Promise.resolve(this.#apply(type, lock));
    if (!this.#isHere(node)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const id = waits.open([node], {
        what: type === "lock" ? "setLock" : "delLock",
        name: order.resource,
        done: (answers) => resolve(answers.get(node) ?? true),
      });
      send(node, { type, id, ...order });
    });
  }

  #apply(type: "lock" | "unlock", lock: Lock): boolean {
    if (type === "lock") return this.#table.take(lock);
    this.#table.release(lock);
    return true;
  }

  #isHere(node: string): boolean {
    return node === this.#options.kernel.own.name || this.#options.peers.has(node);
  }

  #isAlive(holder: Pid): boolean {
    const { kernel } = this.#options;
    return holder === kernel.root || kernel.find(holder) !== null;
  }

  /** The end of the holder frees its locks (GLOBAL-9). */
  #watch(holder: Pid): void {
    const { kernel, peers, send } = this.#options;
    const process = kernel.find(holder);
    if (process === null || this.#watched.has(holder)) return;
    this.#watched.add(holder);
    process.onEnd(() => {
      this.#watched.delete(holder);
      this.#table.releaseHolder(holder);
      for (const node of peers) send(node, { type: "unlockAll", holder });
    });
  }
}

function lockOf({ resource, requester, holder }: LockOrder): Lock | undefined {
  const keys = { resource: tryTermKey(resource), requester: tryTermKey(requester) };
  if (keys.resource === undefined || keys.requester === undefined) return undefined;
  return { resource: keys.resource, requester: keys.requester, holder };
}
