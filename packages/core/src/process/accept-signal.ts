/** Signals that arrive from other nodes. The sender is proven to be `peer`; what it says is still checked. */
import type { Signal } from "../signal/signal.ts";
import { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { lookupRemote } from "../term/remote-function.ts";
import type { ProcessControl } from "./control.ts";
import { FarCall } from "./far-call.ts";
import type { Kernel } from "./kernel.ts";
import { acceptLink, acceptLinkExit, acceptUnlink, acceptUnlinkAck, addLink } from "./links.ts";
import { findMonitor, fireMonitor, unwatch, watch } from "./monitors.ts";

/** Decides whether `peer` may spawn the function of that name here. */
export type SpawnPolicy = (name: string, peer: string, args: readonly unknown[]) => boolean;

/** What handling incoming signals needs besides the kernel. */
export interface Inbound {
  readonly kernel: Kernel;
  /** The node at the other end of the channel. */
  readonly peer: string;
  readonly maySpawn: SpawnPolicy;
}

/** Handles one signal; false when it made no sense coming from that peer. */
export function acceptSignal(inbound: Inbound, signal: Signal): boolean {
  const { kernel, peer } = inbound;
  // Nobody speaks for processes of another node: not to tie them, not to end what is tied to them.
  if ("from" in signal && signal.from instanceof Pid && signal.from.node !== peer) return false;
  switch (signal.op) {
    case "send":
      kernel.find(signal.to)?.accept(signal.message);
      return true;
    case "sendName":
      kernel.names.find(signal.to)?.accept(signal.message);
      return true;
    case "sendAlias":
      if (signal.to.home === kernel.own) handleAliasSend(kernel, peer, signal);
      return true;
    case "call":
      return handleCall(kernel, peer, signal);
    case "exit":
      kernel.find(signal.to)?.receiveExit({ from: signal.from, reason: signal.reason, isFromLink: false });
      return true;
    case "groupLeader": {
      const process = kernel.find(signal.to);
      if (process !== null) process.groupLeader = signal.leader;
      return true;
    }
    case "link":
    case "unlink":
    case "unlinkAck":
    case "linkExit":
      handleLink(kernel, signal);
      return true;
    case "monitor":
      return isFreshRef(inbound, signal.ref) && handleMonitor(inbound, signal);
    case "demonitor":
      handleDemonitor(inbound, signal);
      return true;
    case "down":
      handleDown(inbound, signal);
      return true;
    case "spawnRequest":
      return isFreshRef(inbound, signal.ref) && handleSpawn(inbound, signal);
    case "spawnReply":
      return handleSpawnReply(inbound, signal);
  }
}

type Of<Op extends Signal["op"]> = Extract<Signal, { readonly op: Op }>;

function handleLink(kernel: Kernel, signal: Of<"link" | "unlink" | "unlinkAck" | "linkExit">): void {
  const { from, to } = signal;
  const process = kernel.find(to);
  switch (signal.op) {
    case "link":
      if (process === null) kernel.route(from.node, { op: "linkExit", from: to, to: from, reason: "noproc" });
      else acceptLink(process, from);
      return;
    case "unlink":
      if (process !== null) acceptUnlink(process, from);
      // Acknowledged also by the dead, else the other side would keep its end for ever.
      kernel.route(from.node, { op: "unlinkAck", id: signal.id, from: to, to: from });
      return;
    case "unlinkAck":
      if (process !== null) acceptUnlinkAck(process, from, signal.id);
      return;
    case "linkExit":
      if (process !== null) acceptLinkExit(process, from, signal.reason);
      return;
  }
}

function handleAliasSend(kernel: Kernel, peer: string, { from, to, message }: Of<"sendAlias">): void {
  const call = kernel.callAliases.get(to.number);
  if (call === undefined) kernel.send(from, to, message);
  else call.replyFrom(peer, message);
}

function handleCall(kernel: Kernel, peer: string, signal: Of<"call">): boolean {
  const { from, to, alias, type, request } = signal;
  // Two calls of one alias could not be told apart.
  if (alias.home !== from.home || kernel.remotes.hasFarCall(peer, alias)) return false;
  const process = typeof to === "string" ? kernel.names.find(to) : kernel.find(to);
  if (process === null || process === undefined) {
    kernel.route(peer, { op: "down", from: to, to: from, ref: alias, reason: "noproc" });
  } else {
    process.accept({ type, from: new FarCall(kernel, process, signal), request });
  }
  return true;
}

/** A ref of the peer's own that is no monitor yet: two monitors of one ref could not be told apart (K5). */
function isFreshRef({ kernel, peer }: Inbound, ref: Ref): boolean {
  return ref.home.name === peer && kernel.remotes.findWatcher(peer, ref) === undefined;
}

function handleMonitor({ kernel, peer }: Inbound, { from, to, ref }: Of<"monitor">): true {
  const name = typeof to === "string" ? to : null;
  const process = typeof to === "string" ? kernel.names.find(to) : kernel.find(to);
  if (process === null || process === undefined) {
    kernel.route(peer, { op: "down", from: to, to: from, ref, reason: "noproc" });
  } else {
    kernel.remotes.addWatcher(peer, watch(process, ref, { pid: from, name }));
  }
  return true;
}

function handleDemonitor({ kernel, peer }: Inbound, { ref }: Of<"demonitor">): void {
  kernel.remotes.findFarCall(peer, ref)?.abandon();
  // The name may belong to someone else by now: the index knows whom the monitor was set on (MON-5).
  const watcher = kernel.remotes.findWatcher(peer, ref);
  if (watcher !== undefined) unwatch(watcher);
  kernel.remotes.dropWatcher(peer, ref);
}

function handleDown({ kernel, peer }: Inbound, signal: Of<"down">): void {
  if (signal.ref.home === kernel.own) kernel.callAliases.get(signal.ref.number)?.serverDown(peer, signal.reason);
  const process = kernel.find(signal.to);
  if (process !== null && isFromTarget(process, peer, signal)) fireMonitor(process, signal.ref, signal.reason);
}

/** Only the node that was asked may say that the target is down. */
function isFromTarget(process: ProcessControl, peer: string, signal: Of<"down">): boolean {
  return findMonitor(process, signal.ref)?.object.node === peer;
}

function handleSpawn({ kernel, peer, maySpawn }: Inbound, signal: Of<"spawnRequest">): true {
  const { from, ref, fn, wishes, pid } = signal;
  const refusal = refuse(kernel, pid) ?? (maySpawn(fn.name, peer, signal.args) ? undefined : "notsup");
  const reply = wishes.reply ?? "no";
  if (refusal !== undefined) {
    // Who waits for a reply has no ties before it.
    if (reply === "yes" || reply === "errorOnly") {
      kernel.route(peer, { op: "spawnReply", ref, to: from, link: false, monitor: false, result: refusal });
      return true;
    }
    if (wishes.link) kernel.route(peer, { op: "linkExit", from: pid, to: from, reason: refusal });
    if (wishes.monitor) kernel.route(peer, { op: "down", from: pid, to: from, ref, reason: refusal });
    return true;
  }
  pid.home.isLocal = true;
  pid.home.spawned = pid.number;
  const body = lookupRemote(fn, kernel.identities.readSource);
  const child = kernel.spawnFunction(body, signal.args, { leader: signal.groupLeader, pid });
  if (wishes.link) {
    addLink(child, from);
    kernel.remotes.addLink(peer, child, from);
  }
  if (wishes.monitor) {
    kernel.remotes.addWatcher(peer, watch(child, ref, { pid: from, name: null }));
  }
  if (reply === "yes" || reply === "successOnly") {
    kernel.route(peer, { op: "spawnReply", ref, to: from, link: wishes.link, monitor: wishes.monitor, result: pid });
  }
  return true;
}

/** A pid that is not of the spawner's number space here, or has had its process, is no pid to spawn under (K6). */
function refuse({ own }: Kernel, { home, number }: Pid): string | undefined {
  return home === own || home.name !== own.name || number <= home.spawned ? "badarg" : undefined;
}

/** Only the node that was asked may answer, and the process is the one that was asked for. */
function handleSpawnReply({ kernel, peer }: Inbound, { ref, result }: Of<"spawnReply">): boolean {
  const pending = ref.home === kernel.own ? kernel.spawnReplies.get(ref.number) : undefined;
  if (pending === undefined) return true;
  if (pending.node !== peer || (typeof result !== "string" && result !== pending.pid)) return false;
  pending.settle(result);
  return true;
}
