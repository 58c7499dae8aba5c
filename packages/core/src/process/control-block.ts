/**
 * The state of a process and its turn.
 *
 * An idle process is this one small object; what most processes never use is in `parts`. A turn is: take up the receive
 * that waits, else start, else let the behaviour handle messages (K1). `ProcessControl` adds what its code may call.
 */
import { DeadProcessError, ExitError } from "../base/errors.ts";
import { invariant } from "../base/invariant.ts";
import { Mailbox, nothing, type Predicate } from "../mailbox/mailbox.ts";
import type { Task } from "../runtime/runtime.ts";
import type { TimerEntry } from "../runtime/timers.ts";
import type { Pid, Resident } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { type Body, type Code, isLaunch, launch, promised } from "./body.ts";
import type { PendingCall } from "./call.ts";
import { judgeExit } from "./exit-rule.ts";
import type { Kernel } from "./kernel.ts";
import type { LinkTable } from "./link-table.ts";
import { Parts, type Watcher } from "./parts.ts";
import { resumeReceive } from "./receive.ts";
import { takeReply } from "./replies.ts";

const dead = 1;
const queued = 2;
const started = 4;
const busy = 8;
const trapping = 16;
const woken = 32;
const awaiting = 64;
const outOfTime = 128;

/** Messages that one behaviour handles before others get their turn. */
const turnLength = 1_000;

/** An exit signal on its way in. */
export interface IncomingExit {
  readonly from: Pid;
  readonly reason: unknown;
  readonly isFromLink: boolean;
}

/** One process of one node, without the calls that its code makes. */
export class ControlBlock implements Resident, Task {
  readonly pid: Pid;
  readonly kernel: Kernel;
  mailbox: Mailbox | null = null;
  /** Settles the receive that is in progress; null when there is none. */
  resolve: ((value: unknown) => void) | null = null;
  /** What that receive wants. */
  wanted: Predicate | null = null;
  /** A behaviour, or a plain function that has not been called yet. */
  code: Code | null;
  parts: Parts | null = null;
  /** Calls that wait for this process to reply, the latest first, as a linked list. */
  calls: PendingCall | null = null;
  links: LinkTable | null = null;
  /** Who waits for the end of this process, the first of a list. */
  watchers: Watcher | null = null;
  /** The neighbours in the table of the living. */
  before: ControlBlock | null = null;
  after: ControlBlock | null = null;
  #flags = 0;

  constructor(kernel: Kernel, pid: Pid, code: Code | null) {
    this.kernel = kernel;
    this.pid = pid;
    this.code = code;
  }

  /** The behaviour that it runs, if it runs one. */
  get body(): Body | null {
    const { code } = this;
    return code === null || isLaunch(code) ? null : code;
  }

  get isAlive(): boolean {
    return (this.#flags & dead) === 0;
  }

  get isTrapping(): boolean {
    return (this.#flags & trapping) !== 0;
  }

  setTrapping(on: boolean): void {
    this.#flags = on ? this.#flags | trapping : this.#flags & ~trapping;
  }

  /** Whether messages are looked at before they reach the mailbox, for replies that are due. */
  setAwaiting(on: boolean): void {
    this.#flags = on ? this.#flags | awaiting : this.#flags & ~awaiting;
  }

  /** Whether the receive that is in progress has waited as long as it may. */
  get isOutOfTime(): boolean {
    return (this.#flags & outOfTime) !== 0;
  }

  setOutOfTime(on: boolean): void {
    this.#flags = on ? this.#flags | outOfTime : this.#flags & ~outOfTime;
  }

  /** True while an asynchronous callback of its behaviour has not settled. */
  get isBusy(): boolean {
    return (this.#flags & busy) !== 0;
  }

  assertAlive(): void {
    if ((this.#flags & dead) !== 0) {
      throw new DeadProcessError(`${this.pid} has ended; nothing can be done in its name any more`);
    }
  }

  markDead(): void {
    invariant(this.isAlive, "K9", "a process ends twice");
    this.#flags |= dead;
    this.pid.resident = null;
  }

  needParts(): Parts {
    return (this.parts ??= new Parts());
  }

  /** Puts a message into the mailbox; the dead drop it (SIG-6). */
  accept(message: unknown): void {
    if ((this.#flags & (dead | awaiting)) !== 0 && (!this.isAlive || takeReply(this, message))) return;
    (this.mailbox ??= new Mailbox()).push(message);
    // A plain function that does not wait takes its messages when it asks for them.
    if (this.resolve !== null || (this.code !== null && (this.#flags & busy) === 0)) this.schedule();
  }

  /** Asks for a turn. */
  schedule(): void {
    if ((this.#flags & (queued | dead)) !== 0) return;
    this.#flags |= queued;
    this.kernel.queue.push(this);
  }

  /** Asks for a call of the behaviour's `idle`, as soon as there is no message to handle. */
  wake(): void {
    this.#flags |= woken;
    this.schedule();
  }

  /** What an exit signal does to this process, at once (JS-3). */
  receiveExit({ from, reason, isFromLink }: IncomingExit): void {
    if (!this.isAlive) return;
    const verdict = judgeExit({ reason, isFromLink, isFromSelf: from === this.pid }, this.isTrapping);
    const isSpared = verdict.action !== "die" && reason === "kill" && !isFromLink;
    invariant(!isSpared, "K8", "a process would survive being killed");
    if (verdict.action === "deliver") this.accept({ type: "EXIT", from, reason });
    else if (verdict.action === "die") this.kernel.endings.end(this, verdict.reason);
  }

  /** Ends the process with `reason`, from its own code. */
  terminate(reason: unknown): void {
    this.kernel.endings.end(this, this.kernel.isolateReason(reason));
  }

  /** Keeps a timer with the process, so that its end stops it. */
  ownTimer(timer: TimerEntry): void {
    const parts = this.needParts();
    parts.sleepers ??= new Set();
    parts.sleepers.add(timer);
  }

  /** Takes back `ownTimer`. */
  disownTimer(timer: TimerEntry): void {
    this.parts?.sleepers?.delete(timer);
  }

  /** Runs `cleanup` when the process ends, before anyone is told (SIG-10); returns how to take that back. */
  onEnd(cleanup: () => void): () => void {
    const parts = this.needParts();
    parts.cleanups ??= new Set();
    parts.cleanups.add(cleanup);
    return () => {
      parts.cleanups?.delete(cleanup);
    };
  }

  makeRef(): Ref {
    const ref = this.kernel.makeRef();
    // Only a full mailbox is worth remembering a position for.
    if (this.mailbox !== null && this.mailbox.size > 0) {
      this.mailbox.mark();
      this.needParts().latestRef = ref.number;
    }
    return ref;
  }

  isLatestRef(ref: Ref | undefined): boolean {
    return ref !== undefined && this.parts?.latestRef === ref.number && ref.home === this.kernel.own;
  }

  runTurn(): boolean {
    invariant((this.#flags & queued) !== 0, "K1", "a process has a turn without having asked for one");
    this.#flags &= ~queued;
    if ((this.#flags & dead) !== 0) return false;
    if (this.resolve !== null) return resumeReceive(this, this.resolve);
    if ((this.#flags & started) === 0) {
      this.#flags |= started;
      return ControlBlock.#begin(this);
    }
    const body = this.code;
    if (body === null || isLaunch(body) || body.handle === undefined || (this.#flags & busy) !== 0) return false;
    return ControlBlock.#handleMessages(this, body, body.handle);
  }

  // Static, for private methods would make every process larger and slower to make.
  static #begin(process: ControlBlock): boolean {
    const { code } = process;
    if (code === null) return false;
    if (!isLaunch(code) && code.handle !== undefined) {
      if (ControlBlock.#suspendFor(process, code.start())) return true;
      if (process.mailbox !== null || (process.#flags & woken) !== 0) process.schedule();
      return false;
    }
    process.code = null;
    let promise: PromiseLike<unknown> | null;
    try {
      promise = promised(isLaunch(code) ? launch(process, code) : code.start());
    } catch (error) {
      process.fail(error);
      return false;
    }
    if (promise === null) {
      process.terminate("normal");
      return false;
    }
    promise.then(
      () => process.terminate("normal"),
      (error: unknown) => process.fail(error),
    );
    return true;
  }

  static #handleMessages(process: ControlBlock, body: Body, handle: (message: unknown) => unknown): boolean {
    const { queue } = process.kernel;
    for (let handled = 0; handled < turnLength; handled += 1) {
      const { mailbox } = process;
      const accepts = body.accepts ?? null;
      const message =
        mailbox === null
          ? nothing
          : accepts === null
            ? mailbox.shift()
            : ControlBlock.#takeOne(process, mailbox, accepts);
      let result: unknown;
      if (message !== nothing) {
        result = handle.call(body, message);
      } else {
        if ((process.#flags & woken) === 0) return false;
        process.#flags &= ~woken;
        result = body.idle?.();
      }
      if (result !== undefined && ControlBlock.#suspendFor(process, result)) return true;
      if ((process.#flags & dead) !== 0) return false;
      if (message !== nothing && !queue.spend(1)) break;
    }
    process.schedule();
    return false;
  }

  /** Takes what the behaviour accepts, without looking again at what the same predicate has refused (RECV-7). */
  static #takeOne(process: ControlBlock, mailbox: Mailbox, accepts: Predicate): unknown {
    const parts = process.needParts();
    if (parts.accepts !== accepts) mailbox.rescan();
    parts.accepts = accepts;
    return mailbox.takeUnscanned(accepts);
  }

  /** Suspends the process while a callback's promise is open. */
  static #suspendFor(process: ControlBlock, result: unknown): boolean {
    const promise = promised(result);
    if (promise === null) return false;
    process.#flags |= busy;
    const resume = (): void => {
      process.#flags &= ~busy;
      process.schedule();
    };
    promise.then(resume, (error: unknown) => {
      resume();
      process.fail(error);
    });
    return true;
  }

  /** What an uncaught error, exit or throw makes of the process (JS-8). */
  fail(error: unknown): void {
    if (!this.isAlive) return;
    if (error instanceof ExitError && !error.isCrash) {
      this.terminate(error.exitReason);
      return;
    }
    const reason = error instanceof ExitError ? error.exitReason : error instanceof Error ? error : { nocatch: error };
    const { pid, parts } = this;
    this.kernel.report({ kind: "process_error", pid, name: parts?.name ?? undefined, label: parts?.label, reason });
    this.terminate(reason);
  }
}
