/**
 * A part of a registry's entries, as plain data, and who has them.
 *
 * With several partitions, an entry of a unique registry stands where its key belongs, one of a duplicate registry where
 * its process belongs; the link of a process is always to the partition where the process belongs (REG-8).
 */
import type { Pid } from "@otp/core";
import type { ControlBlock } from "@otp/core/internal";

/** One process under one key. */
export interface Entry<Key = unknown, Value = unknown> {
  readonly key: Key;
  /** The key as something that is the same for keys that are equal by value (REG-5). */
  readonly index: unknown;
  value: Value;
  readonly home: Partition<Key, Value>;
  readonly registrant: Registrant<Key, Value>;
}

/** A process with entries. The end of the process removes them before anyone hears of it (REG-3). */
export class Registrant<Key = unknown, Value = unknown> {
  readonly pid: Pid;
  readonly #entries = new Map<unknown, Entry<Key, Value>[]>();
  readonly #partition: Partition<Key, Value>;
  readonly #takeBack: () => void;

  constructor(process: ControlBlock, partition: Partition<Key, Value>) {
    this.pid = process.pid;
    this.#partition = partition;
    this.#takeBack = process.onEnd(() => this.drop());
  }

  /** The entries, those of one key together. */
  get entries(): readonly Entry<Key, Value>[] {
    return [...this.#entries.values()].flat();
  }

  /** The entries under one key, in the order of registration. */
  under(index: unknown): readonly Entry<Key, Value>[] {
    return this.#entries.get(index) ?? [];
  }

  /** Adds an entry here and to its home. */
  add(entry: Entry<Key, Value>): void {
    const own = this.#entries.get(entry.index);
    if (own === undefined) this.#entries.set(entry.index, [entry]);
    else own.push(entry);
    entry.home.add(entry);
  }

  /** Removes an entry here and from its home; who has none left is no registrant any more. */
  remove(entry: Entry<Key, Value>): void {
    entry.home.remove(entry);
    const others = this.under(entry.index).filter((other) => other !== entry);
    if (others.length > 0) this.#entries.set(entry.index, others);
    else this.#entries.delete(entry.index);
    if (this.#entries.size > 0) return;
    this.#partition.registrants.delete(this.pid);
    this.#takeBack();
  }

  /** Removes all entries. */
  drop(): void {
    for (const entry of this.entries) this.remove(entry);
  }
}

/** The entries of one partition. */
export class Partition<Key = unknown, Value = unknown> {
  /** The process that keeps the partition. */
  readonly keeper: Pid;
  /** The processes that belong here. */
  readonly registrants: Map<Pid, Registrant<Key, Value>> = new Map();
  readonly #entries = new Map<unknown, Set<Entry<Key, Value>>>();
  #count = 0;

  constructor(keeper: Pid) {
    this.keeper = keeper;
  }

  /** How many entries stand here. */
  get count(): number {
    return this.#count;
  }

  /** The entries under one key, in the order of registration. */
  under(index: unknown): readonly Entry<Key, Value>[] {
    const entries = this.#entries.get(index);
    return entries === undefined ? [] : [...entries];
  }

  /** All entries. */
  get entries(): readonly Entry<Key, Value>[] {
    return [...this.#entries.values()].flatMap((entries) => Array.from(entries));
  }

  /** Notes an entry; registrants do. */
  add(entry: Entry<Key, Value>): void {
    const entries = this.#entries.get(entry.index);
    if (entries === undefined) this.#entries.set(entry.index, new Set([entry]));
    else entries.add(entry);
    this.#count += 1;
  }

  /** Strikes an entry; registrants do. */
  remove(entry: Entry<Key, Value>): void {
    const entries = this.#entries.get(entry.index);
    if (entries?.delete(entry) !== true) return;
    this.#count -= 1;
    if (entries.size === 0) this.#entries.delete(entry.index);
  }

  /** The registrant of a process that belongs here. */
  registrant(process: ControlBlock): Registrant<Key, Value> {
    const known = this.registrants.get(process.pid);
    if (known !== undefined) return known;
    const made = new Registrant(process, this);
    this.registrants.set(process.pid, made);
    return made;
  }

  /** Strikes everything: also survivors of its end are registered nowhere any more. */
  clear(): void {
    for (const registrant of this.registrants.values()) registrant.drop();
    for (const entry of this.entries) entry.registrant.remove(entry);
  }
}
