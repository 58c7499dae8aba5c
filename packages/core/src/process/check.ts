/** Walks every table of a kernel and names what does not agree (K4, K6, K7, D2, T1). */
import type { ControlBlock } from "./control-block.ts";
import { FarCall } from "./far-call.ts";
import type { Kernel } from "./kernel.ts";
import { type Monitor, type Watcher, watchersOf } from "./parts.ts";

/** One broken invariant. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

/** What is wrong in the tables of `kernel`; nothing, always. */
export function checkKernel(kernel: Kernel): Violation[] {
  const found: Violation[] = [];
  const say = (invariant: string, detail: string): void => {
    found.push({ invariant, detail });
  };
  for (const process of kernel.processes) {
    if (!process.isAlive || process.pid.resident !== process) say("K6", `${process.pid} is in the table and not alive`);
    checkLinks(kernel, process, say);
    checkMonitors(kernel, process, say);
    checkCalls(kernel, process, say);
    checkBelongings(kernel, process, say);
  }
  for (const [name, process] of kernel.names.entries()) {
    if (!process.isAlive || process.parts?.name !== name)
      say("K7", `${name} belongs to ${process.pid}, which has ended or another name`);
  }
  for (const [number, { process, ref }] of kernel.aliases) {
    if (!process.isAlive || process.parts?.aliases?.has(number) !== true) say("K4", `alias ${ref} has no owner`);
  }
  for (const { receiver, ref, list } of kernel.userTimers.values()) {
    if (list === null) say("T1", `timer ${ref} is known and not running`);
    if (receiver !== null && !receiver.isAlive) say("T1", `timer ${ref} aims at ${receiver.pid}, which has ended`);
  }
  return found;
}

/** What a process owns is in the tables by which others find it. */
function checkBelongings(kernel: Kernel, process: ControlBlock, say: Say): void {
  const { parts, pid } = process;
  if (parts === null) return;
  if (parts.name !== null && kernel.names.find(parts.name) !== process)
    say("K7", `${pid} is not found as ${parts.name}`);
  for (const number of parts.aliases ?? []) {
    if (kernel.aliases.get(number)?.process !== process) say("K4", `alias ${number} of ${pid} leads nowhere`);
  }
  for (let timer = parts.timers; timer !== null; timer = timer.after) {
    if (timer.receiver !== process || !kernel.userTimers.has(timer.ref.number)) say("T1", `${pid} keeps ${timer.ref}`);
  }
}

type Say = (invariant: string, detail: string) => void;

function checkLinks(kernel: Kernel, process: ControlBlock, say: Say): void {
  for (const [pid, state] of process.links ?? []) {
    if (!kernel.isOwnPid(pid)) {
      if (!kernel.remotes.hasLink(pid.node, process, pid))
        say("K4", `link ${process.pid} – ${pid} would miss a lost connection`);
    } else if (state !== 0 || kernel.find(pid)?.links?.get(process.pid) !== 0) {
      say("K4", `link ${process.pid} – ${pid} has one end`);
    }
  }
}

function checkCalls(kernel: Kernel, process: ControlBlock, say: Say): void {
  for (let call = process.calls; call !== null; call = call.olderCall) {
    if (call instanceof FarCall && kernel.remotes.findFarCall(call.pid.node, call.alias) !== call)
      say("K4", `the call of ${call.pid} to ${process.pid} would survive a lost connection`);
  }
}

function checkMonitors(kernel: Kernel, process: ControlBlock, say: Say): void {
  for (const monitor of process.parts?.monitors?.values() ?? []) {
    if (monitor.object.node !== kernel.own.name) {
      if (!kernel.remotes.hasMonitor(monitor.object.node, monitor.ref)) {
        say("K4", `monitor ${monitor.ref} would miss a lost connection`);
      }
    } else if (monitor.watcher === null || !isWatched(kernel, monitor, monitor.watcher)) {
      say("K4", `monitor ${monitor.ref} of ${process.pid} watches nobody`);
    }
  }
  for (const watcher of watchersOf(process)) {
    const { ref } = watcher;
    if (kernel.isOwnPid(watcher.pid)) {
      if (kernel.find(watcher.pid)?.parts?.monitors?.has(ref.number) !== true) {
        say("K4", `${process.pid} would tell ${watcher.pid}, which does not wait for ${ref}`);
      }
    } else if (kernel.remotes.findWatcher(watcher.pid.node, ref) !== watcher) {
      say("K4", `watcher ${watcher.pid} of ${process.pid} would survive a lost connection`);
    }
  }
}

/** Whether the other end of a monitor stands in the list of the process that it is on. */
function isWatched(kernel: Kernel, { pid, ref }: Monitor, watcher: Watcher): boolean {
  const watched = pid === null ? null : kernel.find(pid);
  return watched !== null && watcher.ref === ref && watchersOf(watched).includes(watcher);
}
