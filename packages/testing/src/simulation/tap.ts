/**
 * Tells a trace what one node's kernel does. The kernel has no hook for that, and pays nothing for it in production: its
 * methods are replaced on this one object, which is possible because it is as dynamic as any.
 */
import { Pid, Ref } from "@otp/core";
import { type ControlBlock, type Kernel, PendingCall, ProcessControl, show } from "@otp/core/internal";
import type { Task } from "@otp/core/runtime";

import type { Happening } from "./trace.ts";

/** Takes what happened. */
export type Tell = (happening: Happening) => void;

/** From here on `tell` hears of everything that `kernel` does. */
export function tap(kernel: Kernel, tell: Tell): void {
  tapProcesses(kernel, tell);
  const send = kernel.send.bind(kernel);
  kernel.send = (from, to, message) => {
    tell({ kind: "send", from: wordFor(from), to: wordFor(to), message: show(message) });
    send(from, to, message);
  };
  const { names, remotes, endings } = kernel;
  const register = names.register.bind(names);
  names.register = (name, process) => {
    const done = register(name, process);
    tell({ kind: "register", name, pid: wordFor(process.pid) });
    return done;
  };
  const release = names.release.bind(names);
  names.release = (process) => {
    const name = process.parts?.name ?? null;
    release(process);
    if (name !== null) tell({ kind: "release", name, pid: wordFor(process.pid) });
  };
  const sweep = remotes.sweep.bind(remotes);
  remotes.sweep = (node) => {
    tell({ kind: "nodedown", peer: node });
    sweep(node);
  };
  const end = endings.end.bind(endings);
  endings.end = (process, reason) => {
    if (process.isAlive) tell({ kind: "exit", pid: wordFor(process.pid), reason: show(reason) });
    end(process, reason);
  };
}

function tapProcesses({ processes }: Kernel, tell: Tell): void {
  const add = processes.add.bind(processes);
  processes.add = (process) => {
    add(process);
    const pid = wordFor(process.pid);
    tell({ kind: "spawn", pid });
    tapInbox(process, tell);
    if (process instanceof ProcessControl) tapMonitors(process, tell);
  };
}

function tapInbox(process: ControlBlock, tell: Tell): void {
  const to = wordFor(process.pid);
  const accept = process.accept.bind(process);
  process.accept = (message) => {
    if (process.isAlive) tell(downIn(to, message) ?? { kind: "deliver", to, message: show(message) });
    accept(message);
  };
  const receiveExit = process.receiveExit.bind(process);
  process.receiveExit = (exit) => {
    const { from, reason, isFromLink } = exit;
    if (process.isAlive) tell({ kind: "signal", to, from: wordFor(from), reason: show(reason), isFromLink });
    receiveExit(exit);
  };
}

function tapMonitors(process: ProcessControl, tell: Tell): void {
  const pid = wordFor(process.pid);
  const monitor = process.monitor.bind(process);
  process.monitor = (target, options) => {
    const ref = monitor(target, options);
    tell({ kind: "monitor", pid, ref: String(ref), object: wordFor(target) });
    return ref;
  };
  const demonitor = process.demonitor.bind(process);
  process.demonitor = (ref, options) => {
    const done = demonitor(ref, options);
    tell({ kind: "demonitor", pid, ref: String(ref), isFlushed: options?.flush === true });
    return done;
  };
}

function downIn(to: string, message: unknown): Happening | undefined {
  if (typeof message !== "object" || message === null || !("type" in message) || !("ref" in message)) return undefined;
  if (message.type !== "DOWN" || !(message.ref instanceof Ref) || !("object" in message)) return undefined;
  const reason = "reason" in message ? show(message.reason) : "";
  return { kind: "down", to, ref: String(message.ref), object: wordFor(message.object), reason };
}

/** From here on a number is the spawner's, and only together with its incarnation somebody's own. */
const spawnerNumbers = 2 ** 52;

/** A pid as every node would print it; anything else as it prints. */
export function wordFor(value: unknown): string {
  if (!(value instanceof Pid)) return show(value);
  const { node, number, home } = value;
  const word = `${node.split("@")[0] ?? ""}.${String(number)}`;
  return number < spawnerNumbers ? word : `${word}/${String(home.creation)}`;
}

/** Whose turn a task is: the name of its lane, within which tasks keep their order. */
export function laneOf(task: Task, node: string): string {
  if (task instanceof ProcessControl) return wordFor(task.pid);
  if (task instanceof PendingCall) return task.caller === null ? `${node}.outside` : wordFor(task.pid);
  if ("process" in task && task.process instanceof ProcessControl) return wordFor(task.process.pid);
  return `${node}.replies`;
}
