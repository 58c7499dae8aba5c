/**
 * Agent: a state that several processes share, kept by a process of its own; whoever wants something of it sends a function.
 *
 * Functions run in the agent, one at a time; they may be asynchronous, and a failing one ends the agent. Work that takes long
 * belongs to the caller: get what it needs, and update with the outcome. What a function gets is the agent's own state, which
 * it must not change: it gives a new one. The agent's process comes second, for functions that need it.
 *
 * @example
 * import { Agent } from "@otp/genserver";
 *
 * const counter = await Agent.start(node, () => 0);
 * await Agent.update(node, counter, (n) => n + 1); // => "ok"
 * await Agent.getAndUpdate(node, counter, (n) => [n, n * 10]); // => 1
 * await Agent.get(node, counter, (n) => n); // => 10
 * await Agent.stop(node, counter);
 */
import { ArgumentError, type Process } from "@otp/core";
import { show } from "@otp/core/internal";

import { callServer } from "../gen/call.ts";
import { type Context, type ProcessContext } from "../gen/context.ts";
import { type Timeout, timeoutOf } from "../gen/duration.ts";
import type { ServerTarget } from "../gen/server-name.ts";
import type { ChildSpec } from "../gen-server/child-spec.ts";
import { castAs, stop } from "../gen-server/client.ts";
import type { Awaitable } from "../gen-server/gen-server.ts";
import type { UntypedTarget } from "../gen-server/protocol.ts";
import { type ServerOptions, startServer } from "../gen-server/start.ts";
import { type AgentFunction, type AgentPid, AgentServer } from "./agent-server.ts";

/** What a child that is an agent is made from: a function that gives its first state, alone or with options. */
export type AgentChild<State> =
  | (() => Awaitable<State>)
  | (ServerOptions & { readonly init: (self: Process) => Awaitable<State> });

/** An agent as a supervisor takes it. */
export interface AgentChildSpec<State> extends Omit<ChildSpec, "start"> {
  readonly start: (supervisor: Process) => Promise<AgentPid<State>>;
}

/** Starting, asking and stopping agents. The first argument is the calling process, or a node. */
export class Agent {
  /**
   * Starts an agent whose first state `init` gives, in the agent's process. Rejects with a `StartError`, as every start does:
   * `{ type: "already_started", pid }`, `"timeout"`, or why `init` failed (AGENT-2).
   */
  static start<State>(
    context: Context,
    init: (self: Process) => Awaitable<State>,
    options?: ServerOptions,
  ): Promise<AgentPid<State>> {
    return begin(context, init, { tie: "none", options });
  }

  /** Like `start`, with a link between the calling process and the agent. */
  static startLink<State>(
    self: ProcessContext,
    init: (self: Process) => Awaitable<State>,
    options?: ServerOptions,
  ): Promise<AgentPid<State>> {
    return begin(self, init, { tie: "link", options });
  }

  /** How a supervisor starts an agent: `[Agent, () => state]`, or `[Agent, { init: () => state, name: "…" }]`. */
  static childSpec<State>(child: AgentChild<State>): AgentChildSpec<State> {
    const { init, ...options } = typeof child === "function" ? { init: child } : child;
    checkFunction(init);
    return { id: "Agent", start: (supervisor) => begin(supervisor, init, { tie: "link", options }) };
  }

  /**
   * Runs `fn` on the state and resolves to what it gives.
   *
   * Rejects with a `CallError` as `call` does: with the reason of the agent's end when `fn` fails, for that ends it (AGENT-2).
   * For an agent on another node `fn` has to be made by `remote`.
   */
  static get<State, Value>(
    context: Context,
    agent: AgentPid<State>,
    fn: (state: State, self: Process) => Value,
    timeout?: Timeout,
  ): Promise<Awaited<Value>>;
  /** The same by a name, where `fn` says what the state is. */
  static get<Value>(
    context: Context,
    agent: UntypedTarget,
    fn: (state: never, self: Process) => Value,
    timeout?: Timeout,
  ): Promise<Awaited<Value>>;
  static get(context: Context, agent: ServerTarget, fn: AgentFunction, timeout?: Timeout): Promise<unknown> {
    return ask(context, agent, { type: "get", fn, timeout });
  }

  /** Makes what `fn` gives the state; `"ok"` when that is done. Fails as `get` does. */
  static update<State>(
    context: Context,
    agent: AgentPid<State>,
    fn: (state: State, self: Process) => Awaitable<State>,
    timeout?: Timeout,
  ): Promise<"ok">;
  /** The same by a name. */
  static update<State>(
    context: Context,
    agent: UntypedTarget,
    fn: (state: State, self: Process) => Awaitable<State>,
    timeout?: Timeout,
  ): Promise<"ok">;
  static update(context: Context, agent: ServerTarget, fn: AgentFunction, timeout?: Timeout): Promise<"ok"> {
    return ask(context, agent, { type: "update", fn, timeout }) as Promise<"ok">;
  }

  /** `fn` gives `[value, state]`: what to resolve to, and the new state. Anything else ends the agent (AGENT-1). */
  static getAndUpdate<State, Value>(
    context: Context,
    agent: AgentPid<State>,
    fn: (state: State, self: Process) => Awaitable<readonly [Value, State]>,
    timeout?: Timeout,
  ): Promise<Value>;
  /** The same by a name. */
  static getAndUpdate<State, Value>(
    context: Context,
    agent: UntypedTarget,
    fn: (state: State, self: Process) => Awaitable<readonly [Value, State]>,
    timeout?: Timeout,
  ): Promise<Value>;
  static getAndUpdate(context: Context, agent: ServerTarget, fn: AgentFunction, timeout?: Timeout): Promise<unknown> {
    return ask(context, agent, { type: "get_and_update", fn, timeout });
  }

  /** Like `update`, without waiting; `"ok"` at once, whether or not there is an agent. */
  static cast<State>(
    context: Context,
    agent: AgentPid<State>,
    fn: (state: State, self: Process) => Awaitable<State>,
  ): "ok";
  /** The same by a name. */
  static cast<State>(
    context: Context,
    agent: UntypedTarget,
    fn: (state: State, self: Process) => Awaitable<State>,
  ): "ok";
  static cast(context: Context, agent: ServerTarget, fn: AgentFunction): "ok" {
    checkFunction(fn);
    return castAs(context, agent, () => ({ type: "cast", fn }));
  }

  /** Ends an agent and resolves to `"ok"` once it has ended; rejects as `stop` does. */
  static stop(context: Context, agent: ServerTarget, reason?: unknown, timeout?: Timeout): Promise<"ok"> {
    return stop(context, agent, reason, timeout);
  }
}

function begin<State>(
  context: Context,
  init: (self: Process) => Awaitable<State>,
  { tie, options }: { readonly tie: "none" | "link"; readonly options: ServerOptions | undefined },
): Promise<AgentPid<State>> {
  checkFunction(init);
  const rest: readonly [arg: unknown, options?: ServerOptions] = options === undefined ? [init] : [init, options];
  return startServer(context, AgentServer, { tie, rest });
}

/** The function is code, which is not copied (JS-6); what travels to other nodes is its name. */
function ask(
  context: Context,
  target: ServerTarget,
  { type, fn, timeout }: { readonly type: string; readonly fn: AgentFunction; readonly timeout: Timeout | undefined },
): Promise<unknown> {
  checkFunction(fn);
  const limit = timeoutOf(timeout, 5_000);
  return callServer(context, {
    operation: "call",
    target,
    request: Object.freeze({ type, fn }),
    isIsolated: true,
    timeout: limit,
  });
}

function checkFunction(fn: unknown): void {
  if (typeof fn !== "function") throw new ArgumentError(`expected a function for an agent to run. Got: ${show(fn)}`);
}
