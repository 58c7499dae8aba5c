/** What a registry is told at its start, and the supervisor that it is made of. */
import { ArgumentError, type Process } from "@otp/core";
import { show } from "@otp/core/internal";

import { processOf } from "../gen/context.ts";
import { startLink } from "../gen-server/start.ts";
import { keyOf } from "../supervisor/child-key.ts";
import type { ChildSpec } from "../supervisor/child-spec.ts";
import type { SupervisorPlan } from "../supervisor/plan.ts";
import type { SupervisorInit } from "../supervisor/supervisor-server.ts";
import { Keeper } from "./keeper.ts";
import type { RegistryKeys, RegistryName } from "./registry-name.ts";
import { RegistryTable, type TableOptions } from "./registry-table.ts";

/** What a registry is told at its start. */
export interface RegistryOptions {
  /** A local name, by which the registry is found from then on. */
  readonly name: RegistryName;
  /** Whether a key may have one entry or any number of them. */
  readonly keys: RegistryKeys;
  /** Into how many parts the entries are split, for `dispatchParallel`. Default 1. */
  readonly partitions?: number;
  /** The local names of processes that are told of registrations. */
  readonly listeners?: readonly string[];
  /** What `meta` gives at first. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** The plan of the supervisor of a registry. @throws ArgumentError for options that make no sense (REG-11). */
export function planFrom(options: RegistryOptions): SupervisorPlan {
  const checked = checkOptions(options);
  const init = (self: Process): SupervisorInit => {
    const table = new RegistryTable(processOf(self, "keep a registry").kernel, checked);
    table.keepIn(self);
    const children = Array.from({ length: checked.partitions }, (_, at) => keeperOf(table, at));
    // Entries of one partition belong to processes of another, so that they can only end together.
    return { flags: { strategy: "one_for_all" }, children };
  };
  return { module: "Registry", init };
}

function keeperOf(table: RegistryTable, at: number): ChildSpec {
  return { id: at, modules: ["Registry"], start: (self: Process) => startLink(self, Keeper, { table, at }) };
}

function checkOptions(options: RegistryOptions): TableOptions {
  const { name, keys, partitions = 1, listeners = [], meta = {} } = options;
  if (typeof name !== "string") throw refused("name", "the local name of the registry, a string", name);
  if (keys !== "unique" && keys !== "duplicate") throw refused("keys", '"unique" or "duplicate"', keys);
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw refused("partitions", "a positive whole number", partitions);
  }
  if (!Array.isArray(listeners) || !listeners.every((listener) => typeof listener === "string")) {
    throw refused("listeners", "an array of local names", listeners);
  }
  if (typeof meta !== "object" || meta === null) throw refused("meta", "an object", meta);
  const kept = new Map(Object.entries(meta).map(([key, value]) => [keyOf(key), value]));
  return { name, keys, partitions, listeners: [...listeners], meta: kept };
}

function refused(option: string, expected: string, given: unknown): ArgumentError {
  return new ArgumentError(`expected the option ${option} of a Registry to be ${expected}. Got: ${show(given)}`);
}
