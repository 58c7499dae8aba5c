/**
 * What a supervisor does about a child that has ended, as pure decisions: which children to stop, which to start, whether to
 * give up. `supervisor.ts` performs them.
 *
 * Children are given in the order in which they were started. Whoever is to be stopped is named in the order of stopping,
 * which is the reverse (S1); whoever is to be started in the order of starting.
 */
import { isShutdownReason } from "@otp/core";

import type { Restart } from "../gen-server/child-spec.ts";

/** Which siblings share the fate of a child that is restarted (SUP-11). */
export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one";

/** Whether the supervisor ends when its significant children have ended by themselves (SUP-21). */
export type AutoShutdown = "never" | "any_significant" | "all_significant";

/** What the decisions need to know of a child. */
export interface ChildState {
  readonly restart: Restart;
  readonly significant: boolean;
  /** Running, waiting to be restarted, or neither. */
  readonly isActive: boolean;
}

/** What becomes of a child that has ended by itself. */
export type Fate =
  | "restart"
  /** Not started again; its spec stays (SUP-10). */
  | "rest"
  /** Gone with its spec (SUP-9). */
  | "forget";

/** Decides the fate of a child that ended with `reason`. */
export function judgeEnd(restart: Restart, reason: unknown): Fate {
  switch (restart) {
    case "permanent":
      return "restart";
    case "transient":
      return isShutdownReason(reason) ? "rest" : "restart";
    case "temporary":
      return "forget";
  }
}

/** Whether a child of that kind may be started again at all (S3). */
export function mayRestart(restart: Restart): boolean {
  return restart !== "temporary";
}

/** Whether the end of a child of that kind is a failure, and so worth a report. */
export function isFailure(restart: Restart, reason: unknown): boolean {
  return restart === "permanent" || !isShutdownReason(reason);
}

/** The siblings that a restart stops, and all children that it then starts. */
export interface RestartPlan<Child> {
  /** In the order of stopping; those that are not running are named, too. */
  readonly stop: readonly Child[];
  /** Temporary children, which are stopped, not started again, and dropped (SUP-12, S3). */
  readonly drop: readonly Child[];
  /** In the order of starting, `failed` among them. */
  readonly start: readonly Child[];
}

/** What `strategy` demands when `failed`, one of `children`, is to be restarted. */
export function planRestart<Child extends ChildState>(
  strategy: Strategy,
  children: Iterable<Child>,
  failed: Child,
): RestartPlan<Child> {
  if (strategy === "one_for_one") return { stop: [], drop: [], start: [failed] };
  const all = [...children];
  const affected = strategy === "one_for_all" ? all : all.slice(all.indexOf(failed));
  const isTemporary = (child: Child): boolean => child.restart === "temporary";
  return {
    stop: affected.filter((child) => child !== failed).reverse(),
    drop: affected.filter(isTemporary),
    start: affected.filter((child) => !isTemporary(child)),
  };
}

/** Whether the supervisor ends since `ended`, which is not restarted, has ended by itself (SUP-21, SUP-22). */
export function endsSupervisor<Child extends ChildState>(
  autoShutdown: AutoShutdown,
  children: Iterable<Child>,
  ended: Child,
): boolean {
  if (autoShutdown === "never" || !ended.significant) return false;
  if (autoShutdown === "any_significant") return true;
  for (const child of children) if (child !== ended && child.significant && child.isActive) return false;
  return true;
}
