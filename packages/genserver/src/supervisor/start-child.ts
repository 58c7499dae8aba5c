/** Calling a child's start function, and making one of three outcomes of whatever it does (SUP-16, DSUP-2). */
import { ExitError, Pid, type Process, StartError } from "@otp/core";

import { settle } from "../gen/settle.ts";
import type { CompleteSpec } from "./child-spec.ts";

/** How a start ended. */
export type StartOutcome =
  | { readonly type: "started"; readonly pid: Pid; readonly info: unknown }
  | { readonly type: "ignored" }
  | { readonly type: "failed"; readonly reason: unknown };

const ignored: StartOutcome = { type: "ignored" };

/** What is started: a spec, and what goes before its own arguments (DSUP-7). */
export interface StartOrder {
  readonly spec: CompleteSpec;
  readonly extra?: readonly unknown[];
}

/** Starts a child in the name of `self` and goes on with the outcome, now or when there is one. */
export function startAnd<Result>(
  self: Process,
  { spec: { start, args }, extra = [] }: StartOrder,
  goOn: (outcome: StartOutcome) => Result,
): Result | Promise<Result> {
  return settle<unknown, Result>(() => start(self, ...extra, ...args), {
    returned: (given) => {
      const outcome = readStarted(given);
      // One that was started without a link is supervised all the same; a link that exists is left alone (S4).
      if (outcome.type === "started") self.link(outcome.pid);
      return goOn(outcome);
    },
    threw: (error) => goOn(readFailure(error)),
  });
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
