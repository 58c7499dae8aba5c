/**
 * PartitionSupervisor: several copies of one child, among which work is shared out by a key, where one process would be the
 * bottleneck, or state should be spread.
 *
 * `{ via: PartitionSupervisor, name: [name, key] }` is the address of the copy that serves `key`, wherever an address can
 * stand.
 *
 * @example
 * import { call, GenServer, PartitionSupervisor, reply, ok, type Call, type From } from "@otp/genserver";
 *
 * interface TallyProtocol {
 *   call: Call<"count", number>;
 * }
 *
 * class Tally extends GenServer<number, TallyProtocol> {
 *   override init() {
 *     return ok(0);
 *   }
 *   override handleCall(_request: TallyProtocol["call"], _from: From, count: number) {
 *     return reply(count + 1, count + 1);
 *   }
 * }
 *
 * const tallies = await PartitionSupervisor.startLink(self, { name: "tallies", childSpec: Tally, partitions: 4 });
 * await call(self, { via: PartitionSupervisor, name: ["tallies", "ann"] }, { type: "count" }); // => 1
 * await call(self, { via: PartitionSupervisor, name: ["tallies", "ann"] }, { type: "count" }); // => 2
 * await PartitionSupervisor.stop(self, tallies);
 */
import { availableParallelism } from "node:os";

import { ArgumentError, Node, type Pid, type Process } from "@otp/core";
import { ProcessControl, show } from "@otp/core/internal";

import { type Context, kernelOf, type ProcessContext } from "../gen/context.ts";
import type { Timeout } from "../gen/duration.ts";
import type { ServerName, ServerTarget } from "../gen/server-name.ts";
import { stop } from "../gen-server/client.ts";
import { start, startLink } from "../gen-server/start.ts";
import type { ChildCounts, ChildInfo } from "./admin.ts";
import { type ChildLike, type ChildModule, idOf, type RightModule, specOf } from "./child-like.ts";
import { type ChildSpec, parseStart, type Started } from "./child-spec.ts";
import type { SupervisorFlags } from "./flags.ts";
import { findTable, PartitionTable, tableOf } from "./partition-table.ts";
import type { SupervisorPlan } from "./plan.ts";
import { pidOf } from "./start-child.ts";
import { Supervisor } from "./supervisor.ts";
import { type SupervisorInit, type SupervisorPid, SupervisorServer } from "./supervisor-server.ts";

/** What a partition supervisor is told. */
export interface PartitionOptions<Child extends ChildLike = ChildLike> extends Partial<SupervisorFlags> {
  /** Under which the partitions are addressed. */
  readonly name: ServerName;
  /** What each partition runs. Its id is replaced by the number of the partition. */
  readonly childSpec: Child;
  /** How many partitions: by default as many as there are processor cores. */
  readonly partitions?: number;
  /** Makes the arguments of a partition's start function from those of the spec and its number. */
  readonly withArguments?: (args: readonly unknown[], partition: number) => readonly unknown[];
  /** Milliseconds that all partitions may take to start. Default `"infinity"`. */
  readonly timeout?: number | "infinity";
}

/** Starting, asking and stopping partition supervisors, and routing to their partitions. */
export class PartitionSupervisor {
  /**
   * Starts a supervisor with one child per partition and links it to `self`.
   *
   * @throws ArgumentError for options that make no sense. Rejects like `Supervisor.startLink`.
   */
  static startLink<Child extends ChildLike>(
    self: ProcessContext,
    options: PartitionOptions<Child & NoInfer<RightModule<Child>>>,
  ): Promise<SupervisorPid> {
    const { plan, name, timeout } = planFrom(options);
    return startLink(self, SupervisorServer, plan, { name, timeout });
  }

  /** Like `startLink`, without a link: for code outside any process. */
  static start<Child extends ChildLike>(
    context: Context,
    options: PartitionOptions<Child & NoInfer<RightModule<Child>>>,
  ): Promise<SupervisorPid> {
    const { plan, name, timeout } = planFrom(options);
    return start(context, SupervisorServer, plan, { name, timeout });
  }

  /** How another supervisor starts this one; its id is its name. */
  static childSpec(options: PartitionOptions): ChildSpec {
    return {
      id: idOf(options.name, "PartitionSupervisor"),
      type: "supervisor",
      modules: ["PartitionSupervisor"],
      start: (self: Process) => {
        const { plan, name, timeout } = planFrom(options);
        return startLink(self, SupervisorServer, plan, { name, timeout });
      },
    };
  }

  /** How many partitions there are now. @throws CallError `noproc` where there is no such supervisor. */
  static partitions(context: Context, supervisor: ServerTarget): number {
    return tableOf(context, supervisor, "PartitionSupervisor.partitions").count;
  }

  /** The partitions: their numbers as ids, from 0. */
  static async whichChildren(context: Context, supervisor: ServerTarget): Promise<readonly ChildInfo[]> {
    return (await Supervisor.whichChildren(context, supervisor)).toReversed();
  }

  /** The partitions in numbers. */
  static countChildren(context: Context, supervisor: ServerTarget): Promise<ChildCounts> {
    return Supervisor.countChildren(context, supervisor);
  }

  /**
   * Changes the number of partitions, to at most as many as there were at the start; gives the number before. Keys are
   * routed anew at once, so the state of the partitions has to bear that.
   *
   * @throws ArgumentError (as a rejection) for a number that cannot be.
   */
  static async resize(context: Context, supervisor: ServerTarget, partitions: number): Promise<number> {
    const table = tableOf(context, supervisor, "PartitionSupervisor.resize");
    const before = table.count;
    if (!Number.isInteger(partitions) || partitions < 0 || partitions > table.most) {
      throw new ArgumentError(`expected a number of partitions from 0 to ${table.most}. Got: ${show(partitions)}`);
    }
    for (let added = before; added < partitions; added += 1) {
      const result = await Supervisor.restartChild(context, supervisor, added);
      if (result.ok || result.reason === "running" || result.reason === "restarting") table.count = added + 1;
      else throw new ArgumentError(`partition ${added} could not be started: ${show(result.reason)}`);
    }
    // No key is routed to a partition that is about to stop.
    if (partitions < before) table.count = partitions;
    for (let dropped = before - 1; dropped >= partitions; dropped -= 1) {
      await Supervisor.terminateChild(context, supervisor, dropped);
    }
    return before;
  }

  /** Stops a partition supervisor with all partitions, in reverse order, and resolves when it has ended. */
  static stop(context: Context, supervisor: ServerTarget, reason?: unknown, timeout?: Timeout): Promise<"ok"> {
    return stop(context, supervisor, reason, timeout);
  }

  /** For `via`: the process that serves a key. */
  static whereisName(context: unknown, name: unknown): Pid | undefined {
    const [supervisor, key] = checkRoute(name);
    return findTable(checkContext(context), supervisor)?.route(key);
  }

  /** For `via`: sends to the process that serves a key. */
  static send(context: unknown, name: unknown, message: unknown): Pid {
    const pid = PartitionSupervisor.whereisName(context, name);
    if (pid === undefined) throw new ArgumentError(`invalid destination: no partition serves ${show(name)}`);
    const kernel = kernelOf(checkContext(context));
    kernel.send(kernel.root, pid, message);
    return pid;
  }

  /** For `via`: partitions have their names already. */
  static registerName(_context: unknown, name: unknown): "no" {
    throw new ArgumentError(`no process can be registered as ${show(name)}: partitions are named by their supervisor`);
  }

  /** For `via`: partitions keep their names. */
  static unregisterName(_context: unknown, name: unknown): void {
    throw new ArgumentError(`${show(name)} cannot be unregistered: partitions are named by their supervisor`);
  }
}

interface PartitionPlan {
  readonly plan: SupervisorPlan;
  readonly name: ServerName;
  readonly timeout: number | "infinity" | undefined;
}

type Adapt = (args: readonly unknown[], partition: number) => readonly unknown[];

function planFrom(options: PartitionOptions): PartitionPlan {
  const { name, childSpec, partitions = availableParallelism(), withArguments, timeout, ...flags } = options;
  if (name === undefined || name === null) throw missing("name", name);
  if (childSpec === undefined) throw missing("childSpec", childSpec);
  if (!Number.isInteger(partitions) || partitions < 1) {
    throw new ArgumentError(`expected the option partitions to be a positive whole number. Got: ${show(partitions)}`);
  }
  if (withArguments !== undefined && typeof withArguments !== "function") {
    throw new ArgumentError(
      `expected the option withArguments to be a function of the arguments and the partition. Got: ${show(withArguments)}`,
    );
  }
  // What is no child at all is the caller's mistake.
  specOf(childSpec);
  const init = (self: Process): SupervisorInit => {
    const table = new PartitionTable(partitions);
    table.keepIn(self);
    const numbers = Array.from({ length: partitions }, (_, partition) => partition);
    const adapt = withArguments ?? ((args) => args);
    const children = numbers.map((partition) => partitionOf(childSpec, { partition, table, adapt }));
    return { flags: { strategy: "one_for_one", ...flags }, children };
  };
  return { plan: { module: "PartitionSupervisor", init }, name, timeout };
}

/** The child of one partition: that of the spec, and known to the table whenever it has been started. */
function partitionOf(
  given: ChildLike,
  { partition, table, adapt }: { readonly partition: number; readonly table: PartitionTable; readonly adapt: Adapt },
): ChildSpec {
  // A class gets its argument adapted, a start function its arguments.
  const spec = specOf(isClassWithArg(given) ? [given[0], adapt([given[1]], partition)[0]] : given);
  const call = parseStart(spec.start);
  // Left as it is, a start that is none is refused by the supervisor, by name.
  if (call === undefined) return { ...spec, id: partition };
  const start = async (self: Process): Promise<Started> => {
    const args = isClassWithArg(given) ? call.args : adapt(call.args, partition);
    const started = await call.start(self, ...args);
    const pid = pidOf(started);
    if (pid !== undefined) table.assign(partition, pid);
    return started;
  };
  return { modules: [call.start.name], ...spec, id: partition, start };
}

function isClassWithArg(given: ChildLike): given is Extract<ChildLike, readonly [ChildModule, unknown]> {
  return Array.isArray(given);
}

function missing(option: string, given: unknown): ArgumentError {
  return new ArgumentError(`expected the option ${option} to be given to a PartitionSupervisor. Got: ${show(given)}`);
}

function checkRoute(name: unknown): readonly [supervisor: ServerTarget, key: unknown] {
  if (Array.isArray(name) && name.length === 2) return [name[0], name[1]];
  throw new ArgumentError(`expected [name, key] to find a partition by. Got: ${show(name)}`);
}

function checkContext(context: unknown): Context {
  if (context instanceof Node || context instanceof ProcessControl) return context;
  throw new ArgumentError(`expected the calling process or a node. Got: ${show(context)}`);
}
