/**
 * The replica of all global names on one node: for each name the processes that claim it, at most one per node.
 *
 * A name belongs to the node of its process, and only that node changes its entry, so the entries of one node arrive in
 * order over one connection and go with it. Usually a name has one claimant. There are two while two parts of a cluster
 * that have just met settle whose it is, and for a moment when it changes hands.
 */
import type { Pid } from "../term/pid.ts";

/** One process under one name. */
export interface Claimant {
  readonly key: string;
  readonly name: unknown;
  readonly pid: Pid;
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

  /** Enters a new claimant, in place of what its node had there; it is the one that is found from now on. */
  put(claimant: Claimant): void {
    this.#enter(claimant).unshift(claimant);
  }

  /** Enters a claimant of old, which is found only if there is no other. */
  add(claimant: Claimant): void {
    this.#enter(claimant).push(claimant);
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

  /** Removes everything of a node that is lost. */
  dropNode(node: string): void {
    for (const key of this.#byNode.get(node)?.keys() ?? []) this.drop(key, node);
  }

  /** Enters a claimant everywhere but in the list of its name, which it returns. */
  #enter(claimant: Claimant): Claimant[] {
    const { key, pid } = claimant;
    this.drop(key, pid.node);
    const ofNode = this.#byNode.get(pid.node);
    if (ofNode === undefined) this.#byNode.set(pid.node, new Map([[key, claimant]]));
    else ofNode.set(key, claimant);
    listOf(this.#byPid, pid).push(claimant);
    const claimants = listOf(this.#byKey, key);
    if (claimants.length === 1) this.#contested += 1;
    return claimants;
  }
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
