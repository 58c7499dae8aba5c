/** The locks that stand on one node: a resource is locked by one requester, through any number of processes (GLOBAL-8). */
import type { Pid } from "../term/pid.ts";

/** A lock, by the keys of its terms. */
export interface Lock {
  readonly resource: string;
  readonly requester: string;
  /** The process with whose end it is free; the root pid of a node stands for that node. */
  readonly holder: Pid;
}

interface Held {
  readonly requester: string;
  readonly holders: Set<Pid>;
}

/** The locks of one node. */
export class LockTable {
  readonly #held = new Map<string, Held>();
  readonly #resources = new Map<Pid, Set<string>>();

  /** Takes the lock unless another requester has it. */
  take({ resource, requester, holder }: Lock): boolean {
    const held = this.#held.get(resource);
    if (held !== undefined && held.requester !== requester) return false;
    if (held === undefined) this.#held.set(resource, { requester, holders: new Set([holder]) });
    else held.holders.add(holder);
    const resources = this.#resources.get(holder);
    if (resources === undefined) this.#resources.set(holder, new Set([resource]));
    else resources.add(resource);
    return true;
  }

  /** Ends what this holder has of the lock, however often it was taken. */
  release({ resource, requester, holder }: Lock): void {
    if (this.#held.get(resource)?.requester === requester) this.#drop(resource, holder);
  }

  /** Frees all locks of a process that has ended. */
  releaseHolder(holder: Pid): void {
    for (const resource of this.#resources.get(holder) ?? []) this.#drop(resource, holder);
  }

  /** Frees all locks of the processes of a node that is lost. */
  releaseNode(node: string): void {
    for (const holder of this.#resources.keys()) if (holder.node === node) this.releaseHolder(holder);
  }

  /** How many resources are locked. */
  get size(): number {
    return this.#held.size;
  }

  #drop(resource: string, holder: Pid): void {
    const held = this.#held.get(resource);
    held?.holders.delete(holder);
    if (held?.holders.size === 0) this.#held.delete(resource);
    const resources = this.#resources.get(holder);
    resources?.delete(resource);
    if (resources?.size === 0) this.#resources.delete(holder);
  }
}
