/**
 * The process side of a GenServer: takes messages, calls back, does what the results say.
 *
 * The kernel calls `handle` for each message. What returns at once is done with when `handle` returns; a callback's promise
 * goes back to the kernel, which calls again when it has settled (JS-10).
 */
import { type Body, PendingCall, type ProcessControl } from "@otp/core/internal";

import { type Origin, seedOf } from "../gen/origin.ts";
import { showTerm } from "../gen/report.ts";
import { isPromise } from "../gen/settle.ts";
import { reasonOf } from "../gen/start.ts";
import type { Debug } from "../sys/debug.ts";
import { acceptsWhileSuspended, handleSystem, isSystemMessage, type SystemTarget } from "../sys/handle.ts";
import type { ShownStatus, Status } from "../sys/status.ts";
import type { Callbacks } from "./callbacks.ts";
import { type From, isRemoteFrom, replyTo } from "../gen/from.ts";
import { IdleTimer } from "./idle-timer.ts";
import { endServer } from "./ending.ts";
import { type Next, Result } from "./result.ts";

/** A call as the loop holds it, from here or from another node. */
export interface ReceivedCall {
  readonly type: "$gen_call";
  readonly from: From;
  readonly request: unknown;
}

/** The message under which a continuation is reported. */
export interface Continuation {
  readonly type: "continue";
  readonly value: unknown;
}

const idleMessage = Object.freeze({ type: "timeout" });

/** A running server. */
export class ServerLoop implements Body, SystemTarget {
  readonly self: ProcessControl;
  readonly origin: Origin;
  readonly server: Callbacks;
  state: unknown = undefined;
  debug: Debug | null = null;
  accepts: ((message: unknown) => boolean) | null = null;
  #timer: IdleTimer | null = null;

  constructor(self: ProcessControl, origin: Origin, server: Callbacks) {
    this.self = self;
    this.origin = origin;
    this.server = server;
  }

  get initialCall(): string {
    return this.origin.initialCall;
  }

  seed(): readonly (readonly [unknown, unknown])[] {
    return seedOf(this.origin);
  }

  /** The kernel has called the `start` of the body before. */
  start(): void {}

  handle(message: unknown): unknown {
    try {
      return this.#dispatch(message);
    } catch (error) {
      // A message is any value, also one whose own code fails when it is looked at.
      return this.stop(error, showTerm(message));
    }
  }

  #dispatch(message: unknown): unknown {
    if (this.#timer !== null && !isSystemMessage(message)) this.#stopTimer();
    if (message instanceof PendingCall) return this.#handleCall(message, message, message.request);
    if (typeof message !== "object" || message === null || !("type" in message)) return this.#handleInfo(message);
    switch (message.type) {
      case "$gen_cast":
        return "message" in message ? this.#handleCast(message, message.message) : this.#handleInfo(message);
      case "$gen_call":
        if (!("from" in message && isRemoteFrom(message.from) && "request" in message)) break;
        return this.#handleCall(message, message.from, message.request);
      case "$system":
        if (!isSystemMessage(message)) break;
        return this.#handleSystem(message);
      case "EXIT":
        // Only the parent's exit ends a server that traps exits (GS-15).
        if (!("from" in message) || message.from !== this.origin.parent || !("reason" in message)) break;
        return this.stop(message.reason, message);
    }
    return this.#handleInfo(message);
  }

  /** Called by the kernel when the mailbox is empty after `wake`. */
  idle(): unknown {
    if (this.#timer?.isDue !== true || this.accepts !== null) return undefined;
    this.#timer = null;
    return this.#handleInfo(idleMessage);
  }

  /** Ends the server with `reason`, after `terminate`; `message` is what it was handling. */
  stop(reason: unknown, message: unknown, reply?: () => void): unknown {
    return endServer(this, reason, { message, reply });
  }

  changeState(change: (state: unknown) => unknown): unknown {
    this.state = change(this.state);
    return this.state;
  }

  changeCode(oldVersion: unknown, extra: unknown): unknown {
    const { server, state } = this;
    if (server.codeChange === undefined) return "ok";
    const changed = server.codeChange(oldVersion, state, extra);
    const take = (result: unknown): unknown => {
      if (!(result instanceof Result) || result.kind !== "ok") return { error: { badReturnValue: result } };
      this.state = result.state;
      return "ok";
    };
    return isPromise(changed) ? Promise.resolve(changed).then(take) : take(changed);
  }

  formatStatus(status: Status): ShownStatus {
    return this.server.formatStatus?.(status) ?? status;
  }

  setSuspended(on: boolean): void {
    this.accepts = on ? (message) => acceptsWhileSuspended(message, this.origin) : null;
  }

  #handleCall(message: unknown, from: From, request: unknown): unknown {
    this.debug?.record({ type: "in", message: request, from: from.pid });
    let returned: unknown;
    try {
      returned = this.server.handleCall(request, from, this.state);
    } catch (thrown) {
      return this.#threw(thrown, message, from);
    }
    return this.#returned(returned, message, from);
  }

  #handleCast(message: unknown, content: unknown): unknown {
    this.debug?.record({ type: "in", message });
    let returned: unknown;
    try {
      returned = this.server.handleCast(content, this.state);
    } catch (thrown) {
      return this.#threw(thrown, message, null);
    }
    return this.#returned(returned, message, null);
  }

  #handleInfo(message: unknown): unknown {
    this.debug?.record({ type: "in", message });
    let returned: unknown;
    try {
      returned = this.server.handleInfo(message, this.state);
    } catch (thrown) {
      return this.#threw(thrown, message, null);
    }
    return this.#returned(returned, message, null);
  }

  #handleContinue(value: unknown): unknown {
    const message: Continuation = { type: "continue", value };
    let returned: unknown;
    try {
      returned = this.server.handleContinue(value, this.state);
    } catch (thrown) {
      return this.#threw(thrown, message, null);
    }
    return this.#returned(returned, message, null);
  }

  #handleSystem(message: Parameters<typeof handleSystem>[1]): unknown {
    const handled = handleSystem(this, message);
    const timer = this.#timer;
    if (timer === null) return handled;
    // A system message begins the time anew (GS-13).
    this.#stopTimer();
    this.#startTimer(timer.ms);
    return handled;
  }

  /** The usual results, in little enough code to be compiled into where they are returned to; `#judge` knows all. */
  #returned(returned: unknown, message: unknown, from: From | null): unknown {
    const isUsual = returned instanceof Result && returned.next === null && this.debug === null && this.self.isAlive;
    if (isUsual && returned.kind === "noreply") {
      this.state = returned.state;
      return undefined;
    }
    return this.#judge(returned, message, from);
  }

  #judge(returned: unknown, message: unknown, from: From | null): unknown {
    if (!(returned instanceof Result) && isPromise(returned)) {
      return Promise.resolve(returned).then(
        (value) => this.#returned(value, message, from),
        (thrown: unknown) => this.#threw(thrown, message, from),
      );
    }
    if (!this.self.isAlive) return undefined;
    if (returned instanceof Result) {
      switch (returned.kind) {
        case "reply":
          if (from === null) break;
          this.state = returned.state;
          try {
            replyTo(from, returned.reply);
          } catch (error) {
            // A reply that cannot be sent is the server's mistake.
            return this.stop(error, message);
          }
          this.debug?.record({ type: "out", message: returned.reply, to: from.pid, state: this.state });
          return returned.next === null ? undefined : this.goOn(returned.next);
        case "noreply":
          this.state = returned.state;
          this.debug?.record({ type: "noreply", state: this.state });
          return returned.next === null ? undefined : this.goOn(returned.next);
        case "stop":
          this.state = returned.state;
          return this.stop(returned.reason, message);
        case "stopReply":
          if (from === null) break;
          this.state = returned.state;
          return this.stop(returned.reason, message, () => {
            replyTo(from, returned.reply);
          });
      }
    }
    return this.stop({ badReturnValue: returned }, message);
  }

  #threw(thrown: unknown, message: unknown, from: From | null): unknown {
    if (!this.self.isAlive) return undefined;
    // A thrown value counts as returned (GS-12).
    if (thrown instanceof Error) return this.stop(reasonOf(thrown), message);
    return this.#returned(thrown, message, from);
  }

  /** Does what a result asks for besides. */
  goOn(next: Next): unknown {
    if ("continue" in next) return this.#handleContinue(next.continue);
    if (typeof next.timeout === "number") this.#startTimer(next.timeout);
    return undefined;
  }

  #startTimer(ms: number): void {
    const timer = new IdleTimer(this.self, ms);
    this.#timer = timer;
    timer.begin();
  }

  #stopTimer(): void {
    this.#timer?.end();
    this.#timer = null;
  }
}
