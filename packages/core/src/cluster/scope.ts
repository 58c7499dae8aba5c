/** One running scope of process groups: its members, its subscribers, and the nodes that run it as well. */
import { ExitError } from "../base/errors.ts";
import type { ControlBlock } from "../process/control-block.ts";
import type { Kernel } from "../process/kernel.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { PgMessage } from "./pg-messages.ts";
import { type Group, type GroupChange, ScopeState } from "./pg-state.ts";
import { termKey, tryTermKey } from "./term-key.ts";

/** What subscribers are sent (PG-6). */
export interface GroupMessage {
  readonly type: "join" | "leave";
  readonly ref: Ref;
  readonly group: unknown;
  readonly pids: readonly Pid[];
}

/** What a scope is made of. */
export interface ScopeOptions {
  readonly name: string;
  readonly kernel: Kernel;
  readonly send: (node: string, message: PgMessage) => void;
}

interface Subscription {
  readonly ref: Ref;
  readonly process: ControlBlock;
  /** The group, or null for all. */
  readonly key: string | null;
  /** Takes back that the end of the process ends the subscription. */
  readonly forget: () => void;
}

/** A scope of process groups on one node. */
export class Scope {
  readonly name: string;
  readonly #kernel: Kernel;
  readonly #send: (node: string, message: PgMessage) => void;
  readonly #state = new ScopeState();
  /** The nodes that run the scope, or may. */
  readonly #nodes = new Set<string>();
  readonly #subscriptions = new Map<Ref, Subscription>();
  /** How to stop hearing of the end of a member. */
  readonly #watched = new Map<Pid, () => void>();

  constructor({ name, kernel, send }: ScopeOptions) {
    this.name = name;
    this.#kernel = kernel;
    this.#send = send;
  }

  members(group: unknown): Pid[] {
    return this.#state.members(termKey(group));
  }

  localMembers(group: unknown): Pid[] {
    return this.#state.localMembers(termKey(group));
  }

  groups(): Group[] {
    return this.#state.groups();
  }

  /** Adds processes of this node, once per mention (PG-1); the dead are gone at once (PG-2). */
  join(group: unknown, pids: readonly Pid<never>[]): "ok" {
    const key = termKey(group);
    const living = this.#locals(pids).filter((pid) => this.#kernel.find(pid) !== null);
    for (const pid of living) this.#watch(pid);
    this.#tell(this.#state.join({ key, group: this.#kernel.isolate(group), pids: living }));
    return "ok";
  }

  leave(group: unknown, pids: readonly Pid<never>[]): "ok" | "not_joined" {
    const changes = this.#state.leave(termKey(group), this.#locals(pids));
    for (const { pids: left } of changes) for (const pid of left) this.#unwatch(pid);
    this.#tell(changes);
    return changes.length > 0 ? "ok" : "not_joined";
  }

  /** Tells `process` from now on who joins and leaves, in one group or in all (PG-6). */
  subscribe(process: ControlBlock, key: string | null): Ref {
    const ref = process.makeRef();
    const forget = process.onEnd(() => this.#subscriptions.delete(ref));
    this.#subscriptions.set(ref, { ref, process, key, forget });
    return ref;
  }

  unsubscribe(ref: Ref): boolean {
    this.#subscriptions.get(ref)?.forget();
    return this.#subscriptions.delete(ref);
  }

  /** The scope has begun to run: who else runs it tells its members. */
  begin(nodes: Iterable<string>): void {
    for (const node of nodes) this.#send(node, { type: "discover", scope: this.name });
  }

  /** The scope runs no more: its members and subscriptions are gone. */
  end(): void {
    for (const node of this.#nodes) this.#send(node, { type: "absent", scope: this.name });
    for (const cancel of this.#watched.values()) cancel();
    for (const { forget } of this.#subscriptions.values()) forget();
  }

  up(node: string): void {
    this.#nodes.add(node);
    this.#introduce(node);
  }

  down(node: string): void {
    this.#nodes.delete(node);
    this.#publish(this.#state.replace(node, []));
  }

  receive(node: string, message: PgMessage): void {
    switch (message.type) {
      case "discover":
        this.#nodes.add(node);
        this.#publish(this.#state.replace(node, []));
        this.#introduce(node);
        return;
      case "sync":
        this.#nodes.add(node);
        this.#publish(this.#state.replace(node, toldBy(node, message.groups)));
        return;
      case "absent":
        this.down(node);
        return;
      case "join":
      case "leave":
        for (const group of toldBy(node, [[message.group, message.pids]])) {
          this.#publish(this.#state.changed(node, { type: message.type, ...group }));
        }
    }
  }

  #introduce(node: string): void {
    const groups = this.#state.localGroups().map(({ group, pids }) => [group, pids] as const);
    this.#send(node, { type: "sync", scope: this.name, groups });
  }

  /** Tells other nodes, and subscribers. */
  #tell(changes: readonly GroupChange[]): void {
    for (const { type, group, pids } of changes) {
      for (const node of this.#nodes) this.#send(node, { type, scope: this.name, group, pids });
    }
    this.#publish(changes);
  }

  #publish(changes: readonly GroupChange[]): void {
    for (const { type, key, group, pids } of changes) {
      for (const { ref, process, key: wanted } of this.#subscriptions.values()) {
        if (wanted === null || wanted === key) process.accept({ type, ref, group, pids } satisfies GroupMessage);
      }
    }
  }

  #locals(pids: readonly Pid<never>[]): Pid[] {
    const known = pids.map((pid) => this.#kernel.localize(pid));
    const stranger = known.find((pid) => !this.#kernel.isOwnPid(pid));
    if (stranger === undefined) return known;
    throw new ExitError(
      { nolocal: stranger },
      `expected processes of this node, who alone can join here. Got: ${stranger}`,
    );
  }

  #watch(pid: Pid): void {
    const process = this.#kernel.find(pid);
    if (process === null || this.#watched.has(pid)) return;
    const cancel = process.onEnd(() => {
      this.#watched.delete(pid);
      this.#tell(this.#state.ended(pid));
    });
    this.#watched.set(pid, cancel);
  }

  #unwatch(pid: Pid): void {
    if (this.#state.isLocalMember(pid)) return;
    this.#watched.get(pid)?.();
    this.#watched.delete(pid);
  }
}

/** The groups that a node has told of; only of its own processes may it tell. */
function toldBy(node: string, groups: readonly (readonly [group: unknown, pids: readonly Pid[]])[]): Group[] {
  return groups.flatMap(([group, pids]) => {
    const key = tryTermKey(group);
    return key === undefined ? [] : [{ key, group, pids: pids.filter((pid) => pid.node === node) }];
  });
}
