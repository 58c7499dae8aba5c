/** Calling a child's start function, and making one of three outcomes of whatever it does (SUP-16, DSUP-2). */
import { ExitError, Pid, type Process, StartError } from "@otp/core";

import type { CompleteSpec } from "./child-spec.ts";

/** How a start ended. */
export type StartOutcome =
  | { readonly type: "started"; readonly pid: Pid; readonly info: unknown }
  | { readonly type: "ignored" }
  | { readonly type: "failed"; readonly reason: unknown };

const ignored: StartOutcome = { type: "ignored" };

/** Starts the child of `spec` in the name of `self`, with `extra` before its own arguments (DSUP-7). Never rejects. */
export async function startChild(
  self: Process,
  { start, args }: Pick<CompleteSpec, "start" | "args">,
  extra: readonly unknown[] = [],
): Promise<StartOutcome> {
  try {
    const outcome = readStarted(await start(self, ...extra, ...args));
    // One that was started without a link is supervised all the same; a link that exists is left alone (S4).
    if (outcome.type === "started") self.link(outcome.pid);
    return outcome;
  } catch (error) {
    return readFailure(error);
  }
}

/** The pid in what a start function gave. */
export function pidOf(given: unknown): Pid | undefined {
  const outcome = readStarted(given);
  return outcome.type === "started" ? outcome.pid : undefined;
}

function readStarted(given: unknown): StartOutcome {
  if (given instanceof Pid) return { type: "started", pid: given, info: undefined };
  if (given === "ignore") return ignored;
  if (typeof given === "object" && given !== null && "pid" in given && given.pid instanceof Pid) {
    return { type: "started", pid: given.pid, info: "info" in given ? given.info : undefined };
  }
  return { type: "failed", reason: given };
}

function readFailure(error: unknown): StartOutcome {
  if (error instanceof StartError) {
    return error.reason === "ignore" ? ignored : { type: "failed", reason: error.reason };
  }
  if (error instanceof ExitError) return { type: "failed", reason: error.exitReason };
  return { type: "failed", reason: error instanceof Error ? error : { nocatch: error } };
}
