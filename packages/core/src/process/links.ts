/**
 * Links: bidirectional, at most one between two processes (LINK-1).
 *
 * Between local processes both ends change at once. Towards another node the two ends follow Erlang's acknowledged
 * protocol: after `unlink` an end is kept, inactive, until the other side has confirmed, so that an EXIT or a LINK that
 * crosses on the way is told apart from a later link (LINK-3, LINK-4).
 */
import { ArgumentError, ExitError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { Pid } from "../term/pid.ts";
import type { ControlBlock } from "./control-block.ts";
import { LinkTable } from "./link-table.ts";

/** `link(pid)` called by `process`. */
export function link(process: ControlBlock, target: Pid<never>): true {
  const { kernel } = process;
  process.assertAlive();
  const pid = kernel.localize(checkPid(target, "link"));
  if (pid === process.pid) return true;
  if (!kernel.isOwnPid(pid)) {
    linkRemote(process, pid);
    return true;
  }
  const other = kernel.find(pid);
  if (other !== null) {
    addLink(process, pid);
    addLink(other, process.pid);
  } else if (process.isTrapping) {
    process.receiveExit({ from: pid, reason: "noproc", isFromLink: true });
  } else {
    throw new ExitError("noproc", `cannot link to ${pid}: no such process`);
  }
  return true;
}

/** `unlink(pid)` called by `process`. */
export function unlink(process: ControlBlock, target: Pid<never>): true {
  const { kernel } = process;
  process.assertAlive();
  const pid = kernel.localize(checkPid(target, "unlink"));
  const { links } = process;
  if (links === null || links.get(pid) !== 0) return true;
  if (kernel.isOwnPid(pid)) {
    links.delete(pid);
    kernel.find(pid)?.links?.delete(process.pid);
  } else {
    const id = kernel.nextUnlinkId();
    links.set(pid, id);
    kernel.route(pid.node, { op: "unlink", id, from: process.pid, to: pid });
  }
  return true;
}

/** Notes an active link on one end. */
export function addLink(process: ControlBlock, pid: Pid): void {
  if (process.links === null) process.links = new LinkTable(pid, 0);
  else process.links.set(pid, 0);
}

function linkRemote(process: ControlBlock, pid: Pid): void {
  if (process.links?.get(pid) === 0) return;
  addLink(process, pid);
  process.kernel.remotes.addLink(pid.node, process, pid);
  process.kernel.route(pid.node, { op: "link", from: process.pid, to: pid });
}

/** A link signal from another node has reached `process`. */
export function acceptLink(process: ControlBlock, from: Pid): void {
  // An end that waits for an unlink's acknowledgement ignores the link that crossed it.
  if (process.links?.has(from) === true) return;
  addLink(process, from);
  process.kernel.remotes.addLink(from.node, process, from);
}

/** An unlink signal from another node has reached `process`. */
export function acceptUnlink(process: ControlBlock, from: Pid): void {
  if (process.links?.get(from) !== 0) return;
  dropLink(process, from);
}

/** The other node has confirmed unlink number `id`. */
export function acceptUnlinkAck(process: ControlBlock, from: Pid, id: number): void {
  if (process.links?.get(from) === id) dropLink(process, from);
}

/** The linked process `from` on another node has ended. */
export function acceptLinkExit(process: ControlBlock, from: Pid, reason: unknown): void {
  if (process.links?.get(from) !== 0) return;
  dropLink(process, from);
  process.receiveExit({ from, reason, isFromLink: true });
}

/** The connection to a linked process is lost: an active link becomes an exit signal, a waiting unlink just ends. */
export function loseLink(process: ControlBlock, pid: Pid): void {
  const state = process.links?.get(pid);
  if (state === undefined) return;
  process.links?.delete(pid);
  if (state === 0) process.receiveExit({ from: pid, reason: "noconnection", isFromLink: true });
}

function dropLink(process: ControlBlock, pid: Pid): void {
  process.links?.delete(pid);
  process.kernel.remotes.dropLink(pid.node, process, pid);
}

/** Refuses what is not a pid (LINK-8, EXIT-4). */
export function checkPid(value: unknown, what: string): Pid {
  if (value instanceof Pid) return value;
  throw new ArgumentError(`expected a pid to ${what}. Got: ${show(value)}`);
}
