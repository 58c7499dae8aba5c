/** Model-based commands for registries of keys: a list of rows, held against the real thing. */
import type { Node, Pid, Process } from "@otp/core";
import { Registry, type RegistryKeys, type RegistryName } from "@otp/genserver";
import fc from "fast-check";

import { agree, Step } from "./step.ts";

/**
 * A registry to be held against the model.
 *
 * @see registryCommands
 */
export interface RegistryUnderTest {
  /** A new process, which waits. */
  readonly spawn: () => Promise<Pid>;
  /** Ends a process, and returns when its end has been told. */
  readonly end: (pid: Pid) => Promise<void>;
  /** Enters a process under a key; false when the key is taken. */
  readonly register: (key: string, pid: Pid) => Promise<boolean>;
  /** Takes out what the process has under the key. */
  readonly unregister: (key: string, pid: Pid) => Promise<void>;
  /** The processes under a key. */
  readonly lookup: (key: string) => Promise<readonly Pid[]>;
}

/**
 * Who is registered as what.
 *
 * @see registryCommands
 */
export interface RegistryModel {
  readonly alive: Pid[];
  rows: readonly { readonly key: string; readonly pid: Pid }[];
}

/**
 * What a registry is like.
 *
 * @see registryCommands
 */
export interface RegistryOptions {
  /** Whether a key has one process at most, or any number. */
  readonly keys: RegistryKeys;
  /** The keys to try. Default three. */
  readonly names?: readonly string[];
}

type RegistryStep = Step<RegistryModel, RegistryUnderTest>;

/**
 * Commands that enter processes under keys and take them out, and end them; after each, every key must have the processes that
 * the model has (REG-1 and what follows from it).
 *
 * @example
 * import { Node } from "@otp/core";
 * import { Registry } from "@otp/genserver";
 * import fc from "fast-check";
 *
 * await using node = await Node.start();
 * const registry = Registry.named<string, number>("keys");
 * await Registry.start(node, { keys: "unique", name: registry });
 * await fc.assert(
 *   fc.asyncProperty(registryCommands({ keys: "unique" }), async (commands) => {
 *     await fc.asyncModelRun(() => ({ model: { alive: [], rows: [] }, real: registryOf(node, registry) }), commands);
 *   }),
 *   { numRuns: 1 },
 * );
 */
export function registryCommands({
  keys,
  names = ["red", "green", "blue"],
}: RegistryOptions): fc.Arbitrary<Iterable<fc.AsyncCommand<RegistryModel, RegistryUnderTest>>> {
  const entry = fc.tuple(fc.constantFrom(...names), fc.nat(5));
  const step = (name: string, act: (model: RegistryModel, real: RegistryUnderTest) => Promise<void>): RegistryStep =>
    new Step(name, async (model, real) => {
      await act(model, real);
      await compare(names, model, real);
    });
  return fc.commands(
    [
      fc.constant(step("spawn()", async (model, real) => void model.alive.push(await real.spawn()))),
      entry.map(([key, at]) =>
        step(`register(${key}, ${String(at)})`, (model, real) => enter({ key, at, keys }, model, real)),
      ),
      entry.map(([key, at]) =>
        step(`unregister(${key}, ${String(at)})`, async (model, real) => {
          const pid = model.alive[at % Math.max(1, model.alive.length)];
          if (pid === undefined) return;
          model.rows = model.rows.filter((row) => row.key !== key || row.pid !== pid);
          await real.unregister(key, pid);
        }),
      ),
      fc.nat(5).map((at) =>
        step(`end(${String(at)})`, async (model, real) => {
          const pid = model.alive[at % Math.max(1, model.alive.length)];
          if (pid === undefined) return;
          model.alive.splice(model.alive.indexOf(pid), 1);
          model.rows = model.rows.filter((row) => row.pid !== pid);
          await real.end(pid);
        }),
      ),
    ],
    { size: "+1" },
  );
}

interface Entry {
  readonly key: string;
  readonly at: number;
  readonly keys: RegistryKeys;
}

async function enter({ key, at, keys }: Entry, model: RegistryModel, real: RegistryUnderTest): Promise<void> {
  const pid = model.alive[at % Math.max(1, model.alive.length)];
  if (pid === undefined) return;
  const isFree = keys === "duplicate" || !model.rows.some((row) => row.key === key);
  agree(`register(${key}, ${String(pid)})`, await real.register(key, pid), isFree);
  if (isFree) model.rows = [...model.rows, { key, pid }];
}

async function compare(names: readonly string[], { rows }: RegistryModel, real: RegistryUnderTest): Promise<void> {
  for (const key of names) {
    const wanted = rows.filter((row) => row.key === key).map(({ pid }) => String(pid));
    const found = (await real.lookup(key)).map(String);
    agree(`the processes under ${key}`, found.toSorted().join(" "), wanted.toSorted().join(" "));
  }
}

/**
 * A registry of `@otp/genserver` that runs on `node`.
 *
 * @see registryCommands
 */
export function registryOf(node: Node, registry: RegistryName<string, number>): RegistryUnderTest {
  const hands = new Hands(node);
  return {
    spawn: async () => hands.spawn(),
    end: (pid) => hands.end(pid),
    register: (key, pid) => hands.act(pid, (self) => Registry.register(self, registry, key, 0).ok),
    unregister: async (key, pid) => void (await hands.act(pid, (self) => Registry.unregister(self, registry, key))),
    lookup: async (key) => Registry.lookup(node, registry, key).map(({ pid }) => pid),
  };
}

/** Processes that do what they are told, for what a process can only do for itself. */
class Hands {
  readonly #node: Node;
  readonly #orders = new Map<number, (self: Process) => void>();
  #count = 0;

  constructor(node: Node) {
    this.#node = node;
  }

  spawn(): Pid {
    return this.#node.spawn(async (self: Process) => {
      for (;;) {
        const order = await self.receive();
        if (typeof order === "number") this.#orders.get(order)?.(self);
      }
    });
  }

  act<Result>(pid: Pid, act: (self: Process) => Result): Promise<Result> {
    const order = (this.#count += 1);
    return new Promise((resolve, reject) => {
      this.#orders.set(order, (self) => {
        this.#orders.delete(order);
        try {
          resolve(act(self));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
      this.#node.send<unknown>(pid, order);
    });
  }

  end(pid: Pid): Promise<void> {
    return new Promise((resolve) => {
      this.#node.spawn(async (self) => {
        const ref = self.monitor(pid);
        self.sendExit(pid, "kill");
        await self.receive({ type: "DOWN", ref });
        resolve();
      });
    });
  }
}
