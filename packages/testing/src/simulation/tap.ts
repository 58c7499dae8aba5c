/** Tells a trace what one node's kernel does, and says whose turn a task is. */
import { type Kernel, PendingCall, ProcessControl } from "@otp/core/internal";
import type { Task } from "@otp/core/runtime";

import { around } from "../record/around.ts";
import { watchKernel } from "../record/watch-kernel.ts";
import type { Tell, Watch } from "../record/watch.ts";

export type { Tell } from "../record/watch.ts";

/** Who is told. */
export interface Listener {
  readonly tell: Tell;
  /** A process sleeps until it ends. */
  readonly rests: (process: ProcessControl) => void;
}

/** From here on the listener hears of everything that `kernel` does. */
export function tap(kernel: Kernel, { tell, rests }: Listener): Watch {
  const watch = watchKernel(kernel, tell);
  around(kernel.processes, "add", (original, [process]) => {
    const done = original();
    if (!(process instanceof ProcessControl)) return done;
    around(process, "sleep", (sleep, [ms]) => {
      if (ms === "infinity") rests(process);
      return sleep();
    });
    return done;
  });
  return watch;
}

/** The process whose turn a task is; null when it is nobody's. */
export function ownerOf(task: Task): ProcessControl | null {
  if (task instanceof ProcessControl) return task;
  if (task instanceof PendingCall) return task.caller instanceof ProcessControl ? task.caller : null;
  return "process" in task && task.process instanceof ProcessControl ? task.process : null;
}
