/**
 * A request that waits for its answer: one object that is the request in the server's mailbox, the `from` that the
 * server replies to, and the caller's reply slot.
 *
 * A local call registers nothing anywhere. It stands in the list of the server's open calls, so the server's death ends
 * it, and its timer; whichever of reply, death and timeout comes first decides, the others find it closed (G1, G2).
 *
 * A call to another node is the same object under an alias: the answer comes to the alias, the server's end as DOWN, the loss
 * of the connection by the sweep, and none of them touches a mailbox (CALL-1). What it is over there is in `far-call.ts`.
 */
import { inspect } from "node:util";

import { invariant } from "../base/invariant.ts";
import type { Task } from "../runtime/runtime.ts";
import type { DurationList, TimerEntry } from "../runtime/timers.ts";
import type { RemoteName } from "../term/address.ts";
import { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { Sendable } from "../term/sendable.ts";
import type { ControlBlock } from "./control-block.ts";
import type { Kernel } from "./kernel.ts";

/** How a call ended. */
export type CallOutcome =
  | { readonly ok: true; readonly reply: unknown }
  | { readonly ok: false; readonly reason: unknown };

/** Why a call failed with `timeout`; told apart from a server that exits with the reason `"timeout"` by the caller. */
export const callTimeout: { readonly ok: false; readonly reason: "timeout" } = { ok: false, reason: "timeout" };

type Stage = "open" | "replied" | "failed" | "timedOut" | "abandoned" | "told";

/** What only calls have that are known beyond their node. */
interface Far {
  /** The alias that replies are sent to. */
  readonly alias: Ref;
  /** The server, while it is on another node and its end is watched. */
  server: Pid | RemoteName | null;
}

// A timer by its shape alone: a class above would make every call slower to make.
/** A call in progress; subclasses say what comes of it, in a turn of the caller's. */
export abstract class PendingCall implements TimerEntry, Task, Sendable {
  deadline = 0;
  order = 0;
  list: DurationList | null = null;
  previous: TimerEntry | null = null;
  next: TimerEntry | null = null;
  readonly kernel: Kernel;
  /** The calling process, null outside any. */
  readonly caller: ControlBlock | null;
  readonly request: unknown;
  #stage: Stage = "open";
  #result: unknown = undefined;
  #server: ControlBlock | null = null;
  #newer: PendingCall | null = null;
  #older: PendingCall | null = null;
  #far: Far | null = null;

  constructor(kernel: Kernel, caller: ControlBlock | null, request: unknown) {
    this.kernel = kernel;
    this.caller = caller;
    this.request = request;
  }

  /** What the call is in the server's mailbox. */
  get type(): "$gen_call" {
    return "$gen_call";
  }

  /** Whether it has no outcome yet. */
  get isOpen(): boolean {
    return this.#stage === "open";
  }

  /** Who asks; the node's root process for code outside any process. */
  get pid(): Pid {
    return this.caller?.pid ?? this.kernel.root;
  }

  /** The next one in its server's list of open calls. */
  get olderCall(): PendingCall | null {
    return this.#older;
  }

  /** The call has been answered. */
  abstract replied(value: unknown): void;

  /** The call ended without an answer; `isTimeout` where no one is to blame. */
  abstract failed(reason: unknown, isTimeout: boolean): void;

  /** Puts the call into the server's mailbox and list of open calls. */
  open(server: ControlBlock, ms: number | "infinity"): void {
    this.watch(server, ms);
    server.accept(this);
  }

  /** Puts the call into the server's list of open calls, and leaves it to the caller of this to tell the server. */
  watch(server: ControlBlock, ms: number | "infinity"): void {
    const older = server.calls;
    this.#server = server;
    this.#older = older;
    if (older !== null) older.#newer = this;
    server.calls = this;
    if (ms !== "infinity") this.kernel.timers.startAfterTurn(this, ms);
  }

  /**
   * Sends `{ type, from, request }` to a server on another node and watches it.
   *
   * @throws CodecError when the request cannot be sent; the call is over then.
   */
  openRemote(server: Pid | RemoteName, type: string, ms: number | "infinity"): void {
    const { kernel, pid: from, request } = this;
    const far = PendingCall.#needFar(this);
    const { alias } = far;
    const to = server instanceof Pid ? server : server.name;
    far.server = server;
    kernel.remotes.addCall(server.node, alias.number, this);
    if (ms !== "infinity") kernel.timers.startAfterTurn(this, ms);
    try {
      kernel.route(server.node, { op: "call", from, to, alias, type, request });
    } catch (error) {
      PendingCall.#leaveRemote(this, { isServerGone: true });
      this.abandon();
      throw error;
    }
  }

  /** Delivers the answer; the first one counts (CALL-9). */
  reply(value: unknown): void {
    PendingCall.#close(this, "replied", value);
  }

  /** Delivers the answer that `peer` has sent. If it is the server's node, the server is not watched any more. */
  replyFrom(peer: string, value: unknown): void {
    if (this.#far?.server?.node === peer) PendingCall.#leaveRemote(this, { isServerGone: true });
    this.reply(value);
  }

  /** Ends the call without an answer, unless it has ended. */
  fail(reason: unknown): void {
    PendingCall.#close(this, "failed", reason);
  }

  /** Ends the call without an outcome: nobody will be told anything any more. */
  abandon(): void {
    if (this.#stage !== "open") return;
    this.#stage = "abandoned";
    PendingCall.#leaveTables(this);
  }

  expire(): void {
    PendingCall.#close(this, "timedOut", "timeout");
  }

  /** The watched server on another node has ended, as that node says. */
  serverDown(peer: string, reason: unknown): void {
    if (this.#far?.server?.node !== peer) return;
    PendingCall.#leaveRemote(this, { isServerGone: true });
    this.fail(reason);
  }

  /** The connection to the server is lost, or could not be made (CALL-6). */
  serverLost(): void {
    const node = this.#far?.server?.node;
    PendingCall.#leaveRemote(this, { isServerGone: true });
    this.fail({ nodedown: node });
  }

  runTurn(): boolean {
    if (this.caller?.isAlive === false) return false;
    const stage = this.#stage;
    const hasOutcome = stage !== "open" && stage !== "told";
    invariant(hasOutcome, "G1", "a call that is open or told has no outcome to tell");
    this.#stage = "told";
    if (stage === "replied") this.replied(this.#result);
    else this.failed(this.#result, stage === "timedOut");
    return true;
  }

  /** What the call looks like in a message that leaves the node. */
  "~toTerm"(): { readonly type: "$from"; readonly pid: Pid; readonly alias: Ref } {
    return { type: "$from", pid: this.pid, alias: PendingCall.#needFar(this).alias };
  }

  // Static, for private methods would make every call larger and slower to make.

  static #close(call: PendingCall, stage: Stage, result: unknown): void {
    if (call.#stage !== "open") return;
    call.#stage = stage;
    call.#result = result;
    PendingCall.#leaveTables(call);
    call.kernel.queue.push(call);
  }

  /** Made known under an alias when that is first needed. */
  static #needFar(call: PendingCall): Far {
    if (call.#far !== null) return call.#far;
    const alias = call.kernel.makeRef();
    call.#far = { alias, server: null };
    if (call.#stage === "open") call.kernel.callAliases.set(alias.number, call);
    return call.#far;
  }

  static #leaveTables(call: PendingCall): void {
    if (call.list !== null) call.kernel.timers.cancel(call);
    if (call.#server !== null) PendingCall.#leaveServer(call, call.#server);
    if (call.#far === null) return;
    call.kernel.callAliases.delete(call.#far.alias.number);
    PendingCall.#leaveRemote(call, { isServerGone: false });
  }

  static #leaveRemote(call: PendingCall, { isServerGone }: { readonly isServerGone: boolean }): void {
    const { kernel } = call;
    const far = call.#far;
    if (far === null || far.server === null) return;
    const { alias, server } = far;
    far.server = null;
    kernel.remotes.dropCall(server.node, alias.number);
    const to = server instanceof Pid ? server : server.name;
    if (!isServerGone) kernel.route(server.node, { op: "demonitor", from: call.pid, to, ref: alias });
  }

  static #leaveServer(call: PendingCall, server: ControlBlock): void {
    const newer = call.#newer;
    const older = call.#older;
    call.#server = null;
    if (newer !== null) newer.#older = older;
    else if (server.calls === call) server.calls = older;
    if (older !== null) older.#newer = newer;
    call.#newer = null;
    call.#older = null;
  }
}

/** A call whose outcome goes to a function. */
export class SettledCall extends PendingCall {
  readonly #settle: (outcome: CallOutcome) => void;

  constructor(kernel: Kernel, caller: ControlBlock | null, request: unknown, settle: (outcome: CallOutcome) => void) {
    super(kernel, caller, request);
    this.#settle = settle;
  }

  override replied(reply: unknown): void {
    this.#settle({ ok: true, reply });
  }

  override failed(reason: unknown, isTimeout: boolean): void {
    this.#settle(isTimeout ? callTimeout : { ok: false, reason });
  }
}

// In a mailbox that somebody looks into, a call is what it asks.
Object.defineProperty(PendingCall.prototype, inspect.custom, {
  value(this: PendingCall): unknown {
    return { type: this.type, from: this.pid, request: this.request };
  },
});
