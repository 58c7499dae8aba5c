/** The gen-server that is an agent: runs functions on its state, one at a time (AGENT-1). */
import { isPromise } from "../gen/settle.ts";
import type { From } from "../gen/from.ts";
import { GenServer } from "../gen-server/gen-server.ts";
import type { Call, ServerPid } from "../gen-server/protocol.ts";
import {
  type CallResult,
  type CastResult,
  type InitResult,
  noreply,
  type Ok,
  ok,
  reply,
  stopWith,
} from "../gen-server/result.ts";

/** A function that agents run; its types are checked where it is given. */
export type AgentFunction = (...args: never) => unknown;

/** What an agent is asked: to run a function, and what to make of what that gives. */
export type AgentRequest<Type extends "get" | "update" | "get_and_update" | "cast"> = Call<
  Type,
  unknown,
  { readonly fn: AgentFunction }
>;

/** The protocol of agents. */
export interface AgentProtocol<State> {
  readonly call: AgentRequest<"get"> | AgentRequest<"update"> | AgentRequest<"get_and_update">;
  readonly cast: AgentRequest<"cast">;
  /** Only for the type: what the agent keeps. */
  readonly "~state"?: (state: State) => State;
}

/** The pid of an agent that keeps a `State`. */
export type AgentPid<State> = ServerPid<AgentProtocol<State>>;

type Requests = AgentProtocol<unknown>["call"];

/** The process of an agent. */
export class AgentServer extends GenServer<unknown, AgentProtocol<unknown>, AgentFunction> {
  override init(fn: AgentFunction): InitResult<unknown> | Promise<InitResult<unknown>> {
    return onceDone(run(fn, this.self), (state) => ok(state));
  }

  override handleCall(
    { type, fn }: Requests,
    _from: From,
    state: unknown,
  ): CallResult<unknown, unknown> | Promise<CallResult<unknown, unknown>> {
    return onceDone(run(fn, state, this.self), (result): CallResult<unknown, unknown> => {
      switch (type) {
        case "get":
          return reply(result, state);
        case "update":
          return reply("ok", result);
        case "get_and_update":
          return isPair(result) ? reply(result[0], result[1]) : stopWith({ badReturnValue: result }, state);
      }
    });
  }

  override handleCast(
    { fn }: AgentProtocol<unknown>["cast"],
    state: unknown,
  ): CastResult<unknown> | Promise<CastResult<unknown>> {
    return onceDone(run(fn, state, this.self), (result) => noreply(result));
  }

  /** `extra` is a function of the state, or one with further arguments for it (AGENT-3). */
  override codeChange(_oldVersion: unknown, state: unknown, extra: unknown): Ok<unknown> | Promise<Ok<unknown>> {
    const [fn, ...args] = isList(extra) ? extra : [extra];
    return onceDone(run(fn, state, ...args), (result) => ok(result));
  }
}

/** Calls what may have come from another node; what is no function fails as a call of it. */
function run(fn: unknown, ...args: readonly unknown[]): unknown {
  if (typeof fn !== "function") throw new TypeError("expected a function for an agent to run");
  return Reflect.apply(fn, undefined, args);
}

/** Goes on at once where there is nothing to wait for (JS-10). */
function onceDone<Result>(value: unknown, conclude: (value: unknown) => Result): Result | Promise<Result> {
  return isPromise(value) ? Promise.resolve(value).then(conclude) : conclude(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}
