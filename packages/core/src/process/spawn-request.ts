/**
 * Asking for a process and hearing later what came of it (NODE-15, NODE-16).
 *
 * Until the reply the spawner has neither link nor monitor; they begin with it, and so the reply precedes whatever they tell.
 * The new process has its ends from its start, hence it must be told when nobody waits for it any more.
 */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { isRemoteFunction, type RemoteFunction, remoteTerm } from "../term/remote-function.ts";
import type { ProcessControl } from "./control.ts";
import { addLink } from "./links.ts";
import { keepMonitor, monitorLocal } from "./monitors.ts";
import type { SpawnRequestOptions } from "./process.ts";

/** Who waits for the reply to a spawn request. */
export interface PendingSpawn {
  /** The node that was asked. */
  readonly node: string;
  /** What the new process is to be called. */
  readonly pid: Pid;
  /** The new process, or why there is none; called once. */
  settle(result: Pid | string): void;
}

type AnyProcessFunction = (...args: never) => unknown;

/** `(options, fn, …args)`. */
export type SpawnRequestArguments =
  | readonly [options: SpawnRequestOptions, fn: AnyProcessFunction]
  | readonly [options: SpawnRequestOptions, fn: AnyProcessFunction, ...args: readonly unknown[]];

interface Wishes {
  readonly link: boolean;
  readonly monitor: boolean;
  readonly reply: NonNullable<SpawnRequestOptions["reply"]>;
  readonly tag: unknown;
}

const replies = new Set<unknown>(["yes", "no", "errorOnly", "successOnly"]);
const known = new Set(["node", "link", "monitor", "reply", "replyTag"]);

/** `spawnRequest(options, fn, …args)` called by `parent`. */
export function spawnRequest(parent: ProcessControl, given: SpawnRequestArguments): Ref {
  parent.assertAlive();
  const { kernel } = parent;
  const [options, fn, ...args] = given;
  if (typeof options !== "object" || options === null || typeof fn !== "function") {
    throw new ArgumentError(`expected spawnRequest(options, fn, …args). Got: ${show(options)}, ${show(fn)}`);
  }
  const { node = kernel.own.name } = options;
  if (typeof node !== "string") throw new ArgumentError(`expected node to be the name of a node. Got: ${show(node)}`);
  const ref = parent.makeRef();
  const wishes = readWishes(options);
  if (wishes === null) {
    parent.accept({ type: "spawn_reply", ref, result: "error", reason: "badopt" });
  } else if (node === kernel.own.name) {
    spawnHere(parent, { fn, args, ref, wishes });
  } else {
    if (!isRemoteFunction(fn)) {
      throw new ArgumentError(`expected a function made by remote("name", …) to spawn on ${node}. Got: ${show(fn)}`);
    }
    new SpawnRequest({ parent, node, ref, wishes }).send(fn, args);
  }
  return ref;
}

/** `spawnRequestAbandon(ref)` called by `parent`. */
export function spawnRequestAbandon(parent: ProcessControl, ref: Ref): boolean {
  parent.assertAlive();
  const pending = parent.kernel.spawnReplies.get(ref.number);
  if (!(pending instanceof SpawnRequest) || !pending.isOf(parent, ref)) return false;
  pending.abandon("abandoned");
  return true;
}

interface LocalOrder {
  readonly fn: AnyProcessFunction;
  readonly args: readonly unknown[];
  readonly ref: Ref;
  readonly wishes: Wishes;
}

function spawnHere(parent: ProcessControl, { fn, args, ref, wishes }: LocalOrder): void {
  const child = parent.kernel.spawnFunction(fn, args, { leader: parent.groupLeader });
  if (wishes.link) {
    addLink(parent, child.pid);
    addLink(child, parent.pid);
  }
  if (wishes.monitor) {
    monitorLocal(parent, child, ref);
  }
  reply(parent, ref, wishes, child.pid);
}

interface RequestParts {
  readonly parent: ProcessControl;
  readonly node: string;
  readonly ref: Ref;
  readonly wishes: Wishes;
}

class SpawnRequest implements PendingSpawn {
  readonly #parts: RequestParts;
  readonly pid: Pid;
  #forget: () => void = () => undefined;
  /** What the new process is told when nobody waits for it any more; null while somebody does. */
  #farewell: string | null = null;

  constructor(parts: RequestParts) {
    this.#parts = parts;
    this.pid = parts.parent.kernel.reservePid(parts.node);
  }

  get node(): string {
    return this.#parts.node;
  }

  isOf(parent: ProcessControl, ref: Ref): boolean {
    return this.#parts.parent === parent && this.#parts.ref === ref && this.#farewell === null;
  }

  send(fn: RemoteFunction, args: readonly unknown[]): void {
    const { parent, node, ref, wishes } = this.#parts;
    const { kernel } = parent;
    const { link, monitor } = wishes;
    kernel.spawnReplies.set(ref.number, this);
    kernel.remotes.addRequest(node, ref, () => this.settle("noconnection"));
    this.#forget = parent.onEnd(() => this.abandon("noproc"));
    try {
      kernel.route(node, {
        op: "spawnRequest",
        ref,
        pid: this.pid,
        from: parent.pid,
        groupLeader: parent.groupLeader,
        fn: fn[remoteTerm],
        args,
        wishes: { link, monitor, reply: "yes" },
      });
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  settle(result: Pid | string): void {
    const { parent, node, ref, wishes } = this.#parts;
    const { kernel } = parent;
    this.#close();
    if (this.#farewell !== null) {
      if (typeof result !== "string") this.#dismiss(this.#farewell);
      return;
    }
    if (typeof result !== "string") {
      if (wishes.link) {
        addLink(parent, result);
        kernel.remotes.addLink(node, parent, result);
      }
      if (wishes.monitor) {
        const entry = { ref, pid: result, object: result, tag: "DOWN", alias: null, watcher: null };
        keepMonitor(parent, entry);
        kernel.remotes.addMonitor(node, parent, entry);
      }
    }
    reply(parent, ref, wishes, result);
  }

  abandon(farewell: string): void {
    this.#farewell = farewell;
    this.#forget();
  }

  #close(): void {
    const { parent, node, ref } = this.#parts;
    parent.kernel.spawnReplies.delete(ref.number);
    parent.kernel.remotes.dropRequest(node, ref);
    this.#forget();
  }

  #dismiss(reason: string): void {
    const { parent, node, ref, wishes } = this.#parts;
    const tie = { from: parent.pid, to: this.pid };
    if (wishes.link) parent.kernel.route(node, { op: "linkExit", ...tie, reason });
    if (wishes.monitor) parent.kernel.route(node, { op: "demonitor", ...tie, ref });
  }
}

function reply(parent: ProcessControl, ref: Ref, wishes: Wishes, result: Pid | string): void {
  const isError = typeof result === "string";
  if (wishes.reply === "no" || wishes.reply === (isError ? "successOnly" : "errorOnly")) return;
  parent.accept(
    isError
      ? { type: wishes.tag, ref, result: "error", reason: result }
      : { type: wishes.tag, ref, result: "ok", pid: result },
  );
}

function readWishes(options: SpawnRequestOptions): Wishes | null {
  if (Object.keys(options).some((option) => !known.has(option))) return null;
  const { link = false, monitor = false, reply: wish = "yes", replyTag = "spawn_reply" } = options;
  if (typeof link !== "boolean" || typeof monitor !== "boolean" || !replies.has(wish)) return null;
  return { link, monitor, reply: wish, tag: replyTag };
}
