/**
 * A request that waits for its answer: one object that is the request in the server's mailbox, the `from` that the
 * server replies to, and the caller's reply slot.
 *
 * A local call registers nothing anywhere. It stands in the list of the server's open calls, so the server's death ends
 * it, and its timer; whichever of reply, death and timeout comes first decides, the others find it closed (G1, G2).
 */
import type { Task } from "../runtime/runtime.ts";
import { TimerEntry } from "../runtime/timers.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import type { ControlBlock } from "./control-block.ts";
import type { Kernel } from "./kernel.ts";

/** How a call ended. */
export type CallOutcome =
  | { readonly ok: true; readonly reply: unknown }
  | { readonly ok: false; readonly reason: unknown };

/** Why a call failed with `timeout`; told apart from a server that exits with the reason `"timeout"` by the caller. */
export const callTimeout: { readonly ok: false; readonly reason: "timeout" } = { ok: false, reason: "timeout" };

/** A call in progress. */
export class PendingCall extends TimerEntry implements Task {
  readonly type = "$gen_call";
  readonly kernel: Kernel;
  readonly request: unknown;
  /** Who asks; the node's root process for code outside any process. */
  readonly pid: Pid;
  /** The calling process, null outside any. */
  readonly #caller: ControlBlock | null;
  readonly #settle: (outcome: CallOutcome) => void;
  #outcome: CallOutcome | null = null;
  #server: ControlBlock | null = null;
  #before: PendingCall | null = null;
  #after: PendingCall | null = null;
  /** The alias under which the call is known once its `from` has left the node. */
  #alias: Ref | null = null;

  constructor(kernel: Kernel, caller: ControlBlock | null, request: unknown, settle: (outcome: CallOutcome) => void) {
    super();
    this.kernel = kernel;
    this.pid = caller?.pid ?? kernel.root;
    this.request = request;
    this.#caller = caller;
    this.#settle = settle;
  }

  /** Puts the call into the server's mailbox and list of open calls. */
  open(server: ControlBlock, ms: number | "infinity"): void {
    const parts = server.needParts();
    this.#server = server;
    this.#after = parts.calls;
    if (this.#after !== null) this.#after.#before = this;
    parts.calls = this;
    if (ms !== "infinity") this.kernel.timers.start(this, ms);
    server.accept(this);
  }

  /** Delivers the answer; the first one counts (CALL-9). */
  reply(value: unknown): void {
    this.close({ ok: true, reply: value });
  }

  /** Ends the call with `outcome` unless it has ended. */
  close(outcome: CallOutcome): void {
    if (this.#outcome !== null) return;
    this.#outcome = outcome;
    if (this.list !== null) this.kernel.timers.cancel(this);
    this.#leaveServer();
    if (this.#alias !== null) this.kernel.callAliases.delete(this.#alias.number);
    this.kernel.queue.push(this);
  }

  override expire(): void {
    this.close(callTimeout);
  }

  runTurn(): boolean {
    if (this.#outcome === null || this.#caller?.isAlive === false) return false;
    this.#settle(this.#outcome);
    return true;
  }

  /** The alias that a node far away replies to, made on first use. */
  toAlias(): Ref {
    if (this.#alias !== null) return this.#alias;
    const alias = this.kernel.makeRef();
    this.#alias = alias;
    if (this.#outcome === null) this.kernel.callAliases.set(alias.number, this);
    return alias;
  }

  /** What the call looks like in a message that leaves the node. */
  toTerm(): { readonly type: "$from"; readonly pid: Pid; readonly alias: Ref } {
    return { type: "$from", pid: this.pid, alias: this.toAlias() };
  }

  #leaveServer(): void {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    if (this.#before !== null) this.#before.#after = this.#after;
    else if (server.parts !== null && server.parts.calls === this) server.parts.calls = this.#after;
    if (this.#after !== null) this.#after.#before = this.#before;
    this.#before = null;
    this.#after = null;
  }
}
