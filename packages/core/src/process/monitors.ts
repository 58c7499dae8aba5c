/** Monitors: one-way, independent of each other, each good for exactly one DOWN (MON-1, MON-2). */
import { ArgumentError } from "../base/errors.ts";
import { invariant } from "../base/invariant.ts";
import { SmallMap } from "../base/small-map.ts";
import { show } from "../base/show.ts";
import type { RemoteName } from "../term/address.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { type Alias, closeAlias, openAlias } from "./aliases.ts";
import type { ControlBlock } from "./control-block.ts";
import { type AliasMode, type Monitor, Watcher } from "./parts.ts";
import type { DemonitorOptions, MonitorOptions } from "./process.ts";

const aliasModes: Readonly<Record<string, AliasMode>> = {
  explicitUnalias: "explicit",
  demonitor: "demonitor",
  replyDemonitor: "replyDemonitor",
};

/** `monitor(target)` called by `process`. */
export function monitor(
  process: ControlBlock,
  target: Pid<never> | string | RemoteName,
  options: MonitorOptions | undefined,
): Ref {
  process.assertAlive();
  const { kernel } = process;
  const { object, pid, node } = resolve(process, target);
  const alias = checkOptions(options);
  const ref = process.makeRef();
  const tag = options?.tag ?? "DOWN";
  if (pid === process.pid) return ref;
  if (alias !== null) openAlias(process, ref, alias);
  const watched = node !== null || pid === null ? null : kernel.find(pid);
  const name = object instanceof Pid ? null : object.name;
  const watcher = watched === null ? null : watch(watched, ref, { pid: process.pid, name });
  const entry: Monitor = { ref, pid, object, tag, alias, watcher };
  keepMonitor(process, entry);
  if (node !== null) {
    kernel.remotes.addMonitor(node, process, entry);
    const to = pid ?? (object instanceof Pid ? object : object.name);
    kernel.route(node, { op: "monitor", from: process.pid, to, ref });
    return ref;
  }
  if (watched === null) fireMonitor(process, ref, "noproc");
  return ref;
}

/** `demonitor(ref)` called by `process`. */
export function demonitor(process: ControlBlock, ref: Ref, options: DemonitorOptions | undefined): boolean {
  process.assertAlive();
  if (!(ref instanceof Ref)) throw new ArgumentError(`expected a monitor's ref. Got: ${show(ref)}`);
  for (const option of Object.keys(options ?? {})) {
    if (option !== "flush" && option !== "info") {
      throw new ArgumentError(`expected the options flush and info to demonitor. Got: ${option}`);
    }
  }
  const entry = findMonitor(process, ref);
  if (entry !== undefined) {
    dropMonitor(process, entry);
    tellTarget(process, entry);
    if (entry.alias === "demonitor" || entry.alias === "replyDemonitor") closeAlias(process, ref);
  }
  if (options?.flush === true) process.mailbox?.remove((message) => isDown(message, ref));
  return options?.info === true ? entry !== undefined : true;
}

/** Delivers the DOWN of a monitor that is still there; false when it is not. */
export function fireMonitor(process: ControlBlock, ref: Ref, reason: unknown): boolean {
  const entry = findMonitor(process, ref);
  if (entry === undefined) return false;
  dropMonitor(process, entry);
  if (entry.alias === "demonitor" || entry.alias === "replyDemonitor") closeAlias(process, ref);
  process.accept({ type: entry.tag, ref, object: entry.object, reason });
  return true;
}

/** Delivers a message that was sent to an alias, and closes the alias where its mode says so. */
export function deliverToAlias({ process, ref, mode }: Alias, message: unknown): void {
  if (mode === "reply" || mode === "replyDemonitor") {
    closeAlias(process, ref);
    const entry = mode === "replyDemonitor" ? findMonitor(process, ref) : undefined;
    if (entry !== undefined) {
      dropMonitor(process, entry);
      tellTarget(process, entry);
    }
  }
  process.accept(message);
}

/** Puts somebody on the list of those who are told when `process` ends. */
export function watch(
  process: ControlBlock,
  ref: Ref,
  who: { readonly pid: Pid; readonly name: string | null },
): Watcher {
  const watcher = new Watcher(ref, who, process);
  const first = process.watchers;
  if (first === null) {
    process.watchers = watcher;
  } else {
    watcher.before = first.before;
    first.before.after = watcher;
    first.before = watcher;
  }
  return watcher;
}

/** Takes a watcher off the list again, if it still is on it. */
export function unwatch(watcher: Watcher): void {
  const { watched, before, after } = watcher;
  const first = watched.watchers;
  if (first === null) return;
  if (first === watcher) {
    watched.watchers = after;
    if (after !== null) after.before = before;
  } else {
    before.after = after;
    (after ?? first).before = before;
  }
}

/** Has `process` watch another one of this node. */
export function monitorLocal(process: ControlBlock, watched: ControlBlock, ref: Ref): void {
  const { pid } = watched;
  const watcher = watch(watched, ref, { pid: process.pid, name: null });
  keepMonitor(process, { ref, pid, object: pid, tag: "DOWN", alias: null, watcher });
}

/** Notes a monitor on the watcher's side. */
export function keepMonitor(process: ControlBlock, entry: Monitor): void {
  const parts = process.needParts();
  parts.monitors ??= new SmallMap();
  invariant(!parts.monitors.has(entry.ref.number), "K5", "a ref would be two monitors");
  parts.monitors.set(entry.ref.number, entry);
}

/** The monitor of that ref, if `process` owns it and it has not fired. */
export function findMonitor(process: ControlBlock, ref: Ref): Monitor | undefined {
  const entry = process.parts?.monitors?.get(ref.number);
  return entry?.ref === ref ? entry : undefined;
}

/** Removes the watcher's entry, without telling the target. */
function dropMonitor(process: ControlBlock, entry: Monitor): void {
  process.parts?.monitors?.delete(entry.ref.number);
  const node = remoteNode(process, entry);
  if (node !== null) process.kernel.remotes.dropMonitor(node, entry);
}

/** Tells the target that nobody waits for its end any more (MON-11). */
export function tellTarget(process: ControlBlock, entry: Monitor): void {
  const node = remoteNode(process, entry);
  if (node !== null) {
    const to = entry.object instanceof Pid ? entry.object : entry.object.name;
    process.kernel.route(node, { op: "demonitor", from: process.pid, to, ref: entry.ref });
  } else if (entry.watcher !== null) {
    unwatch(entry.watcher);
  }
}

function remoteNode(process: ControlBlock, entry: Monitor): string | null {
  const { node } = entry.object;
  return node === process.kernel.own.name ? null : node;
}

interface Target {
  readonly object: Pid | RemoteName;
  readonly pid: Pid | null;
  /** The other node, null for the own. */
  readonly node: string | null;
}

/** Names are looked up now, once (MON-5). */
function resolve(process: ControlBlock, target: Pid<never> | string | RemoteName): Target {
  const { kernel } = process;
  if (target instanceof Pid) {
    const pid = kernel.localize(target);
    return { object: pid, pid, node: kernel.isOwnPid(pid) ? null : pid.node };
  }
  const named = typeof target === "string" ? { name: target, node: kernel.own.name } : target;
  if (typeof named !== "object" || named === null || typeof named.name !== "string" || typeof named.node !== "string") {
    throw new ArgumentError(`expected a pid, a name or { name, node } to monitor. Got: ${show(target)}`);
  }
  if (Object.keys(named).length !== 2) {
    throw new ArgumentError(`expected only name and node to monitor. Got: ${Object.keys(named).join(", ")}`);
  }
  // Seen by `info` and in the DOWN, hence nobody's to change.
  const object = Object.freeze({ name: named.name, node: named.node });
  if (named.node !== kernel.own.name) return { object, pid: null, node: named.node };
  return { object, pid: kernel.names.whereis(named.name) ?? null, node: null };
}

function checkOptions(options: MonitorOptions | undefined): AliasMode | null {
  if (options === undefined) return null;
  if (typeof options !== "object" || options === null) {
    throw new ArgumentError(`expected monitor options as an object. Got: ${show(options)}`);
  }
  for (const option of Object.keys(options)) {
    if (option !== "tag" && option !== "alias") {
      throw new ArgumentError(`expected the options tag and alias to monitor. Got: ${option}`);
    }
  }
  if (options.alias === undefined) return null;
  const mode = aliasModes[options.alias];
  if (mode !== undefined) return mode;
  throw new ArgumentError(
    `expected alias to be one of ${Object.keys(aliasModes).join(", ")}. Got: ${show(options.alias)}`,
  );
}

function isDown(message: unknown, ref: Ref): boolean {
  return (
    typeof message === "object" &&
    message !== null &&
    "ref" in message &&
    message.ref === ref &&
    "object" in message &&
    "reason" in message
  );
}
