/**
 * What one registry holds. The table belongs to the registry's supervisor and ends with it; each partition ends with its
 * keeper. Whoever registers or looks up does so directly, without asking a process.
 */
import { ArgumentError, type Pid, type Process } from "@otp/core";
import { type Kernel, type ProcessControl, show } from "@otp/core/internal";

import { type Context, kernelOf } from "../gen/context.ts";
import { hashOf, keyOf } from "../supervisor/child-key.ts";
import { type Entry, Partition } from "./partition.ts";
import type {
  ListenerMessage,
  Registered,
  RegisterResult,
  RegistryEntry,
  RegistryKeys,
  RegistryName,
  UpdateResult,
} from "./registry-name.ts";

const place = "$registry";

/** What a registry is told at its start. */
export interface TableOptions {
  readonly name: string;
  readonly keys: RegistryKeys;
  readonly partitions: number;
  readonly listeners: readonly string[];
  readonly meta: ReadonlyMap<unknown, unknown>;
}

/** The registry of that name on the context's node. @throws ArgumentError where there is none (REG-11). */
export function findRegistry<Key, Value>(
  context: Context,
  registry: RegistryName<Key, Value>,
): RegistryTable<Key, Value> {
  // The name stands for what its declaration says that it holds.
  return findByName(context, registry) as RegistryTable<Key, Value>;
}

/** The same for a name of which nothing is known. */
export function findByName(context: Context, registry: unknown): RegistryTable {
  const process = typeof registry === "string" ? kernelOf(context).names.find(registry) : undefined;
  const table = process?.parts?.dictionary?.get(place);
  if (table instanceof RegistryTable) return table;
  throw unknownRegistry(registry);
}

/** All partitions of one registry. */
export class RegistryTable<Key = unknown, Value = unknown> {
  readonly name: string;
  readonly keys: RegistryKeys;
  readonly kernel: Kernel;
  readonly meta: Map<unknown, unknown>;
  readonly #listeners: readonly string[];
  readonly #partitions: (Partition<Key, Value> | undefined)[];

  constructor(kernel: Kernel, { name, keys, partitions, listeners, meta }: TableOptions) {
    this.kernel = kernel;
    this.name = name;
    this.keys = keys;
    this.meta = new Map(meta);
    this.#listeners = listeners;
    this.#partitions = Array.from({ length: partitions });
  }

  /** Puts the table where it is found by the name of its process. */
  keepIn(self: Process): void {
    self.dictionary.put(place, this);
  }

  /** Begins an empty partition, kept by `process` until its end. */
  open(at: number, process: ProcessControl): void {
    const partition = new Partition<Key, Value>(process.pid);
    this.#partitions[at] = partition;
    process.onEnd(() => {
      this.#partitions[at] = undefined;
      partition.clear();
    });
  }

  /** Registers `process`, and links it to the partition where it belongs (REG-1, REG-8). */
  register(process: ProcessControl, key: Key, value: Value): RegisterResult {
    const index = keyOf(key);
    const own = this.#partitionOf(process.pid);
    const home = this.keys === "unique" ? this.#partitionAt(hashOf(key)) : own;
    const holder = this.keys === "unique" ? home.under(index)[0] : undefined;
    if (holder !== undefined) {
      return { ok: false, reason: { type: "already_registered", pid: holder.registrant.pid } };
    }
    const kept = { key: this.isolate(key), value: this.isolate(value) };
    process.link(own.keeper);
    const registrant = own.registrant(process);
    registrant.add({ ...kept, index, home, registrant });
    this.#tell({ type: "register", registry: this.name, pid: process.pid, ...kept });
    return { ok: true, owner: own.keeper };
  }

  /** Removes those entries of `process` under `key` whose values are wanted, and the link with the last entry (REG-2). */
  unregister(process: ProcessControl, key: Key, isWanted: (value: Value) => boolean): void {
    const { pid } = process;
    const own = this.#partitionOf(pid);
    const registrant = own.registrants.get(pid);
    const entries = registrant?.under(keyOf(key)) ?? [];
    const unwanted = entries.filter((entry) => isWanted(this.isolate(entry.value)));
    if (registrant === undefined || unwanted.length === 0) return;
    for (const entry of unwanted) registrant.remove(entry);
    if (!own.registrants.has(pid)) process.unlink(own.keeper);
    if (unwanted.length === entries.length) {
      this.#tell({ type: "unregister", registry: this.name, key: this.isolate(key), pid });
    }
  }

  /** Replaces the value of an own entry (REG-6). */
  update(process: ProcessControl, key: Key, change: (value: Value) => Value): UpdateResult<Value> {
    const entry = this.#partitionAt(hashOf(key)).under(keyOf(key))[0];
    if (entry === undefined || entry.registrant.pid !== process.pid) return { ok: false, reason: "not_registered" };
    const before = this.isolate(entry.value);
    const value = this.isolate(change(before));
    entry.value = value;
    return { ok: true, value: this.isolate(value), before };
  }

  /** The entries under `key`, those of each partition on their own; none is empty. */
  groupsUnder(key: Key): readonly (readonly Registered<Value>[])[] {
    const index = keyOf(key);
    const homes = this.keys === "unique" ? [this.#partitionAt(hashOf(key))] : this.#all();
    const groups = homes.map((home) => home.under(index).map((entry) => this.#registered(entry)));
    return groups.filter((group) => group.length > 0);
  }

  /** The entries under `key`. */
  under(key: Key): readonly Registered<Value>[] {
    return this.groupsUnder(key).flat();
  }

  /** The entries of one process. */
  of(pid: Pid<never>): readonly RegistryEntry<Key, Value>[] {
    const own = this.kernel.localize(pid);
    const registrant = this.#partitionOf(own).registrants.get(own);
    return (registrant?.entries ?? []).map((entry) => this.#shown(entry));
  }

  /** The values of one process under `key`. */
  valuesOf(pid: Pid<never>, key: Key): readonly Value[] {
    const own = this.kernel.localize(pid);
    const registrant = this.#partitionOf(own).registrants.get(own);
    return (registrant?.under(keyOf(key)) ?? []).map((entry) => this.isolate(entry.value));
  }

  /** How many partitions there are. */
  get partitions(): number {
    return this.#partitions.length;
  }

  /** Every entry. */
  get entries(): readonly RegistryEntry<Key, Value>[] {
    return this.#all().flatMap((partition) => partition.entries.map((entry) => this.#shown(entry)));
  }

  /** How many entries there are. */
  get count(): number {
    return this.#all().reduce((sum, partition) => sum + partition.count, 0);
  }

  /** The process that keeps the partition of `key`. */
  keeperOf(key: unknown): Pid {
    return this.#partitionAt(hashOf(key)).keeper;
  }

  /** `term` as it may be handed from process to process (JS-6). */
  isolate<Term>(term: Term): Term {
    // Isolation changes who shares a term, never its type.
    return this.kernel.isolate(term) as Term;
  }

  #registered({ registrant, value }: Entry<Key, Value>): Registered<Value> {
    return { pid: registrant.pid, value: this.isolate(value) };
  }

  #shown(entry: Entry<Key, Value>): RegistryEntry<Key, Value> {
    return { key: this.isolate(entry.key), ...this.#registered(entry) };
  }

  /** A listener that is not there misses the message, and nobody else is troubled. */
  #tell(message: ListenerMessage<Key, Value>): void {
    for (const listener of this.#listeners) this.kernel.deliverQuietly(listener, this.isolate(message));
  }

  #partitionOf(pid: Pid): Partition<Key, Value> {
    return this.#partitionAt(pid.number);
  }

  #partitionAt(hash: number): Partition<Key, Value> {
    return this.#known(this.#partitions[hash % this.#partitions.length]);
  }

  #all(): readonly Partition<Key, Value>[] {
    return this.#partitions.map((partition) => this.#known(partition));
  }

  /** While its partitions are started anew, a registry is as good as not there. */
  #known(partition: Partition<Key, Value> | undefined): Partition<Key, Value> {
    if (partition === undefined) throw unknownRegistry(this.name);
    return partition;
  }
}

function unknownRegistry(name: unknown): ArgumentError {
  return new ArgumentError(
    `unknown registry: ${show(name)}. Expected the name of a registry that has been started on this node`,
  );
}
