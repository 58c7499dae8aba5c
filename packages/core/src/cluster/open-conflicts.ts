/** The names that another node has yet to settle with this one, and what waits until there are none. */

/** Conflicts by name. */
export class OpenConflicts {
  readonly #nodes = new Map<string, Set<string>>();
  readonly #contested: () => number;
  #waiting: { readonly isDue: () => boolean; readonly run: () => void }[] = [];

  /** `contested` counts the names that have more than one claimant, whoever has to settle them. */
  constructor(contested: () => number) {
    this.#contested = contested;
  }

  /** `node` has to say whose the name is. */
  add(key: string, node: string): void {
    const nodes = this.#nodes.get(key);
    if (nodes === undefined) this.#nodes.set(key, new Set([node]));
    else nodes.add(node);
  }

  /** It has, or has nothing to say any more; without `node` nobody has. */
  settle(key: string, node?: string): void {
    const nodes = this.#nodes.get(key);
    if (nodes === undefined) return;
    if (node !== undefined) nodes.delete(node);
    if (node === undefined || nodes.size === 0) this.#nodes.delete(key);
  }

  /** Nothing of a node that is lost remains to be settled. */
  lost(node: string): void {
    for (const key of this.#nodes.keys()) this.settle(key, node);
  }

  /** Runs `run` as soon as the conflicts of this node are settled. */
  whenSettled(run: () => void): void {
    this.#when(() => this.#nodes.size === 0, run);
  }

  /** Runs `run` as soon as no name has two claimants. */
  whenAgreed(run: () => void): void {
    this.#when(() => this.#nodes.size === 0 && this.#contested() === 0, run);
  }

  /** Runs what has become due; to be called after every change. */
  check(): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ isDue }) => isDue());
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const { run } of due) run();
  }

  #when(isDue: () => boolean, run: () => void): void {
    if (isDue()) run();
    else this.#waiting.push({ isDue, run });
  }
}
