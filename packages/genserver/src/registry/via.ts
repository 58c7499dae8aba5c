/** Registries as keepers of names: `{ via: Registry, name: [registry, key] }`, with a value as third (REG-9). */
import { ArgumentError, Node, type Pid } from "@otp/core";
import { ProcessControl, show } from "@otp/core/internal";

import { type Context, kernelOf } from "../gen/context.ts";
import { findByName, type RegistryTable } from "./registry-table.ts";

interface Place {
  readonly table: RegistryTable;
  readonly key: unknown;
  readonly value: unknown;
}

/** What makes the class `Registry` fit for `via`. */
export abstract class RegistryNames {
  /** For `via`: the process under a key. */
  static whereisName(context: unknown, name: unknown): Pid | undefined {
    const { table, key } = placeOf(context, name);
    return table.under(key)[0]?.pid;
  }

  /** For `via`: registers a process of this node under a key. */
  static registerName(context: unknown, name: unknown, pid: Pid<never>): "yes" | "no" {
    const { table, key, value } = placeOf(context, name);
    const process = table.kernel.find(table.kernel.localize(pid));
    if (process === null) throw new ArgumentError(`expected a living process of this node to register. Got: ${pid}`);
    return table.register(process, key, value).ok ? "yes" : "no";
  }

  /** For `via`: frees a key, whoever holds it. */
  static unregisterName(context: unknown, name: unknown): void {
    const { table, key } = placeOf(context, name);
    const [holder] = table.under(key);
    const process = holder === undefined ? null : table.kernel.find(holder.pid);
    if (process !== null) table.unregister(process, key, () => true);
  }

  /** For `via`: sends to the process under a key. @throws ArgumentError where there is none. */
  static send(context: unknown, name: unknown, message: unknown): Pid {
    const pid = RegistryNames.whereisName(context, name);
    if (pid === undefined) throw new ArgumentError(`invalid destination: no process is registered as ${show(name)}`);
    const kernel = kernelOf(checkContext(context));
    kernel.send(kernel.root, pid, message);
    return pid;
  }
}

function placeOf(context: unknown, name: unknown): Place {
  if (!Array.isArray(name) || name.length < 2 || name.length > 3) {
    throw new ArgumentError(`expected [registry, key] or [registry, key, value] as a name. Got: ${show(name)}`);
  }
  const registry: unknown = name[0];
  const key: unknown = name[1];
  const value: unknown = name[2];
  const table = findByName(checkContext(context), registry);
  if (table.keys === "unique") return { table, key, value };
  throw new ArgumentError(`via is not supported for duplicate registries, such as ${show(registry)}`);
}

function checkContext(context: unknown): Context {
  if (context instanceof Node || context instanceof ProcessControl) return context;
  throw new ArgumentError(`expected the calling process or a node. Got: ${show(context)}`);
}
