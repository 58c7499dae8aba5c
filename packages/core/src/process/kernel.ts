/**
 * The machine of one node: its processes, names, timers and run queue, and the one way out to other nodes.
 *
 * It knows nothing of connections. A signal whose target is not here goes out through `route`; what comes in from there
 * enters through `acceptSignal`.
 */
import type { Logger } from "pino";

import { Deferral } from "../base/deferral.ts";
import { ArgumentError, ExitError } from "../base/errors.ts";
import { invariant } from "../base/invariant.ts";
import { show } from "../base/show.ts";
import { deepFreeze } from "../mailbox/freeze.ts";
import type { RunQueue, Runtime } from "../runtime/runtime.ts";
import { Timers } from "../runtime/timers.ts";
import type { Signal } from "../signal/signal.ts";
import type { Address, RemoteName } from "../term/address.ts";
import { type IdentityTable, type NodeIdentity } from "../term/identity.ts";
import { Pid, spawnedNumbers } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import type { Alias } from "./aliases.ts";
import type { Body, Code } from "./body.ts";
import type { PendingCall } from "./call.ts";
import { ProcessControl } from "./control.ts";
import type { Deed } from "./deed.ts";
import { Endings } from "./exit.ts";
import type { Host } from "./host.ts";
import { checkPid } from "./links.ts";
import { deliverToAlias, fireMonitor } from "./monitors.ts";
import { Names, refused } from "./names.ts";
import type { MonitorNodesOptions, ProcessIo } from "./process.ts";
import { ProcessTable } from "./process-table.ts";
import { Remotes } from "./remotes.ts";
import type { Report } from "./report.ts";
import type { PendingSpawn } from "./spawn-request.ts";
import type { UserTimer } from "./user-timers.ts";

/** How signals to another node fare: they leave, they queue up behind others, or they connect first. */
export type Reach = "ready" | "busy" | "unconnected";

/** What the layers above do for processes. */
export interface Services {
  logger(process: ProcessControl): Logger;
  io(process: ProcessControl): ProcessIo;
  monitorNode(process: ProcessControl, node: string, on: boolean): true;
  monitorNodes(process: ProcessControl, on: boolean, options: MonitorNodesOptions | undefined): "ok";
  /** The process that holds a global name. */
  whereisGlobal(name: unknown): Pid | undefined;
  /** Gives a process of this node a global name; `"no"` when it is taken. */
  registerGlobal(name: unknown, pid: Pid): "yes" | "no" | Promise<"yes" | "no">;
  unregisterGlobal(name: unknown): Promise<"ok">;
  /** Takes a signal to another node. @throws CodecError when it cannot cross. */
  route(node: string, signal: Signal): void;
  /** How signals to another node would fare now. */
  reach(node: string): Reach;
  /** Calls `resume` once when there is room for more signals to that node, or no connection to it. */
  whenReady(node: string, resume: () => void): void;
  report(report: Report): void;
}

/** How messages are kept from being changed by both sides (JS-6). */
export type Isolation = "freeze" | "share" | ((message: unknown) => unknown);

/** What a kernel is made of. */
export interface KernelOptions {
  readonly runtime: Runtime;
  readonly identities: IdentityTable;
  readonly host: Host;
  readonly services: Services;
  readonly isolation: Isolation;
}

/** The processes of one node and what they share. */
export class Kernel {
  readonly runtime: Runtime;
  readonly identities: IdentityTable;
  readonly own: NodeIdentity;
  readonly host: Host;
  readonly services: Services;
  readonly queue: RunQueue;
  readonly timers: Timers;
  readonly names: Names = new Names();
  readonly remotes: Remotes = new Remotes();
  readonly endings: Endings = new Endings();
  readonly deferral: Deferral = new Deferral();
  readonly processes: ProcessTable = new ProcessTable();
  readonly aliases: Map<number, Alias> = new Map();
  readonly callAliases: Map<number, PendingCall> = new Map();
  readonly userTimers: Map<number, UserTimer> = new Map();
  readonly deeds: Map<number, Deed> = new Map();
  /** Who waits for the reply to a spawn request, by the number of its ref (NODE-15). */
  readonly spawnReplies: Map<number, PendingSpawn> = new Map();
  /** Stands for code outside any process; no process is behind it. */
  readonly root: Pid;
  /** The group leader of what is spawned from outside any process: the node's own device, once there is one. */
  leader: Pid;
  /** Stands where a ref is due and none was asked for. */
  readonly noRef: Ref;
  readonly #isolation: Isolation;
  #pids = 0;
  #refs = 0;
  #unlinks = 0;

  constructor({ runtime, identities, host, services, isolation }: KernelOptions) {
    this.runtime = runtime;
    this.identities = identities;
    this.own = identities.own;
    this.host = host;
    this.services = services;
    this.queue = runtime.createRunQueue();
    this.timers = new Timers(runtime);
    this.root = new Pid(this.own, 0);
    this.leader = this.root;
    this.noRef = new Ref(this.own, 0);
    this.#isolation = isolation;
    this.own.remember(this.root);
    identities.courier = this;
  }

  makeRef(): Ref {
    return new Ref(this.own, (this.#refs += 1));
  }

  nextUnlinkId(): number {
    return (this.#unlinks += 1);
  }

  /** A pid for a process that is about to be spawned on another node at our request. */
  reservePid(node: string): Pid {
    return this.identities.get(node, this.own.creation).pid(spawnedNumbers + (this.#pids += 1));
  }

  /** Starts a process whose body is made for it, of `matter`; what `make` does is still the caller's doing. */
  spawnFor<Matter>(make: (self: ProcessControl, matter: Matter) => Body, matter: Matter, leader: Pid): ProcessControl {
    const pid = new Pid(this.own, (this.#pids += 1));
    const process = new ProcessControl(this, pid, null, leader);
    process.code = make(process, matter);
    invariant(pid.resident === null, "K6", "a pid would be two processes");
    pid.resident = process;
    this.processes.add(process);
    process.schedule();
    return process;
  }

  /** Starts a process; its code runs in a later turn (JS-2). */
  spawn(code: Code, leader: Pid, pid: Pid = new Pid(this.own, (this.#pids += 1))): ProcessControl {
    const process = new ProcessControl(this, pid, code, leader);
    pid.resident = process;
    this.processes.add(process);
    process.schedule();
    return process;
  }

  spawnFunction(
    fn: (...args: never) => unknown,
    args: readonly unknown[],
    { leader, pid }: { readonly leader: Pid; readonly pid?: Pid },
  ): ProcessControl {
    return this.spawn(args.length === 0 ? fn : [fn, ...args], leader, pid);
  }

  /** Stops every timer of the node, whomever it belongs to. */
  stopTimers(): void {
    this.timers.clear();
    this.userTimers.clear();
    this.deeds.clear();
  }

  /** True for every pid that can only be here, dead or alive; those of former incarnations included (NODE-17). */
  isOwnPid(pid: Pid): boolean {
    return pid.home === this.own || pid.home.name === this.own.name;
  }

  localize(pid: Pid<never>): Pid {
    return this.identities.localizePid(pid);
  }

  /** The living process of a pid of this node. */
  find(pid: Pid): ProcessControl | null {
    const { resident } = pid;
    return resident instanceof ProcessControl && resident.kernel === this ? resident : null;
  }

  isolate(message: unknown): unknown {
    const isolation = this.#isolation;
    if (typeof message !== "object" || message === null || isolation === "share") return message;
    return isolation === "freeze" ? deepFreeze(message) : isolation(message);
  }

  /** Like `isolate`, for reasons, which must be passed on even where they cannot be copied; errors stay who they are. */
  isolateReason(reason: unknown): unknown {
    if (typeof reason !== "object" || reason === null || reason instanceof Error) return reason;
    try {
      return this.isolate(reason);
    } catch {
      return deepFreeze(reason);
    }
  }

  route(node: string, signal: Signal): void {
    this.services.route(node, signal);
  }

  report(report: Report): void {
    this.services.report(report);
  }

  /** Sends to any address in the name of `from`; `message` is isolated already. */
  send(from: Pid, to: Address, message: unknown): void {
    if (to instanceof Pid) this.#sendToPid(from, this.localize(to), message);
    else if (to instanceof Ref) this.#sendToAlias(from, this.identities.localizeRef(to), message);
    else if (typeof to === "string") {
      const process = this.names.find(to);
      if (process === undefined)
        throw new ArgumentError(`invalid destination: no process is registered as ${JSON.stringify(to)}`);
      process.accept(message);
    } else if (typeof to === "object" && to !== null && "global" in to) {
      const pid = this.services.whereisGlobal(to.global);
      if (pid === undefined)
        throw new ExitError({ badarg: [to.global, message] }, `nobody holds the global name ${String(to.global)}`);
      this.#sendToPid(from, pid, message);
    } else if (typeof to === "object" && to !== null && "via" in to) {
      to.via.send(this.host, to.name, message);
    } else if (isRemoteName(to)) {
      if (to.node === this.own.name) this.names.find(to.name)?.accept(message);
      else this.route(to.node, { op: "sendName", from, to: to.name, message });
    } else {
      throw new ArgumentError(
        `invalid destination: expected a pid, an alias, a name, { name, node }, { global } or { via, name }. Got: ${show(to)}`,
      );
    }
  }

  /** Sends to an alias in the name of no process. */
  sendToAlias(alias: Ref, message: unknown): void {
    this.#sendToAlias(this.root, this.identities.localizeRef(alias), this.isolate(message));
  }

  /** Sends what a timer has kept; a receiver that is gone is no error (TIMER-8). */
  deliverQuietly(to: Pid<never> | Ref | string, message: unknown): void {
    if (typeof to === "string") this.names.find(to)?.accept(message);
    else this.send(this.root, to, message);
  }

  /** An exit signal sent by `exit(to, reason)` (EXIT-4). */
  sendExit(from: Pid, to: Pid<never>, reason: unknown): void {
    const pid = this.localize(checkPid(to, "send an exit signal to"));
    if (this.isOwnPid(pid)) this.find(pid)?.receiveExit({ from, reason, isFromLink: false });
    else this.route(pid.node, { op: "exit", from, to: pid, reason });
  }

  fireMonitor(watcher: Pid, ref: Ref, reason: unknown): void {
    const process = this.find(watcher);
    if (process !== null) fireMonitor(process, ref, reason);
  }

  /** Changes the group leader of any process; a signal like others (SIG-14). */
  setGroupLeader(pid: Pid<never>, leader: Pid<never>): true {
    const to = this.localize(checkPid(pid, "give a group leader to"));
    const device = this.localize(checkPid(leader, "take as group leader"));
    if (!this.isOwnPid(to)) {
      this.route(to.node, { op: "groupLeader", leader: device, to });
      return true;
    }
    const process = this.find(to);
    if (process === null) throw new ArgumentError(`cannot give ${to} a group leader: no such process`);
    process.groupLeader = device;
    return true;
  }

  register(name: string, pid: Pid<never>): true {
    const process = this.find(this.localize(checkPid(pid, "register")));
    if (process === null) throw refused(name, checkPid(pid, "register"), "it is not a living process of this node");
    return this.names.register(name, process);
  }

  #sendToPid(from: Pid, pid: Pid, message: unknown): void {
    if (this.isOwnPid(pid)) this.find(pid)?.accept(message);
    else this.route(pid.node, { op: "send", from, to: pid, message });
  }

  #sendToAlias(from: Pid, ref: Ref, message: unknown): void {
    if (ref.home !== this.own) {
      if (ref.node !== this.own.name) this.route(ref.node, { op: "sendAlias", from, to: ref, message });
      return this.remotes.answered(ref);
    }
    const alias = this.aliases.get(ref.number);
    if (alias !== undefined) deliverToAlias(alias, message);
    else this.callAliases.get(ref.number)?.reply(message);
  }
}

function isRemoteName(value: unknown): value is RemoteName {
  if (typeof value !== "object" || value === null || !("node" in value) || !("name" in value)) return false;
  return typeof value.node === "string" && typeof value.name === "string";
}
