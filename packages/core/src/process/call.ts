/**
 * A request that waits for its answer: one object that is the request in the server's mailbox, the `from` that the
 * server replies to, and the caller's reply slot.
 *
 * A local call registers nothing anywhere. It stands in the list of the server's open calls, so the server's death ends
 * it, and its timer; whichever of reply, death and timeout comes first decides, the others find it closed (G1, G2).
 *
 * A call to another node is the same object under an alias, which is also the ref of a monitor: the answer comes to the
 * alias, the server's end as DOWN, the loss of the connection by the sweep, and none of them touches a mailbox (CALL-1).
 */
import type { Task } from "../runtime/runtime.ts";
import { TimerEntry } from "../runtime/timers.ts";
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

/** A call in progress. */
export class PendingCall extends TimerEntry implements Task, Sendable {
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
  /** Where the server is, when that is another node and its end is watched. */
  #remote: Pid | RemoteName | null = null;

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
    this.watch(server, ms);
    server.accept(this);
  }

  /** Puts the call into the server's list of open calls, and leaves it to the caller of this to tell the server. */
  watch(server: ControlBlock, ms: number | "infinity"): void {
    const parts = server.needParts();
    this.#server = server;
    this.#after = parts.calls;
    if (this.#after !== null) this.#after.#before = this;
    parts.calls = this;
    if (ms !== "infinity") this.kernel.timers.start(this, ms);
  }

  /**
   * Sends `{ type, from, request }` to a server on another node and watches it.
   *
   * @throws CodecError when the request cannot be sent; the call is over then.
   */
  openRemote(server: Pid | RemoteName, type: string, ms: number | "infinity"): void {
    const { kernel, pid: from, request } = this;
    const alias = this.toAlias();
    const to = server instanceof Pid ? server : server.name;
    this.#remote = server;
    kernel.remotes.addCall(server.node, alias.number, this);
    if (ms !== "infinity") kernel.timers.start(this, ms);
    try {
      kernel.route(server.node, { op: "monitor", from, to, ref: alias });
      const message = { type, from: this["~toTerm"](), request };
      if (to instanceof Pid) kernel.route(server.node, { op: "send", from, to, message });
      else kernel.route(server.node, { op: "sendName", from, to, message });
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** The watched server on another node has ended, as that node says. */
  serverDown(peer: string, reason: unknown): void {
    if (this.#remote?.node !== peer) return;
    this.#leaveRemote({ isServerGone: true });
    this.close({ ok: false, reason });
  }

  /** The connection to the server is lost, or could not be made (CALL-6). */
  serverLost(): void {
    const node = this.#remote?.node;
    this.#leaveRemote({ isServerGone: true });
    this.close({ ok: false, reason: { nodedown: node } });
  }

  /** Delivers the answer; the first one counts (CALL-9). */
  reply(value: unknown): void {
    this.close({ ok: true, reply: value });
  }

  /** Ends the call with `outcome` unless it has ended. */
  close(outcome: CallOutcome): void {
    if (this.#outcome !== null) return;
    this.#outcome = outcome;
    this.#leaveTables();
    this.kernel.queue.push(this);
  }

  /** Ends the call without an outcome: nobody will be told anything any more. */
  abandon(): void {
    if (this.#outcome !== null) return;
    this.#outcome = callTimeout;
    this.#leaveTables();
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
  "~toTerm"(): { readonly type: "$from"; readonly pid: Pid; readonly alias: Ref } {
    return { type: "$from", pid: this.pid, alias: this.toAlias() };
  }

  #leaveTables(): void {
    if (this.list !== null) this.kernel.timers.cancel(this);
    this.#leaveServer();
    if (this.#alias === null) return;
    this.kernel.callAliases.delete(this.#alias.number);
    this.#leaveRemote({ isServerGone: false });
  }

  #leaveRemote({ isServerGone }: { readonly isServerGone: boolean }): void {
    const { kernel } = this;
    const server = this.#remote;
    const ref = this.#alias;
    if (server === null || ref === null) return;
    this.#remote = null;
    kernel.remotes.dropCall(server.node, ref.number);
    const to = server instanceof Pid ? server : server.name;
    if (!isServerGone) kernel.route(server.node, { op: "demonitor", from: this.pid, to, ref });
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
