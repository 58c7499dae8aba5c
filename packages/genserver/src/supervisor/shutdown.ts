/**
 * Stopping children, each in its time (SUP-7): one after the other for a `Supervisor`, all at once for a `DynamicSupervisor`.
 *
 * The supervisor watches the child while it stops it, so that one that has unlinked itself is stopped as well (SUP-8), and
 * stays linked to it, so that no moment is left in which the death of the supervisor would spare the child (S4). The EXIT
 * that follows comes from a pid that is nobody's any more, and is ignored like that of any stranger.
 */
import { isShutdownReason, type Pid, type Process, type Ref, TIMEOUT } from "@otp/core";

import type { Restart, Shutdown } from "../gen-server/child-spec.ts";

/** A running child that is to be stopped. */
export interface Stoppable {
  readonly pid: Pid;
  readonly shutdown: Shutdown;
  readonly restart: Restart;
}

/** How a child was stopped: as it should be, or with a reason that is worth a report. */
export type StopOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: unknown };

/** Stops one child and waits for its end, as long as its `shutdown` allows. */
export async function stopChild(self: Process, child: Stoppable): Promise<StopOutcome> {
  const { pid, shutdown } = child;
  const ref = self.monitor(pid);
  tellToStop(self, child);
  let down = await self.receive({ type: "DOWN", ref }, { after: shutdown === "brutal_kill" ? "infinity" : shutdown });
  if (down === TIMEOUT) {
    self.sendExit(pid, "kill");
    down = await self.receive({ type: "DOWN", ref });
  }
  return judgeStop(child, down["reason"] === "noproc" ? await reasonOfTheDead(self, pid) : down["reason"]);
}

/**
 * Stops all of `children` at once and calls `stopped` for each as it ends. Only for a process that is about to end itself:
 * every other message that comes in the meantime is lost.
 */
export async function stopTogether<Child extends Stoppable>(
  self: Process,
  children: Iterable<Child>,
  stopped: (child: Child, outcome: StopOutcome) => void,
): Promise<void> {
  const waiting = new Map<Ref, Child>();
  const byTime = new Map<number, Child[]>();
  for (const child of children) {
    waiting.set(self.monitor(child.pid), child);
    tellToStop(self, child);
    if (typeof child.shutdown !== "number") continue;
    const sameTime = byTime.get(child.shutdown);
    if (sameTime === undefined) byTime.set(child.shutdown, [child]);
    else sameTime.push(child);
  }
  const timers = new Map([...byTime].map(([ms, late]) => [self.startTimer(self.pid, "kill", ms), late]));
  // Whatever comes is taken, so that what the dead leave behind is never looked at twice.
  while (waiting.size > 0) {
    const message = await self.receive();
    if (!hasRef(message)) continue;
    const { ref } = message;
    const child = waiting.get(ref);
    if (child === undefined) {
      for (const late of timers.get(ref) ?? []) self.sendExit(late.pid, "kill");
    } else {
      waiting.delete(ref);
      stopped(child, judgeStop(child, message.reason));
    }
  }
  for (const timer of timers.keys()) self.cancelTimer(timer);
}

function tellToStop(self: Process, { pid, shutdown }: Stoppable): void {
  self.sendExit(pid, shutdown === "brutal_kill" ? "kill" : "shutdown");
}

/** A child that need not run may also end well of its own when it is told to stop. */
function judgeStop({ restart, shutdown }: Stoppable, reason: unknown): StopOutcome {
  const isExpected = reason === (shutdown === "brutal_kill" ? "killed" : "shutdown");
  return isExpected || (restart !== "permanent" && isShutdownReason(reason)) ? { ok: true } : { ok: false, reason };
}

/** Why a child ended that was dead before it was told to stop: its EXIT says so, if it was linked. */
async function reasonOfTheDead(self: Process, pid: Pid): Promise<unknown> {
  const exit = await self.receive({ type: "EXIT", from: pid }, { after: 0 });
  return exit === TIMEOUT ? "noproc" : exit["reason"];
}

function hasRef(message: unknown): message is { readonly ref: Ref; readonly reason?: unknown } {
  return typeof message === "object" && message !== null && "ref" in message;
}
