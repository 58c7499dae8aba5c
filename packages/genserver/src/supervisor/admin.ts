/** Administration of single children while a supervisor runs, and what it tells about them (SUP-16 … SUP-19). */
import type { Pid } from "@otp/core";
import { invariant } from "@otp/core/internal";

import { checkSpec, type ChildType, type FullChildSpec, type SpecFault } from "./child-spec.ts";
import type { Tree } from "./tree.ts";

/** A child that runs, or one that chose not to (`pid` is undefined), with what its start function had to tell. */
export interface StartedChild<Started extends Pid<never> = Pid> {
  readonly ok: true;
  readonly pid: Started | undefined;
  readonly info: unknown;
}

/** Why a child was not added. */
export type StartChildFault =
  /** A child with that id runs. */
  | { readonly type: "already_started"; readonly pid: Pid }
  /** A child with that id is known, but does not run. */
  | "already_present"
  /** Its start function failed with `startFailed`; the child is not kept. */
  | { readonly startFailed: unknown; readonly child: ChildSummary }
  | SpecFault;

/** What `startChild` comes to. */
export type StartChildResult<Started extends Pid<never> = Pid> =
  | StartedChild<Started>
  | { readonly ok: false; readonly reason: StartChildFault };

/** What `terminateChild` comes to. */
export type TerminateChildResult = { readonly ok: true } | { readonly ok: false; readonly reason: "not_found" };

/** What `restartChild` comes to. */
export type RestartChildResult =
  | StartedChild
  | {
      readonly ok: false;
      readonly reason: "running" | "restarting" | "not_found" | { readonly startFailed: unknown };
    };

/** What `deleteChild` comes to. */
export type DeleteChildResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "running" | "restarting" | "not_found" };

/** What `getChildspec` comes to. */
export type GetChildspecResult =
  | { readonly ok: true; readonly spec: FullChildSpec }
  /** `notSendable`: the supervisor is on another node, and the spec holds code that is not registered there. */
  | { readonly ok: false; readonly reason: "not_found" | { readonly notSendable: string } };

/** A child in a list of children (SUP-18). */
export interface ChildInfo {
  /** Undefined for the children of a `DynamicSupervisor`. */
  readonly id: unknown;
  /** Undefined while the child does not run. */
  readonly pid: Pid | "restarting" | undefined;
  readonly type: ChildType;
  readonly modules: readonly unknown[];
}

/** Children in numbers (SUP-19). */
export interface ChildCounts {
  /** All children, running or not. */
  readonly specs: number;
  /** Those that run. */
  readonly active: number;
  /** Those of type `"supervisor"`, running or not. */
  readonly supervisors: number;
  /** Those of type `"worker"`, running or not. */
  readonly workers: number;
}

/** A child in an error: its spec without the code. */
export type ChildSummary = Omit<FullChildSpec, "start">;

const done = { ok: true } as const;
const declined = { ok: true, pid: undefined, info: undefined } as const;

function refuse<Reason>(reason: Reason): { readonly ok: false; readonly reason: Reason } {
  return { ok: false, reason };
}

/** Adds a child behind all others and starts it. */
export async function startChild(tree: Tree, given: unknown): Promise<StartChildResult> {
  const checked = checkSpec(given, tree.flags.autoShutdown);
  if (!checked.ok) return checked;
  const { spec } = checked;
  const known = tree.children.find(spec.id);
  if (known !== undefined) {
    return refuse(known.pid === null ? "already_present" : { type: "already_started", pid: known.pid });
  }
  const child = tree.children.add(spec);
  invariant(child !== undefined, "S1", "an id is taken and free at once");
  const outcome = await tree.start(child);
  if (outcome.type === "started") return { ok: true, pid: outcome.pid, info: outcome.info };
  if (outcome.type === "failed" || child.restart === "temporary") tree.children.remove(child);
  if (outcome.type === "ignored") return declined;
  const { start: _code, ...rest } = spec.toChildSpec();
  return refuse({ startFailed: outcome.reason, child: rest });
}

/** Stops a child, or its restarts; a temporary one is dropped with its spec. */
export async function terminateChild(tree: Tree, id: unknown): Promise<TerminateChildResult> {
  const child = tree.children.find(id);
  if (child === undefined) return refuse("not_found");
  await tree.stop(child);
  if (child.restart === "temporary") tree.children.remove(child);
  return done;
}

/** Starts a child that does not run. */
export async function restartChild(tree: Tree, id: unknown): Promise<RestartChildResult> {
  const child = tree.children.find(id);
  if (child === undefined) return refuse("not_found");
  if (child.isActive) return refuse(child.isRestarting ? "restarting" : "running");
  const outcome = await tree.start(child);
  if (outcome.type === "failed") return refuse({ startFailed: outcome.reason });
  return outcome.type === "started" ? { ok: true, pid: outcome.pid, info: outcome.info } : declined;
}

/** Drops the spec of a child that does not run. */
export function deleteChild(tree: Tree, id: unknown): DeleteChildResult {
  const child = tree.children.find(id);
  if (child === undefined) return refuse("not_found");
  if (child.isActive) return refuse(child.isRestarting ? "restarting" : "running");
  tree.children.remove(child);
  return done;
}

/** The spec of a child, with its defaults. */
export function getChildspec(tree: Tree, id: unknown): GetChildspecResult {
  const child = tree.children.find(id);
  return child === undefined ? refuse("not_found") : { ok: true, spec: child.spec.toChildSpec() };
}

/** All children, the most recently added first. */
export function whichChildren(tree: Tree): readonly ChildInfo[] {
  return [...tree.children].reverse().map((child) => ({
    id: child.spec.id,
    pid: child.pid ?? (child.isRestarting ? "restarting" : undefined),
    type: child.spec.type,
    modules: child.spec.modules,
  }));
}

/** The children in numbers. */
export function countChildren(tree: Tree): ChildCounts {
  let supervisors = 0;
  for (const { spec } of tree.children) if (spec.type === "supervisor") supervisors += 1;
  const { size: specs, running: active } = tree.children;
  return { specs, active, supervisors, workers: specs - supervisors };
}
