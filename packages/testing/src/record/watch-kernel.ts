/** One kernel: its processes, names, timers, calls to other nodes, and what it says to them and hears from them. */
import { Node, Ref } from "@otp/core";
import {
  type ControlBlock,
  type Kernel,
  Node as Inner,
  PendingCall,
  ProcessControl,
  TimerEntry,
} from "@otp/core/internal";

import { around } from "./around.ts";
import { watchCall } from "./watch-calls.ts";
import { watchProcess } from "./watch-process.ts";
import { watchSignals } from "./watch-signals.ts";
import { type Tell, Watch } from "./watch.ts";

/** From here on `tell` hears of everything that `kernel` does, until the watch is ended. */
export function watchKernel(kernel: Kernel, tell: Tell, isFull: boolean = false): Watch {
  const watch = new Watch(kernel, tell, isFull);
  watch.tell({ kind: "boot", creation: kernel.own.creation });
  watch.undos.push(
    around(kernel.identities, "rename", (original) => {
      const result = original();
      watch.tell({ kind: "boot", creation: kernel.own.creation });
      return result;
    }),
  );
  watchProcesses(watch);
  watchSends(watch);
  watchNames(watch);
  watchTimers(watch);
  watchSignals(watch);
  const { host } = kernel;
  if (host instanceof Node) watchGlobal(watch, host);
  return watch;
}

function watchProcesses(watch: Watch): void {
  const { kernel } = watch;
  const begin = (process: ControlBlock, isOld: boolean): void => {
    const { spawner } = watch;
    const leader = process instanceof ProcessControl ? watch.word(process.groupLeader) : "";
    const parent = spawner === undefined ? {} : { parent: spawner.pid, leader, parentLeader: spawner.leader };
    watch.tell({ kind: "spawn", pid: watch.word(process.pid), ...parent, ...(isOld ? { isOld } : {}) });
    watchProcess(watch, process);
  };
  for (const process of kernel.processes) begin(process, true);
  watch.undos.push(
    around(kernel.processes, "add", (original, [process]) => {
      const done = original();
      if (isProcess(process)) begin(process, false);
      return done;
    }),
    around(kernel.endings, "end", (original, [process, reason]) => {
      if (isProcess(process) && process.isAlive) {
        const links = [...(process.links ?? [])].filter(([, state]) => state === 0).map(([other]) => watch.word(other));
        watch.tell({ kind: "exit", pid: watch.word(process.pid), reason: watch.word(reason), links });
      }
      return original();
    }),
    around(kernel.remotes, "addCall", (original, [node, , call]) => {
      if (call instanceof PendingCall) watchCall(watch, call, String(node));
      return original();
    }),
    around(kernel.remotes, "sweep", (original, [peer]) => {
      watch.tell({ kind: "nodedown", peer: String(peer) });
      return original();
    }),
  );
}

function watchSends(watch: Watch): void {
  const { kernel } = watch;
  watch.undos.push(
    around(kernel, "send", (original, [from, to, message]) => {
      const { sender, through, isTold } = watch;
      if (!isTold)
        watch.tell({ kind: "send", from: watch.word(from), to: watch.word(to), message: watch.word(message) });
      watch.isTold = false;
      watch.sender = watch.word(from);
      watch.through = to instanceof Ref ? watch.word(to) : undefined;
      try {
        return original();
      } finally {
        watch.sender = sender;
        watch.through = through;
        watch.isTold = isTold;
      }
    }),
  );
}

function watchNames(watch: Watch): void {
  const { names } = watch.kernel;
  watch.undos.push(
    around(names, "register", (original, [name, process]) => {
      const done = original();
      if (isProcess(process)) watch.tell({ kind: "register", name: String(name), pid: watch.word(process.pid) });
      return done;
    }),
    around(names, "release", (original, [process]) => {
      const name = isProcess(process) ? (process.parts?.name ?? null) : null;
      const done = original();
      if (name !== null && isProcess(process)) watch.tell({ kind: "release", name, pid: watch.word(process.pid) });
      return done;
    }),
    around(names, "whereis", (original, [name]) => {
      const pid = original();
      watch.tell({ kind: "lookup", name: String(name), pid: watch.word(pid) });
      return pid;
    }),
  );
}

function watchTimers(watch: Watch): void {
  const { timers } = watch.kernel;
  const ids = new WeakMap<TimerEntry, number>();
  const begin = (original: () => unknown, args: readonly unknown[]): unknown => {
    const [entry, ms] = args;
    if (entry instanceof TimerEntry && typeof ms === "number") {
      if (!ids.has(entry)) {
        around(entry, "expire", (expire) => {
          watch.tell({ kind: "expire", id: ids.get(entry) ?? 0, clock: watch.clock });
          return expire();
        });
      }
      const id = watch.next();
      ids.set(entry, id);
      watch.tell({ kind: "timer", id, ms, clock: watch.clock });
    }
    return original();
  };
  watch.undos.push(
    around(timers, "start", begin),
    around(timers, "startAfterTurn", begin),
    around(timers, "cancel", (original, [entry]) => {
      const wasRunning = original();
      const id = entry instanceof TimerEntry ? ids.get(entry) : undefined;
      if (wasRunning === true && id !== undefined) watch.tell({ kind: "cancelled", id });
      return wasRunning;
    }),
  );
}

function watchGlobal(watch: Watch, node: Node): void {
  for (const op of ["registerName", "reRegisterName", "unregisterName"]) {
    watch.undos.push(
      around(node.global, op, (original, [name]) => {
        const id = watch.next();
        watch.tell({ kind: "asking", id, op, name: watch.word(name) });
        const result = original();
        const told = (answer: unknown): void => watch.tell({ kind: "asked", id, result: watch.word(answer) });
        if (result instanceof Promise)
          void result.then(
            (answer: unknown) => told(answer),
            (error: unknown) => told(error),
          );
        else told(result);
        return result;
      }),
    );
  }
}

function isProcess(value: unknown): value is ControlBlock {
  return value instanceof ProcessControl;
}

/** The kernel of a node. */
export function kernelOf(node: Node): Kernel {
  return Inner.kernelOf(node);
}
