/** What can be done on a node with its own processes, from code outside any process. */
import { ArgumentError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { findLocal, type InfoItem, processInfo, type ProcessInfo, processItem } from "../process/info.ts";
import type { Kernel } from "../process/kernel.ts";
import type { ProcessFunction, SpawnOptions } from "../process/process.ts";
import { parseSpawn, type SpawnArguments } from "../process/spawn.ts";
import type { Address } from "../term/address.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { isRemoteFunction, remoteTerm } from "../term/remote-function.ts";

/** The part of a node that has nothing to do with other nodes. */
export abstract class LocalNode {
  /** The machine, for sibling packages. */
  protected abstract readonly kernel: Kernel;

  /** Starts a process; its code runs in a later turn (JS-2). */
  spawn<Accepted, Args extends readonly unknown[]>(fn: ProcessFunction<Accepted, Args>, ...args: Args): Pid<Accepted>;
  spawn<Accepted, Args extends readonly unknown[]>(
    options: SpawnOptions,
    fn: ProcessFunction<Accepted, Args>,
    ...args: Args
  ): Pid<Accepted>;
  spawn(...given: SpawnArguments): Pid<never> {
    const { node, fn, args } = parseSpawn(given);
    const kernel = this.kernel;
    if (node === undefined || node === this.kernel.own.name)
      return kernel.spawnFunction(fn, args, { leader: kernel.leader }).pid;
    if (!isRemoteFunction(fn))
      throw new ArgumentError(`expected a function made by remote("name", …) to spawn on ${node}. Got: ${show(fn)}`);
    const pid = kernel.reservePid(node);
    kernel.route(node, {
      op: "spawnRequest",
      ref: kernel.makeRef(),
      pid,
      from: kernel.root,
      groupLeader: kernel.leader,
      fn: fn[remoteTerm],
      args,
      wishes: { link: false, monitor: false },
    });
    return pid;
  }

  /** Sends `message` in the name of no process. */
  send<Sent>(to: Address<Sent>, message: Sent): Sent {
    this.kernel.send(this.kernel.root, to, this.kernel.isolate(message));
    return message;
  }

  /** Sends an exit signal in the name of no process; true at once (EXIT-4). */
  sendExit(pid: Pid<never>, reason: unknown): true {
    this.kernel.sendExit(this.kernel.root, pid, this.kernel.isolate(reason));
    return true;
  }

  /** A new ref, equal to nothing else. */
  makeRef(): Ref {
    return this.kernel.makeRef();
  }

  /** Whether a process of this node is alive. @throws ArgumentError for a pid of another node (PROC-7). */
  isProcessAlive(pid: Pid<never>): boolean {
    return findLocal(this.kernel, pid) !== null;
  }

  /** Makes `leader` the group leader of `pid`; true. @throws ArgumentError for a dead process of this node (IO-2). */
  setGroupLeader(pid: Pid<never>, leader: Pid): true {
    return this.kernel.setGroupLeader(pid, leader);
  }

  /** Gives a process of this node a name; true (NAME-1). */
  register(name: string, pid: Pid<never>): true {
    return this.kernel.register(name, pid);
  }

  unregister(name: string): true {
    return this.kernel.names.unregister(name);
  }

  /** The process of that name (NAME-3). */
  whereis(name: string): Pid | undefined {
    return this.kernel.names.whereis(name);
  }

  /** All local names. */
  registered(): string[] {
    return this.kernel.names.registered();
  }

  /** The living processes (PROC-8), the node's own device `user` among them. */
  processes(): Pid[] {
    return [...this.kernel.processes].map(({ pid }) => pid);
  }

  /** What is known about a process, or one item of it; `undefined` when it has ended (PROC-4). */
  info(pid: Pid<never>): ProcessInfo | undefined;
  info<Item extends InfoItem>(pid: Pid<never>, item: Item): ProcessInfo[Item] | undefined;
  info<Item extends InfoItem>(pid: Pid<never>, items: readonly Item[]): Pick<ProcessInfo, Item> | undefined;
  info(pid: Pid<never>, item?: InfoItem | readonly InfoItem[]): unknown {
    return item === undefined ? processInfo(this.kernel, pid) : processItem(this.kernel, pid, item);
  }

  /** The label that a process of this node has given itself; `undefined` when none, or when it has ended (PROC-9). */
  getLabel(pid: Pid<never>): unknown {
    return this.info(pid, "label");
  }
}
