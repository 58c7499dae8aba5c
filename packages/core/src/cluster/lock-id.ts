/** What a lock is asked for with, checked. */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import type { Kernel } from "../process/kernel.ts";
import { checkPid } from "../process/links.ts";
import { Pid } from "../term/pid.ts";
import type { LockOrder } from "./locks.ts";

/** What is locked, and for whom; the same requester may lock it from several processes (GLOBAL-8). */
export interface LockId {
  readonly resource: unknown;
  readonly requester: unknown;
  /** With whose end the lock is free: by default the requester if that is a process of this node, else the node. */
  readonly process?: Pid<never>;
}

/** The lock that is meant. @throws ArgumentError for what is no id. */
export function lockOrder(kernel: Kernel, id: LockId): LockOrder {
  if (typeof id !== "object" || id === null || !("resource" in id) || !("requester" in id))
    throw new ArgumentError(`expected { resource, requester } to lock. Got: ${show(id)}`);
  const { resource, requester } = id;
  if (id.process === undefined) {
    const holder = isPid(requester) ? kernel.find(kernel.localize(requester)) : null;
    return { resource, requester, holder: holder?.pid ?? kernel.root };
  }
  const holder = kernel.localize(checkPid(id.process, "hold a lock"));
  if (kernel.find(holder) !== null) return { resource, requester, holder };
  throw new ArgumentError(`expected a living process of this node to hold a lock. Got: ${holder}`);
}

/** @throws ArgumentError for what is no number of retries. */
export function checkRetries(retries: number | "infinity" | undefined): number {
  if (retries === undefined || retries === "infinity") return Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(retries) && retries >= 0) return retries;
  throw new ArgumentError(`expected a number of retries, or "infinity". Got: ${show(retries)}`);
}

function isPid(term: unknown): term is Pid {
  return term instanceof Pid;
}
