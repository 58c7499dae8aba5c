/** Handing the entries under a key to a function (REG-7). */
import { processOf, type ProcessContext } from "../gen/context.ts";
import { isPromise } from "../gen/settle.ts";
import { Task } from "../task/task.ts";
import type { Registered } from "./registry-name.ts";
import type { RegistryTable } from "./registry-table.ts";

/** What entries are handed to. */
export type Dispatched<Value, Result = unknown> = (entries: readonly Registered<Value>[]) => Result;

/** Hands over the entries of one partition after the other; a promise when the function gives one. */
export function dispatchInTurn<Key, Value>(
  table: RegistryTable<Key, Value>,
  key: Key,
  fn: Dispatched<Value>,
): "ok" | Promise<"ok"> {
  return inTurn(table.groupsUnder(key).values(), fn);
}

/** Hands over the entries of each partition in a process of its own, linked to the caller. */
export async function dispatchInParallel<Key, Value>(
  self: ProcessContext,
  { table, key }: { readonly table: RegistryTable<Key, Value>; readonly key: Key },
  fn: Dispatched<Value>,
): Promise<"ok"> {
  processOf(self, "dispatch in parallel");
  const groups = table.groupsUnder(key);
  if (table.keys === "unique" || table.partitions === 1) return inTurn(groups.values(), fn);
  const tasks = groups.map((entries) => Task.async(self, () => fn(entries)));
  await Promise.all(tasks.map((task) => Task.await(self, task, "infinity")));
  return "ok";
}

function inTurn<Value>(groups: Iterator<readonly Registered<Value>[]>, fn: Dispatched<Value>): "ok" | Promise<"ok"> {
  for (let next = groups.next(); next.done !== true; next = groups.next()) {
    const result = fn(next.value);
    if (isPromise(result)) return Promise.resolve(result).then(() => inTurn(groups, fn));
  }
  return "ok";
}
