/**
 * Replies that a process waits for beside its mailbox.
 *
 * A client of a device waits for one message only, known by its ref, and must neither take nor delay any other (IO-9); nor
 * may it occupy the one receive that the process has (JS-11), for output can be under way while the process waits for its
 * next message. So the reply, or the DOWN of a monitor of the same ref, is taken out on its way into the mailbox.
 */
import type { Task } from "../runtime/runtime.ts";
import { Ref } from "../term/ref.ts";
import type { ControlBlock } from "./control-block.ts";

/** Who takes a reply out before the mailbox. */
export interface ReplyTaker {
  /** Whether a message with the ref is the reply. */
  wants(message: unknown): boolean;
  /** Takes it, at once; user code is to be resumed in a turn of its own. */
  deliver(message: unknown): void;
}

/** One reply that is due. */
export class AwaitedReply implements ReplyTaker, Task {
  readonly process: ControlBlock;
  readonly #settle: (message: unknown) => void;
  #message: unknown = undefined;

  constructor(process: ControlBlock, settle: (message: unknown) => void) {
    this.process = process;
    this.#settle = settle;
  }

  wants(): boolean {
    return true;
  }

  /** Hands `message` to the waiting code, in a turn of its own. */
  deliver(message: unknown): void {
    this.#message = message;
    this.process.kernel.queue.push(this);
  }

  runTurn(): boolean {
    if (!this.process.isAlive) return false;
    this.#settle(this.#message);
    return true;
  }
}

/** From now on the first message with that ref, as `replyAs` or `ref`, goes to `settle` instead of the mailbox. */
export function awaitReply(process: ControlBlock, ref: Ref, settle: (message: unknown) => void): void {
  awaitReplyBy(process, ref, new AwaitedReply(process, settle));
}

/** The same, for a taker that chooses among the messages with that ref. */
export function awaitReplyBy(process: ControlBlock, ref: Ref, taker: ReplyTaker): void {
  const parts = process.needParts();
  parts.replies ??= new Map();
  parts.replies.set(ref.number, taker);
  process.setAwaiting(true);
}

/** Whether a reply with that ref is waited for. */
export function isAwaited(process: ControlBlock, ref: Ref): boolean {
  return process.parts?.replies?.has(ref.number) === true;
}

/** Takes the expectation back. */
export function forgetReply(process: ControlBlock, ref: Ref): void {
  const replies = process.parts?.replies;
  replies?.delete(ref.number);
  if (replies?.size === 0) process.setAwaiting(false);
}

/** True when `message` is one that is waited for, and no business of the mailbox. */
export function takeReply(process: ControlBlock, message: unknown): boolean {
  const ref = refIn(message);
  if (ref === null || ref.home !== process.kernel.own) return false;
  const awaited = process.parts?.replies?.get(ref.number);
  if (awaited?.wants(message) !== true) return false;
  forgetReply(process, ref);
  awaited.deliver(message);
  return true;
}

function refIn(message: unknown): Ref | null {
  if (typeof message !== "object" || message === null) return null;
  const ref = "replyAs" in message ? message.replyAs : "ref" in message ? message.ref : null;
  return ref instanceof Ref ? ref : null;
}
