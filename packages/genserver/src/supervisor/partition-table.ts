/**
 * Which process serves which partition. The table belongs to the supervisor's process and ends with it; whoever routes on
 * the same node reads it directly, without asking the supervisor.
 */
import { ArgumentError, type Pid, type Process } from "@otp/core";
import { ProcessControl, show } from "@otp/core/internal";

import { callError } from "../gen/call-error.ts";
import { type Context, kernelOf } from "../gen/context.ts";
import { findServer, type ServerTarget } from "../gen/server-name.ts";
import { hashOf } from "./child-key.ts";

const place = "$partitions";

/** The partitions of one supervisor. */
export class PartitionTable {
  /** How many it was started with: it never has more. */
  readonly most: number;
  /** How many there are now. */
  count: number;
  readonly #pids: (Pid | undefined)[] = [];

  constructor(count: number) {
    this.most = count;
    this.count = count;
  }

  /** Notes who serves `partition` from now on. */
  assign(partition: number, pid: Pid): void {
    this.#pids[partition] = pid;
  }

  /** Who serves `key`: whole numbers go round, anything else is spread by its value (PSUP-2). */
  route(key: unknown): Pid | undefined {
    const { count } = this;
    if (count === 0)
      throw new ArgumentError("this PartitionSupervisor has been resized to 0 partitions; there is no route");
    const isWhole = typeof key === "number" && Number.isInteger(key);
    return this.#pids[isWhole ? Math.abs(key % count) : hashOf(key) % count];
  }

  /** Puts the table where those who route find it. */
  keepIn(self: Process): void {
    self.dictionary.put(place, this);
  }
}

/**
 * The table of the partition supervisor `name`; undefined where there is none.
 *
 * @throws ArgumentError for a supervisor on another node, or a process that is no partition supervisor.
 */
export function findTable(context: Context, name: ServerTarget): PartitionTable | undefined {
  const found = findServer(kernelOf(context), name);
  if (found === null) return undefined;
  const table = found instanceof ProcessControl ? found.parts?.dictionary?.get(place) : undefined;
  if (table instanceof PartitionTable) return table;
  throw new ArgumentError(`expected a PartitionSupervisor of this node. Got: ${show(name)}`);
}

/** Like `findTable`. @throws CallError `noproc` where there is no such supervisor (PSUP-3). */
export function tableOf(context: Context, name: ServerTarget, operation: string): PartitionTable {
  const table = findTable(context, name);
  if (table !== undefined) return table;
  throw callError("noproc", { operation, target: name, request: undefined, timeoutMs: "infinity" });
}
