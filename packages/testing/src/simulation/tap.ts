/**
 * Tells a trace what one node's kernel does. The kernel has no hook for that, and pays nothing for it in production: its
 * methods are replaced on this one object, which is possible because it is as dynamic as any.
 */
import { Ref } from "@otp/core";
import { type ControlBlock, type Kernel, PendingCall, ProcessControl } from "@otp/core/internal";
import type { Task } from "@otp/core/runtime";

import type { Happening } from "./trace.ts";
import { wordFor, wordsFor } from "./words.ts";

/** Takes what happened. */
export type Tell = (happening: Happening) => void;

/** Who is told. */
export interface Listener {
  readonly tell: Tell;
  /** A process sleeps until it ends. */
  readonly rests: (process: ProcessControl) => void;
}

/** From here on the listener hears of everything that `kernel` does. */
export function tap(kernel: Kernel, { tell, rests }: Listener): void {
  tapProcesses(kernel, { tell, rests });
  const send = kernel.send.bind(kernel);
  kernel.send = (from, to, message) => {
    tell({ kind: "send", from: wordFor(from), to: wordFor(to), message: wordsFor(message) });
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
    if (process.isAlive) tell({ kind: "exit", pid: wordFor(process.pid), reason: wordsFor(reason) });
    end(process, reason);
  };
}

function tapProcesses({ processes }: Kernel, { tell, rests }: Listener): void {
  const add = processes.add.bind(processes);
  processes.add = (process) => {
    add(process);
    const pid = wordFor(process.pid);
    tell({ kind: "spawn", pid });
    tapInbox(process, tell);
    if (process instanceof ProcessControl) {
      tapMonitors(process, tell);
      const sleep = process.sleep.bind(process);
      process.sleep = (ms) => {
        if (ms === "infinity") rests(process);
        return sleep(ms);
      };
    }
  };
}

function tapInbox(process: ControlBlock, tell: Tell): void {
  const to = wordFor(process.pid);
  const accept = process.accept.bind(process);
  process.accept = (message) => {
    if (process.isAlive) tell(downIn(to, message) ?? { kind: "deliver", to, message: wordsFor(message) });
    accept(message);
  };
  const receiveExit = process.receiveExit.bind(process);
  process.receiveExit = (exit) => {
    const { from, reason, isFromLink } = exit;
    if (process.isAlive) tell({ kind: "signal", to, from: wordFor(from), reason: wordsFor(reason), isFromLink });
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
  const reason = "reason" in message ? wordsFor(message.reason) : "";
  return { kind: "down", to, ref: String(message.ref), object: wordFor(message.object), reason };
}

/** The process whose turn a task is; null when it is nobody's. */
export function ownerOf(task: Task): ProcessControl | null {
  if (task instanceof ProcessControl) return task;
  if (task instanceof PendingCall) return task.caller instanceof ProcessControl ? task.caller : null;
  return "process" in task && task.process instanceof ProcessControl ? task.process : null;
}
