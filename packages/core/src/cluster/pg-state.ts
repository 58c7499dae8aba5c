/**
 * Who is in which group of one scope, as one node knows it: its own members, and for every other node those that it has told
 * of. Pure: what changes is returned, to be told to subscribers and to other nodes.
 */
import type { Pid } from "../term/pid.ts";

/** Processes that have come to a group, or left it; one mention per membership. */
export interface GroupChange {
  readonly type: "join" | "leave";
  readonly key: string;
  readonly group: unknown;
  readonly pids: readonly Pid[];
}

/** A group with its members. */
export interface Group {
  readonly key: string;
  readonly group: unknown;
  readonly pids: readonly Pid[];
}

/** The members that live on one node. */
class NodeGroups {
  readonly #groups = new Map<string, { readonly group: unknown; readonly pids: Pid[] }>();
  readonly #keys = new Map<Pid, Set<string>>();

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  of(key: string): readonly Pid[] {
    return this.#groups.get(key)?.pids ?? [];
  }

  all(): Group[] {
    return [...this.#groups].map(([key, { group, pids }]) => ({ key, group, pids: [...pids] }));
  }

  has(pid: Pid): boolean {
    return this.#keys.has(pid);
  }

  keysOf(pid: Pid): readonly string[] {
    return [...(this.#keys.get(pid) ?? [])];
  }

  join({ key, group, pids }: Group): GroupChange[] {
    if (pids.length === 0) return [];
    const known = this.#groups.get(key);
    if (known === undefined) this.#groups.set(key, { group, pids: [...pids] });
    else known.pids.push(...pids);
    for (const pid of pids) {
      const keys = this.#keys.get(pid);
      if (keys === undefined) this.#keys.set(pid, new Set([key]));
      else keys.add(key);
    }
    return [{ type: "join", key, group, pids }];
  }

  /** Ends one membership per mention, as far as there are any. */
  leave(key: string, pids: readonly Pid[]): GroupChange[] {
    const known = this.#groups.get(key);
    if (known === undefined) return [];
    const left = pids.filter((pid) => {
      const at = known.pids.indexOf(pid);
      if (at >= 0) known.pids.splice(at, 1);
      return at >= 0;
    });
    if (left.length === 0) return [];
    for (const pid of left) if (!known.pids.includes(pid)) this.#forget(pid, key);
    if (known.pids.length === 0) this.#groups.delete(key);
    return [{ type: "leave", key, group: known.group, pids: left }];
  }

  leaveAll(pid: Pid): GroupChange[] {
    return this.keysOf(pid).flatMap((key) =>
      this.leave(
        key,
        this.of(key).filter((member) => member === pid),
      ),
    );
  }

  /** Makes `groups` what there is. */
  replace(groups: readonly Group[]): GroupChange[] {
    const wanted = new Map(groups.map((group) => [group.key, group]));
    const left = this.all().flatMap(({ key, pids }) => this.leave(key, without(pids, wanted.get(key)?.pids ?? [])));
    const come = groups.flatMap(({ key, group, pids }) => this.join({ key, group, pids: without(pids, this.of(key)) }));
    return [...left, ...come];
  }

  #forget(pid: Pid, key: string): void {
    const keys = this.#keys.get(pid);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(pid);
  }
}

/** The groups of one scope. */
export class ScopeState {
  readonly #local = new NodeGroups();
  readonly #remote = new Map<string, NodeGroups>();

  /** The members of all nodes, those of this one first. */
  members(key: string): Pid[] {
    const members = [...this.#local.of(key)];
    for (const node of this.#remote.values()) members.push(...node.of(key));
    return members;
  }

  localMembers(key: string): Pid[] {
    return [...this.#local.of(key)];
  }

  localGroups(): Group[] {
    return this.#local.all();
  }

  /** Every group that has members, with all of them. */
  groups(): Group[] {
    const groups = new Map<string, Group>();
    for (const node of [this.#local, ...this.#remote.values()]) {
      for (const { key, group, pids } of node.all()) {
        groups.set(key, { key, group, pids: [...(groups.get(key)?.pids ?? []), ...pids] });
      }
    }
    return [...groups.values()];
  }

  /** Whether a process of this node is in any group. */
  isLocalMember(pid: Pid): boolean {
    return this.#local.has(pid);
  }

  join(group: Group): GroupChange[] {
    return this.#local.join(group);
  }

  leave(key: string, pids: readonly Pid[]): GroupChange[] {
    return this.#local.leave(key, pids);
  }

  /** A process of this node has ended. */
  ended(pid: Pid): GroupChange[] {
    return this.#local.leaveAll(pid);
  }

  /** Another node has told what has changed there. */
  changed(node: string, { type, key, group, pids }: GroupChange): GroupChange[] {
    const groups = this.#of(node);
    const changes = type === "join" ? groups.join({ key, group, pids }) : groups.leave(key, pids);
    this.#tidy(node, groups);
    return changes;
  }

  /** Another node has told all that is there. */
  replace(node: string, all: readonly Group[]): GroupChange[] {
    const groups = this.#of(node);
    const changes = groups.replace(all);
    this.#tidy(node, groups);
    return changes;
  }

  #of(node: string): NodeGroups {
    const known = this.#remote.get(node);
    if (known !== undefined) return known;
    const made = new NodeGroups();
    this.#remote.set(node, made);
    return made;
  }

  #tidy(node: string, groups: NodeGroups): void {
    if (groups.isEmpty) this.#remote.delete(node);
  }
}

/** `pids` without one mention for each in `others`. */
function without(pids: readonly Pid[], others: readonly Pid[]): Pid[] {
  const left = new Map<Pid, number>();
  for (const pid of others) left.set(pid, (left.get(pid) ?? 0) + 1);
  return pids.filter((pid) => {
    const count = left.get(pid) ?? 0;
    if (count > 0) left.set(pid, count - 1);
    return count === 0;
  });
}
