/**
 * How a process ends: once, with one reason, and everybody who has to know is told (EXIT-1, K9).
 *
 * The order is the law: what the process owns is free before anyone hears of its end (SIG-10). Ends that follow from an
 * end are queued, so that a chain of a million links is a loop and not a recursion; all of it is done before the call
 * that caused the first end returns (JS-3). Abort signals fire last: their listeners are foreign code, which finds
 * everything in order.
 */
import { CodecError } from "../base/errors.ts";
import { invariant } from "../base/invariant.ts";
import { Queue } from "../base/queue.ts";
import type { Signal } from "../signal/signal.ts";
import type { Pid } from "../term/pid.ts";
import type { ControlBlock } from "./control-block.ts";
import { formatReason } from "./format-reason.ts";
import type { Kernel } from "./kernel.ts";
import type { LinkState } from "./link-table.ts";
import { tellTarget } from "./monitors.ts";
import { stopWaiting } from "./receive.ts";

/** The ends in progress on one node. */
export class Endings {
  readonly #queue = new Queue<ControlBlock>();
  /** Of those in the queue, one by one. */
  readonly #reasons = new Queue<unknown>();
  readonly #aborts = new Queue<{ readonly controller: AbortController; readonly reason: unknown }>();
  #isRunning = false;

  /** Ends `process`; from here on it is dead to everyone, also to itself. */
  end(process: ControlBlock, reason: unknown): void {
    if (!process.isAlive) return;
    process.markDead();
    if (process.parts === null && process.links === null) {
      // It owns nothing, and whoever hears of its end will do so in a turn of their own: there is nothing to put in order.
      vacate(process);
      tellWatchers(process, reason);
      while (process.calls !== null) process.calls.fail(reason);
      return;
    }
    this.#queue.push(process);
    this.#reasons.push(reason);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const why = this.#reasons.shift();
        const controller = conclude(next, why);
        if (controller !== null) this.#aborts.push({ controller, reason: why });
      }
    } finally {
      this.#isRunning = false;
    }
    for (let next = this.#aborts.shift(); next !== undefined; next = this.#aborts.shift()) {
      next.controller.abort(next.reason);
    }
  }
}

/** Does all that has to be done at an end but for the abort signal, which it returns. */
function conclude(process: ControlBlock, reason: unknown): AbortController | null {
  const { parts } = process;
  vacate(process);
  release(process);
  tellWatchers(process, reason);
  tellLinks(process, reason);
  while (process.calls !== null) process.calls.fail(reason);
  process.links = null;
  process.parts = null;
  if (parts === null) return null;
  const { abort } = parts;
  // Whoever asks the dead for its signal gets the one that tells the reason.
  if (abort !== null) process.needParts().abort = abort;
  return abort;
}

/** Takes a dead process out of the machine. */
function vacate(process: ControlBlock): void {
  process.kernel.processes.remove(process);
  stopWaiting(process);
  process.mailbox = null;
  process.code = null;
}

/** Frees names, aliases, timers and own monitors (EXIT-15). */
function release(process: ControlBlock): void {
  const { kernel, parts } = process;
  if (parts === null) return;
  kernel.names.release(process);
  for (const cleanup of parts.cleanups ?? []) cleanup();
  for (const alias of parts.aliases ?? []) kernel.aliases.delete(alias);
  for (const sleeper of parts.sleepers ?? []) kernel.timers.cancel(sleeper);
  while (parts.timers !== null) {
    const timer = parts.timers;
    kernel.timers.cancel(timer);
    timer.forget();
  }
  for (const monitor of parts.monitors?.values() ?? []) {
    tellTarget(process, monitor);
    if (monitor.object.node !== kernel.own.name) kernel.remotes.dropMonitor(monitor.object.node, monitor);
  }
}

function tellWatchers(process: ControlBlock, reason: unknown): void {
  const { kernel, pid } = process;
  for (let watcher = process.watchers; watcher !== null; watcher = watcher.after) {
    const { ref, pid: to, name } = watcher;
    if (kernel.isOwnPid(to)) {
      kernel.fireMonitor(to, ref, reason);
    } else {
      kernel.remotes.dropWatcher(to.node, ref);
      tellAfar(kernel, to.node, { op: "down", from: name ?? pid, to, ref, reason });
    }
  }
  process.watchers = null;
}

function tellLinks(process: ControlBlock, reason: unknown): void {
  process.links?.visit(tellLinked, { process, reason });
}

function tellLinked(
  other: Pid,
  state: LinkState,
  { process, reason }: { readonly process: ControlBlock; readonly reason: unknown },
): void {
  const { kernel, pid } = process;
  if (kernel.isOwnPid(other)) {
    const linked = kernel.find(other);
    if (linked === null) return;
    // Removed on both ends before the signal counts (LINK-12).
    invariant(linked.links?.delete(pid) === true, "K4", "a link had one end");
    linked.receiveExit({ from: pid, reason, isFromLink: true });
  } else {
    kernel.remotes.dropLink(other.node, process, other);
    // An end whose unlink is on its way has nothing to say any more.
    if (state === 0) tellAfar(kernel, other.node, { op: "linkExit", from: pid, to: other, reason });
  }
}

/** A reason that cannot cross goes in words: whoever waits must hear of the end (K9). */
export function tellAfar(
  kernel: Kernel,
  node: string,
  signal: Extract<Signal, { readonly op: "down" | "linkExit" }>,
): void {
  try {
    kernel.route(node, signal);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    kernel.route(node, { ...signal, reason: formatReason(signal.reason) });
  }
}
