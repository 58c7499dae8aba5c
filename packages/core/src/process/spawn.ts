/** Starting processes: here at once, elsewhere by a request, and in both cases with the pid in hand (JS-2, NODE-14). */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { Ref } from "../term/ref.ts";
import { isRemoteFunction, remoteTerm } from "../term/remote-function.ts";
import type { ProcessControl } from "./control.ts";
import { addLink } from "./links.ts";
import { keepMonitor, monitorLocal } from "./monitors.ts";
import type { SpawnedMonitor, SpawnOptions } from "./process.ts";

type AnyProcessFunction = (...args: never) => unknown;

/** `(fn, …args)` or `(options, fn, …args)`. */
export type SpawnArguments =
  | readonly [fn: AnyProcessFunction, ...args: readonly unknown[]]
  | readonly [options: SpawnOptions, fn: AnyProcessFunction, ...args: readonly unknown[]];

/** What is asked for besides the process. */
export interface Ties {
  readonly link: boolean;
  readonly monitor: boolean;
}

const noArguments: readonly unknown[] = [];

interface Order {
  readonly node: string | undefined;
  readonly fn: AnyProcessFunction;
  readonly args: readonly unknown[];
}

/** Sorts out the two forms of arguments. */
export function parseSpawn(given: SpawnArguments): Order {
  const [first] = given;
  if (typeof first === "function") {
    return { node: undefined, fn: first, args: given.length === 1 ? noArguments : given.slice(1) };
  }
  const [, second, ...rest] = given;
  if (isFunction(second)) return { node: checkSpawnOptions(first), fn: second, args: rest };
  throw new ArgumentError(
    `expected spawn(fn, …args) or spawn({ node }, fn, …args). Got: ${typeof first}, ${typeof second}`,
  );
}

/** All but `node` are taken for familiarity and have no effect (JS-14). */
const spawnOptions: ReadonlySet<string> = new Set<keyof SpawnOptions>([
  "node",
  "priority",
  "minHeapSize",
  "minBinVheapSize",
  "fullsweepAfter",
  "maxHeapSize",
  "messageQueueData",
]);

function checkSpawnOptions(options: SpawnOptions): string | undefined {
  if (typeof options !== "object" || options === null) {
    throw new ArgumentError(`expected spawn options as an object. Got: ${show(options)}`);
  }
  const stranger = Object.keys(options).find((option) => !spawnOptions.has(option));
  if (stranger !== undefined) {
    throw new ArgumentError(`expected spawn options out of ${[...spawnOptions].join(", ")}. Got: ${stranger}`);
  }
  const { node } = options;
  if (node === undefined || typeof node === "string") return node;
  throw new ArgumentError(`expected node to be the name of a node to spawn on. Got: ${show(node)}`);
}

function isLocalLaunch(given: SpawnArguments): given is readonly [fn: AnyProcessFunction, ...args: readonly unknown[]] {
  return typeof given[0] === "function";
}

function isFunction(value: unknown): value is AnyProcessFunction {
  return typeof value === "function";
}

/** Spawns for `parent`, which inherits its group leader to the child (PROC-1). */
export function spawnFrom(parent: ProcessControl, given: SpawnArguments, ties: Ties): SpawnedMonitor {
  parent.assertAlive();
  const { kernel } = parent;
  const ref = ties.monitor ? parent.makeRef() : kernel.noRef;
  let child: ProcessControl;
  if (isLocalLaunch(given)) {
    child = kernel.spawn(given.length === 1 ? given[0] : given, parent.groupLeader);
  } else {
    const { node, fn, args } = parseSpawn(given);
    if (node !== undefined && node !== kernel.own.name)
      return spawnRemote(parent, { node, fn, args }, { ...ties, ref });
    child = kernel.spawnFunction(fn, args, { leader: parent.groupLeader });
  }
  if (ties.link) {
    addLink(parent, child.pid);
    addLink(child, parent.pid);
  }
  if (ties.monitor) {
    monitorLocal(parent, child, ref);
  }
  return { pid: child.pid, ref };
}

/**
 * The spawner names the new process itself, from a number space of its own within the other node, so that the pid is
 * there at once and signals to it queue up behind the request.
 */
function spawnRemote(
  parent: ProcessControl,
  order: { readonly node: string; readonly fn: AnyProcessFunction; readonly args: readonly unknown[] },
  ties: Ties & { readonly ref: Ref },
): SpawnedMonitor {
  const { kernel } = parent;
  const { fn, node } = order;
  if (!isRemoteFunction(fn)) {
    throw new ArgumentError(
      `expected a function made by remote("name", …) to spawn on ${node}, since code does not travel. Got: ${fn.name || "an anonymous function"}`,
    );
  }
  const pid = kernel.reservePid(node);
  if (ties.link) {
    addLink(parent, pid);
    kernel.remotes.addLink(node, parent, pid);
  }
  if (ties.monitor) {
    const entry = { ref: ties.ref, pid, object: pid, tag: "DOWN", alias: null, watcher: null };
    keepMonitor(parent, entry);
    kernel.remotes.addMonitor(node, parent, entry);
  }
  const { link, monitor, ref } = ties;
  kernel.route(node, {
    op: "spawnRequest",
    ref,
    pid,
    from: parent.pid,
    groupLeader: parent.groupLeader,
    fn: fn[remoteTerm],
    args: order.args,
    wishes: { link, monitor },
  });
  return { pid, ref };
}
