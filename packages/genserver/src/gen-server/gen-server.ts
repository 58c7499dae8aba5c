/**
 * GenServer: a process that keeps a state and answers requests, one at a time (JS-10, GS-10).
 *
 * A server is a class with callbacks; `start` makes an instance in a process of its own. A callback may be asynchronous:
 * the next message is handled when its promise has settled. One that returns at once costs a function call.
 *
 * @example
 * import { call, cast, GenServer, noreply, ok, reply, start, stop, type Call, type From } from "@otp/genserver";
 *
 * interface CounterProtocol {
 *   call: Call<"get", number> | Call<"add", number, { by: number }>;
 *   cast: { type: "reset" };
 * }
 *
 * class Counter extends GenServer<number, CounterProtocol, { start: number }> {
 *   override init({ start }: { start: number }) {
 *     return ok(start);
 *   }
 *   override handleCall(request: CounterProtocol["call"], _from: From, state: number) {
 *     switch (request.type) {
 *       case "get":
 *         return reply(state, state);
 *       case "add":
 *         return reply(state + request.by, state + request.by);
 *     }
 *   }
 *   override handleCast(_message: CounterProtocol["cast"], _state: number) {
 *     return noreply(0);
 *   }
 * }
 *
 * const counter = await start(node, Counter, { start: 1 });
 * await call(node, counter, { type: "add", by: 3 }); // => 4
 * cast(node, counter, { type: "reset" });
 * await call(node, counter, { type: "get" }); // => 0
 * await stop(node, counter);
 */
import { type Process, UndefError } from "@otp/core";
import { ProcessControl } from "@otp/core/internal";

import { showTerm } from "../gen/report.ts";
import type { ShownStatus, Status } from "../sys/status.ts";
import { type ChildArgs, type ChildClass, type ChildOptions, type ChildSpec, childSpecOf } from "./child-spec.ts";
import type { From } from "../gen/from.ts";
import type { AnyProtocol, CallOf, CastOf, InfoOf, Protocol, ReplyTo } from "./protocol.ts";
import { type CallResult, type CastResult, type InitResult, noreply, type Ok } from "./result.ts";

/** What a callback may give: a result, or the promise of one. */
export type Awaitable<Value> = Value | PromiseLike<Value>;

/**
 * The base class of servers: `State` is what the server keeps, `P` what it can be asked, `Arg` what `init` takes.
 *
 * A callback that throws a result returns it; throwing an `Error`, exiting, or returning anything else ends the server,
 * after `terminate` (GS-12, GS-17).
 */
export abstract class GenServer<State, P extends Protocol = AnyProtocol, Arg = undefined> {
  /** Only for the type: what can be asked of this server. */
  declare readonly "~protocol"?: (protocol: P) => void;
  /** Only for the type: what `init` takes. */
  declare readonly "~arg"?: (arg: Arg) => void;

  /** What `childSpec` is to say about servers of this class (GS-21). */
  static readonly childOptions: ChildOptions = {};

  /** The process that this server is. */
  readonly self: Process;

  /** Called in the server's own process; subclasses need no constructor of their own. */
  constructor(self: Process) {
    this.self = self;
  }

  /**
   * How a supervisor starts a server of this class: by the class's own static `startLink(self, arg)` if it has one, else
   * linked with `arg` for `init` (GS-21).
   */
  static childSpec<Class extends ChildClass>(this: Class, ...args: ChildArgs<Class>): ChildSpec {
    return childSpecOf(this, args[0]);
  }

  /** Makes the state: `ok(state)`, `ignore` or `stopWith(reason)`; the start function returns when this has (GS-1, GS-2). */
  abstract init(arg: Arg): Awaitable<InitResult<State>>;

  /** Handles a request: `reply`, `noreply` to answer later by `replyTo`, or `stopWith`. */
  handleCall(
    _request: CallOf<P>,
    _from: From<ReplyTo<CallOf<P>>>,
    _state: State,
  ): Awaitable<CallResult<State, ReplyTo<CallOf<P>>>> {
    throw new Error(`attempted to call GenServer ${nameOf(this.self)} but no handleCall was provided`);
  }

  /** Handles a cast: `noreply` or `stopWith`. */
  handleCast(_message: CastOf<P>, _state: State): Awaitable<CastResult<State>> {
    throw new Error(`attempted to cast GenServer ${nameOf(this.self)} but no handleCast was provided`);
  }

  /**
   * Handles every other message: what is sent to the server's pid, `EXIT` of others than its parent when it traps exits,
   * `DOWN`, timers, and `{ type: "timeout" }` (GS-13). By default the message is logged and dropped (GS-18).
   */
  handleInfo(message: InfoOf<P>, state: State): Awaitable<CastResult<State>> {
    this.self.log.error(
      { event: "unexpected_message", name: nameOf(this.self), message: showTerm(message) },
      `${this.constructor.name} ${nameOf(this.self)} received unexpected message in handleInfo: ${showTerm(message)}`,
    );
    return noreply(state);
  }

  /** Goes on where a result said `{ continue: value }`, before any message (GS-10). */
  handleContinue(_value: unknown, _state: State): Awaitable<CastResult<State>> {
    throw new UndefError(
      `GenServer ${nameOf(this.self)} was told to continue but ${this.constructor.name} has no handleContinue`,
    );
  }

  /**
   * Cleans up before the server ends by itself, by `stop`, or by its parent's exit while it traps exits; not when another
   * exit signal ends it (GS-14). If it fails, that is the reason the server ends with (GS-16).
   */
  terminate?(reason: unknown, state: State): unknown;

  /** Shapes what status replies and reports show of the server (SYS-4). */
  formatStatus?(status: Status<State>): ShownStatus;

  /** Adapts the state to changed code, when `sys.changeCode` says so (SYS-7). */
  codeChange?(oldVersion: unknown, state: State, extra: unknown): Awaitable<Ok<State>>;
}

/** The local name of a process, or its pid. */
function nameOf(self: Process): string {
  const name = self instanceof ProcessControl ? self.parts?.name : undefined;
  return name ?? String(self.pid);
}
