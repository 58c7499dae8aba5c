/**
 * A call from another node, as the server's node holds it: the `from` that the server replies to.
 *
 * It stands in the server's list of open calls as a local one does, so the server's end is told to the caller without a
 * monitor of its own. The first answer that this node sends to the caller's alias ends it here as well as there, so nothing
 * has to be taken back after a reply; only a caller that gives up, or is answered by a third node, says so.
 */
import type { Signal } from "../signal/signal.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { PendingCall } from "./call.ts";
import type { ControlBlock } from "./control-block.ts";
import { tellAfar } from "./exit.ts";
import type { Kernel } from "./kernel.ts";

/** An open call of a process on another node. */
export class FarCall extends PendingCall {
  /** Where its answer is sent. */
  readonly alias: Ref;
  readonly #from: Pid;
  readonly #to: Pid | string;
  readonly #server: Pid;

  constructor(kernel: Kernel, server: ControlBlock, signal: Extract<Signal, { readonly op: "call" }>) {
    super(kernel, null, signal.request);
    this.alias = signal.alias;
    this.#from = signal.from;
    this.#to = signal.to;
    this.#server = server.pid;
    this.watch(server, "infinity");
    kernel.remotes.addFarCall(this);
  }

  override get pid(): Pid {
    return this.#from;
  }

  /** Sends the answer. @throws CodecError when it cannot be sent; the call is still open then. */
  override reply(value: unknown): void {
    if (!this.isOpen) return;
    this.kernel.route(this.#from.node, { op: "sendAlias", from: this.#server, to: this.alias, message: value });
    this.abandon();
  }

  override fail(reason: unknown): void {
    if (!this.isOpen) return;
    this.abandon();
    tellAfar(this.kernel, this.#from.node, { op: "down", from: this.#to, to: this.#from, ref: this.alias, reason });
  }

  override abandon(): void {
    super.abandon();
    this.kernel.remotes.dropFarCall(this);
  }

  // It has no turn here: its outcome is told on the caller's node.
  override replied(): void {}
  override failed(): void {}

  override "~toTerm"(): { readonly type: "$from"; readonly pid: Pid; readonly alias: Ref } {
    return { type: "$from", pid: this.#from, alias: this.alias };
  }
}
