/**
 * What this node waits for other nodes to answer. A wait ends when each of them has answered or is lost, so that none lasts
 * longer than the tick time of a silent peer.
 */

/** What is waited for, in words for the log. */
export interface Subject {
  readonly what: string;
  readonly name: unknown;
}

/** One wait for several nodes. */
export interface Wait<Answer> extends Subject {
  /** Called once, when nobody is left to wait for, with what they said; the lost say nothing. */
  readonly done: (answers: ReadonlyMap<string, Answer>) => void;
  /** An answer that ends the wait at once. */
  readonly isEnough?: (answer: Answer) => boolean;
}

interface OpenWait<Answer> {
  readonly wait: Wait<Answer>;
  readonly nodes: Set<string>;
  readonly answers: Map<string, Answer>;
}

/** The waits of one service of one node. */
export class Waits<Answer> {
  readonly #open = new Map<number, OpenWait<Answer>>();
  #ids = 0;

  /** Begins a wait for `nodes`, at least one; returns its number, to be put into the message that asks. */
  open(nodes: Iterable<string>, wait: Wait<Answer>): number {
    const id = (this.#ids += 1);
    this.#open.set(id, { wait, nodes: new Set(nodes), answers: new Map() });
    return id;
  }

  /** One more node to wait for. */
  add(id: number, node: string): void {
    this.#open.get(id)?.nodes.add(node);
  }

  /** `node` has answered. */
  answered(id: number, node: string, answer: Answer): void {
    const open = this.#open.get(id);
    if (open === undefined || !open.nodes.has(node)) return;
    open.answers.set(node, answer);
    if (open.wait.isEnough?.(answer) === true) open.nodes.clear();
    this.#strike(id, open, node);
  }

  /** Ends a wait without a word. */
  cancel(id: number): void {
    this.#open.delete(id);
  }

  /** A node is lost: nobody waits for it any more. */
  lost(node: string): void {
    for (const [id, open] of this.#open) if (open.nodes.has(node)) this.#strike(id, open, node);
  }

  get size(): number {
    return this.#open.size;
  }

  /** The number given last. */
  get latest(): number {
    return this.#ids;
  }

  /** The waits up to number `id`, with those who have not answered. */
  until(id: number): readonly (Subject & { readonly id: number; readonly nodes: readonly string[] })[] {
    return [...this.#open].flatMap(([number, { wait, nodes }]) =>
      number > id ? [] : [{ id: number, what: wait.what, name: wait.name, nodes: [...nodes] }],
    );
  }

  #strike(id: number, open: OpenWait<Answer>, node: string): void {
    open.nodes.delete(node);
    if (open.nodes.size > 0) return;
    this.#open.delete(id);
    open.wait.done(open.answers);
  }
}
