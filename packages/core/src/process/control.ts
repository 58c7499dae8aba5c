/** The process as its own code holds it: every call of the public `Process` interface, made in its name. */
import type { Logger } from "pino";

import { ArgumentError, ExitError } from "../base/errors.ts";
import { show } from "../base/show.ts";
import { nothing } from "../mailbox/mailbox.ts";
import type { Matched, Matcher, Pattern } from "../mailbox/match.ts";
import type { Address, RemoteName } from "../term/address.ts";
import { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { openAlias, unalias } from "./aliases.ts";
import type { Code } from "./body.ts";
import { ControlBlock } from "./control-block.ts";
import { Dictionary } from "./dictionary.ts";
import { formatReason } from "./format-reason.ts";
import type { Host } from "./host.ts";
import type { Kernel } from "./kernel.ts";
import { checkPid, link, unlink } from "./links.ts";
import { demonitor, monitor } from "./monitors.ts";
import type * as Api from "./process.ts";
import { hibernate, receive, receiveAny, sleep } from "./receive.ts";
import { sendAwait, type SendOptions, type SendOutcome, sendWith } from "./send.ts";
import { spawnRequest, spawnRequestAbandon, type SpawnRequestArguments } from "./spawn-request.ts";
import { spawnFrom, type SpawnArguments } from "./spawn.ts";
import { queryTimerFor, startTimer } from "./user-timers.ts";

/** One process of one node. */
export class ProcessControl extends ControlBlock implements Api.Process {
  #leader: Pid;

  constructor(kernel: Kernel, pid: Pid, code: Code | null, leader: Pid) {
    super(kernel, pid, code);
    this.#leader = leader;
  }

  get node(): Host {
    return this.kernel.host;
  }

  get signal(): AbortSignal {
    if (!this.isAlive) return this.parts?.abort?.signal ?? AbortSignal.abort("noproc");
    const parts = this.needParts();
    parts.abort ??= new AbortController();
    return parts.abort.signal;
  }

  get log(): Logger {
    return this.kernel.services.logger(this);
  }

  get io(): Api.ProcessIo {
    return this.kernel.services.io(this);
  }

  get groupLeader(): Pid {
    return this.#leader;
  }

  set groupLeader(leader: Pid) {
    this.assertAlive();
    this.#leader = this.kernel.localize(checkPid(leader, "take as group leader"));
  }

  get trapExit(): boolean {
    return this.isTrapping;
  }

  set trapExit(on: boolean) {
    this.flag("trapExit", on);
  }

  get dictionary(): Dictionary {
    this.assertAlive();
    const parts = this.needParts();
    return (parts.dictionary ??= new Dictionary(this.body?.seed?.()));
  }

  get label(): unknown {
    return this.parts?.label;
  }

  set label(label: unknown) {
    this.assertAlive();
    this.needParts().label = label;
  }

  send<Sent>(to: Address<Sent>, message: Sent): Sent;
  send<Sent>(to: Address<Sent>, message: Sent, options: SendOptions): SendOutcome;
  send<Sent>(to: Address<Sent>, message: Sent, options?: SendOptions): Sent | SendOutcome {
    this.assertAlive();
    if (options !== undefined) return sendWith(this, { to, message }, options);
    const { kernel } = this;
    const isolated = kernel.isolate(message);
    if (to instanceof Pid) {
      const { resident } = to;
      if (resident instanceof ProcessControl && resident.kernel === kernel) {
        resident.accept(isolated);
        return message;
      }
    }
    kernel.send(this.pid, to, isolated);
    return message;
  }

  sendAwait<Sent>(to: Address<Sent>, message: Sent): Promise<Sent> {
    this.assertAlive();
    return sendAwait(this, to, message);
  }

  receive(): Promise<unknown>;
  receive(options: Api.ReceiveOptions): Promise<unknown>;
  receive<Wanted>(guard: (message: unknown) => message is Wanted): Promise<Wanted>;
  receive<Wanted>(
    guard: (message: unknown) => message is Wanted,
    options: Api.ReceiveOptions,
  ): Promise<Wanted | Api.Timeout>;
  receive(predicate: (message: unknown) => boolean): Promise<unknown>;
  receive(predicate: (message: unknown) => boolean, options: Api.ReceiveOptions): Promise<unknown>;
  receive<const Wanted extends Pattern>(pattern: Wanted): Promise<Matched<Wanted>>;
  receive<const Wanted extends Pattern>(
    pattern: Wanted,
    options: Api.ReceiveOptions,
  ): Promise<Matched<Wanted> | Api.Timeout>;
  receive(first?: Matcher | Api.ReceiveOptions, second?: Api.ReceiveOptions): Promise<unknown> {
    return first === undefined && second === undefined ? receiveAny(this) : receive(this, first, second);
  }

  sleep(ms: Api.Duration): Promise<void> {
    return sleep(this, ms);
  }

  flush(): unknown[] {
    this.assertAlive();
    const messages = this.mailbox?.messages() ?? [];
    while (this.mailbox !== null && this.mailbox.shift() !== nothing);
    return messages;
  }

  spawn(...args: SpawnArguments): Pid {
    return spawnFrom(this, args, { link: false, monitor: false }).pid;
  }

  spawnLink(...args: SpawnArguments): Pid {
    return spawnFrom(this, args, { link: true, monitor: false }).pid;
  }

  spawnMonitor(...args: SpawnArguments): Api.SpawnedMonitor {
    return spawnFrom(this, args, { link: false, monitor: true });
  }

  spawnRequest(...args: SpawnRequestArguments): Ref {
    return spawnRequest(this, args);
  }

  spawnRequestAbandon(ref: Ref): boolean {
    return spawnRequestAbandon(this, ref);
  }

  link(pid: Pid<never>): true {
    return link(this, pid);
  }

  unlink(pid: Pid<never>): true {
    return unlink(this, pid);
  }

  monitor(target: Pid<never> | string | RemoteName, options?: Api.MonitorOptions): Ref {
    return monitor(this, target, options);
  }

  demonitor(ref: Ref, options?: Api.DemonitorOptions): boolean {
    return demonitor(this, ref, options);
  }

  alias(options?: { readonly reply?: boolean }): Ref {
    this.assertAlive();
    const ref = this.makeRef();
    openAlias(this, ref, options?.reply === true ? "reply" : "explicit");
    return ref;
  }

  unalias(ref: Ref): boolean {
    return unalias(this, ref);
  }

  override makeRef(): Ref {
    this.assertAlive();
    return super.makeRef();
  }

  exit(reason: unknown): never {
    this.assertAlive();
    throw new ExitError(reason, `exit: ${formatReason(reason)}`);
  }

  sendExit(pid: Pid<never>, reason: unknown): true {
    this.assertAlive();
    this.kernel.sendExit(this.pid, pid, this.kernel.isolate(reason));
    // Whoever has just ended itself must not go on (JS-5).
    this.assertAlive();
    return true;
  }

  flag(name: "trapExit", value: boolean): boolean {
    this.assertAlive();
    if (name !== "trapExit") throw new ArgumentError(`expected the flag trapExit. Got: ${show(name)}`);
    if (typeof value !== "boolean") throw new ArgumentError(`expected true or false for trapExit. Got: ${show(value)}`);
    const before = this.isTrapping;
    this.setTrapping(value);
    return before;
  }

  setGroupLeader(pid: Pid<never>, leader: Pid): true {
    this.assertAlive();
    return this.kernel.setGroupLeader(pid, leader);
  }

  register(name: string, pid: Pid<never> = this.pid): true {
    this.assertAlive();
    return this.kernel.register(name, pid);
  }

  unregister(name: string): true {
    this.assertAlive();
    return this.kernel.names.unregister(name);
  }

  whereis(name: string): Pid | undefined {
    this.assertAlive();
    return this.kernel.names.whereis(name);
  }

  sendAfter(to: Pid<never> | Ref | string, message: unknown, ms: number, options?: Api.TimerOptions): Ref {
    this.assertAlive();
    const isolated = this.kernel.isolate(message);
    return startTimer(this.kernel, { to, makeMessage: () => isolated, ms, options });
  }

  startTimer(to: Pid<never> | Ref | string, message: unknown, ms: number, options?: Api.TimerOptions): Ref {
    this.assertAlive();
    const isolated = this.kernel.isolate(message);
    return startTimer(this.kernel, {
      to,
      makeMessage: (ref) => ({ type: "timeout", ref, message: isolated }),
      ms,
      options,
    });
  }

  cancelTimer(ref: Ref, options?: Api.TimerQueryOptions): number | false | "ok" {
    this.assertAlive();
    return queryTimerFor(this, ref, { cancel: true, options });
  }

  readTimer(ref: Ref, options?: Api.TimerQueryOptions): number | false | "ok" {
    this.assertAlive();
    return queryTimerFor(this, ref, { cancel: false, options });
  }

  monitorNode(node: string, on: boolean): true {
    this.assertAlive();
    return this.kernel.services.monitorNode(this, node, on);
  }

  monitorNodes(on: boolean, options?: Api.MonitorNodesOptions): "ok" {
    this.assertAlive();
    return this.kernel.services.monitorNodes(this, on, options);
  }

  hibernate(): Promise<void> {
    return hibernate(this);
  }
}
