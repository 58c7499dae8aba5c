/**
 * What the callbacks of a GenServer return (GS-2, GS-12).
 *
 * Results are made by functions only, so that an illegal one cannot be written down, and a result that is thrown can be
 * told from any other thrown value.
 */
import { ArgumentError, type Duration } from "@otp/core";
import { show } from "@otp/core/internal";

import { checkDuration } from "../gen/duration.ts";

/** What a server does next, besides waiting for a message; at most one of the three. */
export interface Next {
  /** Milliseconds without any message after which `handleInfo` gets `{ type: "timeout" }`; 0 when none waits (GS-13). */
  readonly timeout?: Duration;
  /** Accepted for familiarity; the server waits as it always does (GS-20). */
  readonly hibernate?: boolean;
  /** Given to `handleContinue` at once, before any message (GS-10). */
  readonly continue?: unknown;
}

/** The names of the results. */
export type ResultKind = "ok" | "reply" | "noreply" | "stop" | "stopReply";

/** A result of a callback. */
export class Result<out Kind extends ResultKind, out State = unknown, out Reply = unknown> {
  readonly kind: Kind;
  readonly state: State;
  /** The reply, where the kind has one. */
  readonly reply: Reply;
  /** The exit reason, where the kind has one. */
  readonly reason: unknown;
  readonly next: Next | null;

  constructor(kind: Kind, state: State, reply: Reply, rest: { readonly reason: unknown; readonly next: Next | null }) {
    this.kind = kind;
    this.state = state;
    this.reply = reply;
    this.reason = rest.reason;
    this.next = rest.next;
  }
}

/** `init` has made a state. */
export type Ok<State> = Result<"ok", State, undefined>;
/** A call is answered. */
export type Reply<State, Value> = Result<"reply", State, Value>;
/** The server goes on without answering. */
export type Noreply<State> = Result<"noreply", State, undefined>;
/** The server ends. */
export type Stop<State> = Result<"stop", State, undefined>;
/** The server answers the call and ends. */
export type StopReply<State, Value> = Result<"stopReply", State, Value>;

/** `init` wants no server; the function itself and what it returns are the same. */
export interface Ignore {
  (): Ignore;
  readonly "~result": "ignore";
}

/** What `init` may return. */
export type InitResult<State> = Ok<State> | Ignore | Stop<State>;
/** What `handleCast`, `handleInfo` and `handleContinue` may return. */
export type CastResult<State> = Noreply<State> | Stop<State>;
/** What `handleCall` may return. */
export type CallResult<State, Value> = Reply<State, Value> | Noreply<State> | Stop<State> | StopReply<State, Value>;

const goOn = { reason: undefined, next: null } as const;

/** From `init`: the server runs with `state`. */
export function ok<State>(state: State, next?: Next): Ok<State> {
  return new Result("ok", state, undefined, next === undefined ? goOn : { reason: undefined, next: checkNext(next) });
}

/** From `handleCall`: the caller gets `value`, the server goes on with `state`. */
export function reply<Value, State>(value: Value, state: State, next?: Next): Reply<State, Value> {
  return new Result("reply", state, value, next === undefined ? goOn : { reason: undefined, next: checkNext(next) });
}

/** The server goes on with `state`; a caller, if there is one, gets its answer by `replyTo`, or never. */
export function noreply<State>(state: State, next?: Next): Noreply<State> {
  return new Result(
    "noreply",
    state,
    undefined,
    next === undefined ? goOn : { reason: undefined, next: checkNext(next) },
  );
}

/**
 * The server ends with `reason`, after `terminate` and, in `handleCall`, after the caller has got the reply, if one is
 * given. In `init`: the start fails with `reason`.
 */
export function stopWith(reason: unknown): Stop<never>;
/** The same from a callback with a state. */
export function stopWith<State>(reason: unknown, state: State): Stop<State>;
/** The same, with a reply to the call. */
export function stopWith<State, Value>(reason: unknown, state: State, reply: Value): StopReply<State, Value>;
/** All three. */
export function stopWith(
  ...given: readonly [reason: unknown, state?: unknown, reply?: unknown]
): Stop<unknown> | StopReply<unknown, unknown> {
  const [reason, state, reply] = given;
  if (given.length < 3) return new Result("stop", state, undefined, { reason, next: null });
  return new Result("stopReply", state, reply, { reason, next: null });
}

function makeIgnore(): Ignore {
  const self: Ignore = Object.assign((): Ignore => self, { "~result": "ignore" } as const);
  return Object.freeze(self);
}

/** From `init`: no server is wanted; the start fails with `"ignore"` and the process ends `normal` (GS-3). */
export const ignore: Ignore = makeIgnore();

function checkNext(next: Next): Next {
  if (typeof next !== "object" || next === null) {
    throw new ArgumentError(`expected { timeout }, { hibernate } or { continue } in a result. Got: ${show(next)}`);
  }
  const wishes = Object.keys(next);
  if (wishes.length > 1 || wishes.some((wish) => wish !== "timeout" && wish !== "hibernate" && wish !== "continue")) {
    throw new ArgumentError(`expected one of { timeout }, { hibernate } and { continue }. Got: ${show(next)}`);
  }
  if (next.timeout !== undefined) checkDuration(next.timeout, "a timeout in a result");
  return next;
}
