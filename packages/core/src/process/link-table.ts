/** The links of one process. Most have one, to their supervisor, which is kept without a map: idle servers stay small. */
import type { Pid } from "../term/pid.ts";

/** An unlink that waits for its acknowledgement is kept as its id; 0 is an active link (LINK-4). */
export type LinkState = number;

/** Links by their other end, in the order in which they were made. */
export class LinkTable implements Iterable<readonly [Pid, LinkState]> {
  /** The oldest link, as long as it is the only one or was when it was made. */
  #first: Pid | null;
  #firstState: LinkState;
  #others: Map<Pid, LinkState> | null = null;

  constructor(pid: Pid, state: LinkState) {
    this.#first = pid;
    this.#firstState = state;
  }

  has(pid: Pid): boolean {
    return this.#first === pid || this.#others?.has(pid) === true;
  }

  get(pid: Pid): LinkState | undefined {
    return this.#first === pid ? this.#firstState : this.#others?.get(pid);
  }

  set(pid: Pid, state: LinkState): void {
    const others = this.#others;
    if (this.#first === pid || (this.#first === null && (others === null || others.size === 0))) {
      this.#first = pid;
      this.#firstState = state;
    } else {
      this.#others ??= new Map();
      this.#others.set(pid, state);
    }
  }

  /** Removes a link; false when there is none. */
  delete(pid: Pid): boolean {
    if (this.#first !== pid) return this.#others?.delete(pid) === true;
    this.#first = null;
    return true;
  }

  /** Calls `visit` for each link. */
  visit<Matter>(visit: (pid: Pid, state: LinkState, matter: Matter) => void, matter: Matter): void {
    if (this.#first !== null) visit(this.#first, this.#firstState, matter);
    if (this.#others === null) return;
    for (const [pid, state] of this.#others) visit(pid, state, matter);
  }

  *[Symbol.iterator](): Iterator<readonly [Pid, LinkState]> {
    if (this.#first !== null) yield [this.#first, this.#firstState];
    if (this.#others !== null) yield* this.#others;
  }
}
