/**
 * The replica of all global names on one node: for each name the processes that claim it, at most one per node.
 *
 * A name belongs to the node of its process, and only that node changes its entry, so the entries of one node arrive in
 * order over one connection and go with it. Usually a name has one claimant. There are two while two parts of a cluster
 * that have just met settle whose it is, and for a moment when it changes hands; then the one that would win if both had
 * claimed it now is the one that is found.
 */
import type { Pid } from "../term/pid.ts";

/** One process under one name. */
export interface Claimant {
  readonly key: string;
  readonly name: unknown;
  readonly pid: Pid;
  /** Whether it was claimed from whoever had it. */
  readonly replace: boolean;
}

/** Names and their claimants. */
export class NameTable {
  readonly #byKey = new Map<string, Claimant[]>();
  readonly #byNode = new Map<string, Map<string, Claimant>>();
  readonly #byPid = new Map<Pid, Claimant[]>();
  #contested = 0;

  /** How many names have more than one claimant. */
  get contested(): number {
    return this.#contested;
  }

  /** The process that is found under that name. */
  find(key: string): Pid | undefined {
    return this.#byKey.get(key)?.[0]?.pid;
  }

  /** All that claim the name. */
  claimants(key: string): readonly Claimant[] {
    return this.#byKey.get(key) ?? [];
  }

  /** What that node has under that name. */
  at(key: string, node: string): Claimant | undefined {
    return this.#byNode.get(node)?.get(key);
  }

  /** What `pid` has or claims. */
  claims(pid: Pid): readonly Claimant[] {
    return [...(this.#byPid.get(pid) ?? [])];
  }

  /** Every name. */
  names(): unknown[] {
    return [...this.#byKey.values()].flatMap(([first]) => (first === undefined ? [] : [first.name]));
  }

  /** Enters a claimant, in place of what its node had there. */
  put(claimant: Claimant): void {
    const { key, pid } = claimant;
    this.drop(key, pid.node);
    const ofNode = this.#byNode.get(pid.node);
    if (ofNode === undefined) this.#byNode.set(pid.node, new Map([[key, claimant]]));
    else ofNode.set(key, claimant);
    listOf(this.#byPid, pid).push(claimant);
    const claimants = listOf(this.#byKey, key);
    if (claimants.length === 1) this.#contested += 1;
    const at = claimants.findIndex((other) => outranks(claimant, other));
    claimants.splice(at < 0 ? claimants.length : at, 0, claimant);
  }

  /** Removes what that node has under that name, if it is `pid` where one is given. */
  drop(key: string, node: string, pid?: Pid): void {
    const ofNode = this.#byNode.get(node);
    const claimant = ofNode?.get(key);
    if (ofNode === undefined || claimant === undefined || (pid !== undefined && claimant.pid !== pid)) return;
    ofNode.delete(key);
    if (ofNode.size === 0) this.#byNode.delete(node);
    removeFrom(this.#byPid, claimant.pid, claimant);
    if (removeFrom(this.#byKey, key, claimant) === 1) this.#contested -= 1;
  }

  /** What that node has under that name it has claimed, and claims no more: it goes before nobody who replaces it now. */
  hold(key: string, node: string): void {
    const claimant = this.at(key, node);
    if (claimant?.replace === true) this.put({ ...claimant, replace: false });
  }

  /** Removes everything of a node that is lost. */
  dropNode(node: string): void {
    for (const key of this.#byNode.get(node)?.keys() ?? []) this.drop(key, node);
  }
}

/** Who comes first: one that replaces, then that of the node that sorts first. */
function outranks(claimant: Claimant, other: Claimant): boolean {
  return claimant.replace === other.replace ? claimant.pid.node < other.pid.node : claimant.replace;
}

function listOf<Key>(lists: Map<Key, Claimant[]>, key: Key): Claimant[] {
  const known = lists.get(key);
  if (known !== undefined) return known;
  const made: Claimant[] = [];
  lists.set(key, made);
  return made;
}

/** Removes `claimant` from its list and returns how many are left. */
function removeFrom<Key>(lists: Map<Key, Claimant[]>, key: Key, claimant: Claimant): number {
  const list = lists.get(key) ?? [];
  const at = list.indexOf(claimant);
  if (at >= 0) list.splice(at, 1);
  if (list.length === 0) lists.delete(key);
  return list.length;
}
