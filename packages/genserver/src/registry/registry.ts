/**
 * Registry: which processes of this node stand under which key, and with which value.
 *
 * A unique registry gives names of any shape to processes that come and go (`Registry.via`); a duplicate one lists the
 * processes that want to hear of something (`Registry.dispatch`). Entries are gone before anyone hears of the end of their
 * process. Keys are compared by value.
 *
 * @example
 * import { Registry } from "@otp/genserver";
 *
 * const rooms = Registry.named<string, { seats: number }>("rooms");
 * await Registry.startLink(self, { name: rooms, keys: "unique" });
 * Registry.register(self, rooms, "kitchen", { seats: 4 }).ok; // => true
 * Registry.register(self, rooms, "kitchen", { seats: 5 }).ok; // => false
 * Registry.lookup(self, rooms, "kitchen").map(({ value }) => value.seats); // => [4]
 * Registry.countMatch(self, rooms, "kitchen", { seats: (seats) => seats > 4 }); // => 0
 */
import { ArgumentError, type Pid } from "@otp/core";
import { show } from "@otp/core/internal";

import { type Context, processOf, type ProcessContext, quietIn } from "../gen/context.ts";
import { start, startLink } from "../gen-server/start.ts";
import { keyOf } from "../supervisor/child-key.ts";
import type { ChildSpec } from "../supervisor/child-spec.ts";
import { type SupervisorPid, SupervisorServer } from "../supervisor/supervisor-server.ts";
import { type Dispatched, dispatchInParallel, dispatchInTurn } from "./dispatch.ts";
import { holdingLock } from "./lock.ts";
import { planFrom, type RegistryOptions } from "./options.ts";
import { type Anything, any, type EntryPattern, matches, type ValuePattern } from "./pattern.ts";
import type {
  MetaResult,
  Registered,
  RegisterResult,
  RegistryEntry,
  RegistryName,
  UpdateResult,
} from "./registry-name.ts";
import { findRegistry } from "./registry-table.ts";
import { RegistryNames } from "./via.ts";

/** The address of what is registered under a key of a unique registry. */
export interface RegistryVia<Key, Value> {
  readonly via: typeof Registry;
  readonly name: readonly [registry: RegistryName<Key, Value>, key: Key, value?: Value];
}

/**
 * Starting registries, registering in them and asking them. Each function throws an `ArgumentError` where no registry of
 * that name runs on this node (REG-11).
 */
export class Registry extends RegistryNames {
  /** Matches everything in a pattern. */
  static readonly any: Anything = any;

  /** The name of a registry with keys and values of these types, which every function here checks. */
  static named<Key, Value = undefined>(name: string): RegistryName<Key, Value> {
    return name;
  }

  /**
   * Starts a registry and links it to `self`. Its end takes along every process that is registered in it (REG-8).
   *
   * @throws ArgumentError for options that make no sense. Rejects with a `StartError` when the name is taken.
   */
  static startLink(self: ProcessContext, options: RegistryOptions): Promise<SupervisorPid> {
    return startLink(self, SupervisorServer, planFrom(options), { name: options.name });
  }

  /** Like `startLink`, without a link: for code outside any process. */
  static start(context: Context, options: RegistryOptions): Promise<SupervisorPid> {
    return start(context, SupervisorServer, planFrom(options), { name: options.name });
  }

  /** How a supervisor starts a registry, as a child to be given to it; its id is its name. */
  static childSpec(options: RegistryOptions): ChildSpec {
    return {
      id: options.name,
      type: "supervisor",
      modules: ["Registry"],
      start: (self: ProcessContext) => Registry.startLink(self, options),
    };
  }

  /**
   * Registers the calling process under `key`. In a unique registry a key has one process, and a second attempt is refused,
   * also by the same process; in a duplicate one a process may stand under a key any number of times (REG-1).
   */
  static register<Key, Value>(
    self: ProcessContext,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    value: NoInfer<Value>,
  ): RegisterResult {
    return findRegistry(self, registry).register(processOf(self, "register"), key, value);
  }

  /** Removes all entries of the calling process under `key`; those of others stay (REG-2). */
  static unregister<Key, Value>(self: ProcessContext, registry: RegistryName<Key, Value>, key: NoInfer<Key>): "ok" {
    findRegistry(self, registry).unregister(processOf(self, "unregister"), key, () => true);
    return "ok";
  }

  /** Removes the entries of the calling process under `key` whose values match. */
  static unregisterMatch<Key, Value>(
    self: ProcessContext,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    pattern: NoInfer<ValuePattern<Value>>,
  ): "ok" {
    const process = processOf(self, "unregister");
    findRegistry(self, registry).unregister(process, key, (value) => matches(pattern, value));
    return "ok";
  }

  /** The processes under `key`, each with its value, in the order of registration within a partition. */
  static lookup<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
  ): readonly Registered<Value>[] {
    return findRegistry(context, registry).under(key);
  }

  /** The keys of a process, one for each of its entries. */
  static keys<Key, Value>(context: Context, registry: RegistryName<Key, Value>, pid: Pid<never>): readonly Key[] {
    return findRegistry(context, registry)
      .of(pid)
      .map(({ key }) => key);
  }

  /** The values of a process under `key`. */
  static values<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    pid: Pid<never>,
  ): readonly Value[] {
    return findRegistry(context, registry).valuesOf(pid, key);
  }

  /** How many entries there are. */
  static count<Key, Value>(context: Context, registry: RegistryName<Key, Value>): number {
    return findRegistry(context, registry).count;
  }

  /** Like `lookup`, for the entries whose values match (REG-4). */
  static match<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    pattern: NoInfer<ValuePattern<Value>>,
  ): readonly Registered<Value>[] {
    return Registry.lookup(context, registry, key).filter(({ value }) => matches(pattern, value));
  }

  /** How many entries `match` would give. */
  static countMatch<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    pattern: NoInfer<ValuePattern<Value>>,
  ): number {
    return Registry.match(context, registry, key, pattern).length;
  }

  /** The entries of the whole registry that match. */
  static select<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    pattern: NoInfer<EntryPattern<Key, Value>>,
  ): readonly RegistryEntry<Key, Value>[];
  /** What `project` makes of each of them. */
  static select<Key, Value, Selected>(
    context: Context,
    registry: RegistryName<Key, Value>,
    pattern: NoInfer<EntryPattern<Key, Value>>,
    project: (entry: RegistryEntry<NoInfer<Key>, NoInfer<Value>>) => Selected,
  ): readonly Selected[];
  static select(
    context: Context,
    registry: RegistryName,
    pattern: EntryPattern<unknown, unknown>,
    project: (entry: RegistryEntry) => unknown = (entry) => entry,
  ): readonly unknown[] {
    const { entries } = findRegistry(context, registry);
    return entries.filter((entry) => matches(pattern, entry)).map((entry) => project(entry));
  }

  /** How many entries `select` would give. */
  static countSelect<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    pattern: NoInfer<EntryPattern<Key, Value>>,
  ): number {
    return Registry.select(context, registry, pattern).length;
  }

  /**
   * Replaces the value of the calling process under `key` by what `change` makes of it (REG-6).
   *
   * @throws ArgumentError for a duplicate registry.
   */
  static updateValue<Key, Value>(
    self: ProcessContext,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    change: (value: NoInfer<Value>) => NoInfer<Value>,
  ): UpdateResult<Value> {
    const table = findRegistry(self, registry);
    if (table.keys === "unique") return table.update(processOf(self, "update its value"), key, change);
    throw new ArgumentError(`updateValue is not supported for duplicate registries, such as ${show(registry)}`);
  }

  /**
   * Calls `fn` with the entries under `key`, if there are any, once per partition that has some. It runs in the caller, and
   * its failure is the caller's; a promise that it gives is waited for (REG-7).
   */
  static dispatch<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    fn: Dispatched<NoInfer<Value>, PromiseLike<unknown>>,
  ): Promise<"ok">;
  static dispatch<Key, Value>(
    context: Context,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    fn: Dispatched<NoInfer<Value>>,
  ): "ok";
  static dispatch(
    context: Context,
    registry: RegistryName,
    key: unknown,
    fn: Dispatched<unknown>,
  ): "ok" | Promise<"ok"> {
    const done = dispatchInTurn(findRegistry(context, registry), key, fn);
    return done === "ok" ? done : quietIn(context, done);
  }

  /** Like `dispatch`, in a duplicate registry with one linked process for each of several partitions, all at once. */
  static dispatchParallel<Key, Value>(
    self: ProcessContext,
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    fn: Dispatched<NoInfer<Value>>,
  ): Promise<"ok"> {
    return quietIn(self, dispatchInParallel(self, { table: findRegistry(self, registry), key }, fn));
  }

  /** What the registry has been told under a key, by its options or by `putMeta`. */
  static meta(context: Context, registry: RegistryName, key: unknown): MetaResult {
    const table = findRegistry(context, registry);
    const index = keyOf(key);
    if (!table.meta.has(index)) return { ok: false, reason: "unknown_key" };
    return { ok: true, value: table.isolate(table.meta.get(index)) };
  }

  /** Tells the registry something under a key, for as long as it runs. */
  static putMeta(context: Context, registry: RegistryName, key: unknown, value: unknown): "ok" {
    const table = findRegistry(context, registry);
    table.meta.set(keyOf(key), table.isolate(value));
    return "ok";
  }

  /** Forgets what the registry has been told under a key. */
  static deleteMeta(context: Context, registry: RegistryName, key: unknown): "ok" {
    findRegistry(context, registry).meta.delete(keyOf(key));
    return "ok";
  }

  /**
   * Runs `fn` while no other call of `lock` with this key runs, and gives its result. The lock, which has nothing to do with
   * entries, is free again when `fn` has returned or failed, or the caller has ended (REG-12). Whoever asks for a lock that
   * it holds waits for ever.
   */
  static lock<Result>(
    context: Context,
    registry: RegistryName,
    key: unknown,
    fn: () => Result | PromiseLike<Result>,
  ): Promise<Result> {
    const keeper = findRegistry(context, registry).keeperOf(key);
    return quietIn(context, holdingLock(context, { keeper, key }, fn));
  }

  /** The address of what is registered under `key`; with a value, the name for a process that is to be. */
  static via<Key, Value>(
    registry: RegistryName<Key, Value>,
    key: NoInfer<Key>,
    ...value: readonly [value?: NoInfer<Value>]
  ): RegistryVia<Key, Value> {
    return { via: Registry, name: [registry, key, ...value] };
  }
}
