/**
 * Which incarnation of which node a pid or ref belongs to.
 *
 * One object per (node name, creation) in each node's table, so that a pid costs one pointer for it, and so that the
 * pids that were learnt from elsewhere can be found again: two equal pids on one node are the same object (JS-7).
 */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { ForeignPid, ForeignRef, foreignNumber, sameWords } from "./foreign.ts";
import { Pid } from "./pid.ts";
import { Ref } from "./ref.ts";
import { refuseSource, type SourceReader } from "./remote-function.ts";

/** One incarnation of one node, as another (or the same) node sees it. */
export class NodeIdentity {
  /** Changes only for the own node, when a node that was alone becomes distributed. */
  name: string;
  /** The incarnation number, 1 … 2^32-1; 0 for a node that is not distributed (NODE-17, TR-5). */
  creation: number;
  /** True in the table of the node itself: its pids print as `#PID<0.…>`. */
  isLocal: boolean;
  /** The highest number that the spawners of that incarnation have given a process of ours; they never go back (K6). */
  spawned = 0;
  /** Whose view this is. */
  readonly table: IdentityTable;
  // Weak, so that a pid that nobody holds any more costs nothing; invisible otherwise.
  readonly #pids = new Map<number, WeakRef<Pid>>();
  readonly #refs = new Map<number, WeakRef<Ref>>();
  #sweepAt = 1024;

  constructor(table: IdentityTable, name: string, creation: number) {
    this.table = table;
    this.name = name;
    this.creation = creation;
    this.isLocal = false;
  }

  /** The pid with that number: the one already known, else a new one without a process behind it. */
  pid(number: number): Pid {
    const known = this.#pids.get(number)?.deref();
    if (known !== undefined) return known;
    const pid = new Pid(this, number);
    this.remember(pid);
    return pid;
  }

  /** The ref with that number: the one already known, else a new one. */
  ref(number: number): Ref {
    const known = this.#refs.get(number)?.deref();
    if (known !== undefined) return known;
    const ref = new Ref(this, number);
    this.remember(ref);
    return ref;
  }

  /** The pid with those words (id, serial), where they are more than a number of ours holds. */
  foreignPid(words: readonly number[]): Pid {
    const known = this.#pids.get(foreignNumber(words))?.deref();
    if (known instanceof ForeignPid && sameWords(known.words, words)) return known;
    const pid = new ForeignPid(this, words);
    this.remember(pid);
    return pid;
  }

  /** The ref with those words, where they are more than a number of ours holds. */
  foreignRef(words: readonly number[]): Ref {
    const known = this.#refs.get(foreignNumber(words))?.deref();
    if (known instanceof ForeignRef && sameWords(known.words, words)) return known;
    const ref = new ForeignRef(this, words);
    this.remember(ref);
    return ref;
  }

  /** Makes `term` the one that `pid()` or `ref()` finds; done when it leaves the node or comes to it. */
  remember(term: Pid | Ref): void {
    if (term instanceof Pid) {
      if (this.#pids.get(term.number)?.deref() === undefined) this.#pids.set(term.number, new WeakRef(term));
    } else if (this.#refs.get(term.number)?.deref() === undefined) {
      this.#refs.set(term.number, new WeakRef(term));
    }
    if (this.#pids.size + this.#refs.size > this.#sweepAt) this.#sweep();
  }

  #sweep(): void {
    for (const [number, weak] of this.#pids) if (weak.deref() === undefined) this.#pids.delete(number);
    for (const [number, weak] of this.#refs) if (weak.deref() === undefined) this.#refs.delete(number);
    this.#sweepAt = Math.max(1024, 2 * (this.#pids.size + this.#refs.size));
  }
}

/** Sends to an alias from the node that holds it, where code has nothing but the alias in hand. */
export interface Courier {
  sendToAlias(alias: Ref, message: unknown): void;
}

/** The identities that one node knows, its own first. */
export class IdentityTable {
  readonly own: NodeIdentity;
  /** The node's own; null until its kernel is made. */
  courier: Courier | null = null;
  /** What the node does with source text from its peers (JS-13). */
  readSource: SourceReader = refuseSource;
  // Weak, for peers that restart again and again: an incarnation of which no pid or ref is held costs nothing.
  readonly #others = new Map<string, WeakRef<NodeIdentity>>();
  #sweepAt = 64;

  constructor(name: string, creation: number) {
    this.own = new NodeIdentity(this, name, creation);
    this.own.isLocal = true;
  }

  /** The identity of incarnation `creation` of node `name`. */
  get(name: string, creation: number): NodeIdentity {
    if (name === this.own.name && creation === this.own.creation) return this.own;
    const key = keyOf(name, creation);
    const known = this.#others.get(key)?.deref();
    if (known !== undefined) return known;
    const identity = new NodeIdentity(this, name, creation);
    this.#others.set(key, new WeakRef(identity));
    if (this.#others.size > this.#sweepAt) this.#sweep();
    return identity;
  }

  /**
   * Gives the node another name and incarnation. Pids of its processes stay what they are, those that spawners on other
   * nodes have numbered included; what was of the old name and is dead stays of the old name.
   */
  rename(name: string, creation: number): void {
    for (const [key, weak] of Array.from(this.#others)) {
      const identity = weak.deref();
      if (identity?.isLocal !== true) continue;
      this.#others.delete(key);
      identity.name = name;
      this.#others.set(keyOf(name, identity.creation), weak);
    }
    this.own.name = name;
    this.own.creation = creation;
  }

  /** How many incarnations of other nodes are known. */
  get size(): number {
    this.#sweep();
    return this.#others.size;
  }

  /** `pid` as this node sees it; another one only where several nodes of one program pass pids by hand. */
  localizePid(value: Pid<never>): Pid {
    const pid: unknown = value;
    if (!(pid instanceof Pid)) throw new ArgumentError(`expected a pid. Got: ${show(value)}`);
    const { home } = pid;
    if (home.table === this) return pid;
    // It may come back to its own node, which has to find it again.
    home.remember(pid);
    return this.get(home.name, home.creation).pid(pid.number);
  }

  /** `ref` as this node sees it. */
  localizeRef(ref: Ref): Ref {
    const { home } = ref;
    if (home.table === this) return ref;
    home.remember(ref);
    return this.get(home.name, home.creation).ref(ref.number);
  }

  #sweep(): void {
    for (const [key, weak] of this.#others) if (weak.deref() === undefined) this.#others.delete(key);
    this.#sweepAt = Math.max(64, 2 * this.#others.size);
  }
}

function keyOf(name: string, creation: number): string {
  return `${name} ${creation}`;
}
