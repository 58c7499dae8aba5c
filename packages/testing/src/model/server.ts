/** Model-based commands for servers: a specification says what each call gives, and random calls and casts are held against it. */
import { isDeepStrictEqual } from "node:util";

import { show } from "@otp/core/internal";
import fc from "fast-check";

import type { SequentialModel } from "./linearizable.ts";

/**
 * What a server is meant to do.
 *
 * @see checkServer
 */
export interface ServerSpec<State, Request, Reply, Message = never> {
  /** The state at the beginning. */
  readonly initial: State;
  /** What a call gives, and the state after it. */
  readonly call: (state: State, request: Request) => readonly [reply: Reply, state: State];
  /** The state after a cast. */
  readonly cast?: (state: State, message: Message) => State;
  /** Requests to try. */
  readonly requests: fc.Arbitrary<Request>;
  /** Casts to try. */
  readonly messages?: fc.Arbitrary<Message>;
}

/**
 * A server to be held against a specification.
 *
 * @see checkServer
 */
export interface ServerUnderTest<Request, Reply, Message = never> {
  readonly call: (request: Request) => Promise<Reply>;
  readonly cast?: (message: Message) => void;
}

/**
 * What the specification knows while commands run.
 *
 * @see checkServer
 */
export interface ServerModel<State> {
  state: State;
}

type Command<State, Request, Reply, Message> = fc.AsyncCommand<
  ServerModel<State>,
  ServerUnderTest<Request, Reply, Message>
>;

class CallCommand<State, Request, Reply, Message> implements Command<State, Request, Reply, Message> {
  readonly #spec: ServerSpec<State, Request, Reply, Message>;
  readonly #request: Request;

  constructor(spec: ServerSpec<State, Request, Reply, Message>, request: Request) {
    this.#spec = spec;
    this.#request = request;
  }

  check(): boolean {
    return true;
  }

  async run(model: ServerModel<State>, real: ServerUnderTest<Request, Reply, Message>): Promise<void> {
    const [wanted, state] = this.#spec.call(model.state, this.#request);
    const reply = await real.call(this.#request);
    if (!isDeepStrictEqual(reply, wanted)) {
      throw new Error(
        `${this.toString()} gave ${show(reply)}, expected ${show(wanted)} in the state ${show(model.state)}`,
      );
    }
    model.state = state;
  }

  toString(): string {
    return `call(${show(this.#request)})`;
  }
}

class CastCommand<State, Request, Reply, Message> implements Command<State, Request, Reply, Message> {
  readonly #spec: ServerSpec<State, Request, Reply, Message>;
  readonly #message: Message;

  constructor(spec: ServerSpec<State, Request, Reply, Message>, message: Message) {
    this.#spec = spec;
    this.#message = message;
  }

  check(): boolean {
    return this.#spec.cast !== undefined;
  }

  async run(model: ServerModel<State>, real: ServerUnderTest<Request, Reply, Message>): Promise<void> {
    real.cast?.(this.#message);
    model.state = this.#spec.cast?.(model.state, this.#message) ?? model.state;
  }

  toString(): string {
    return `cast(${show(this.#message)})`;
  }
}

/**
 * Commands that call a server and cast to it, and compare each reply with what the specification says: for
 * `fc.asyncModelRun`, or `checkServer`.
 *
 * @see checkServer
 */
export function serverCommands<State, Request, Reply, Message = never>(
  spec: ServerSpec<State, Request, Reply, Message>,
  constraints: fc.CommandsContraints = {},
): fc.Arbitrary<Iterable<Command<State, Request, Reply, Message>>> {
  const { requests, messages } = spec;
  const all: fc.Arbitrary<Command<State, Request, Reply, Message>>[] = [
    requests.map((request) => new CallCommand(spec, request)),
  ];
  if (messages !== undefined) all.push(messages.map((message) => new CastCommand(spec, message)));
  return fc.commands(all, { size: "+1", ...constraints });
}

/**
 * Holds a server against its specification: `start` makes a new one for each run, which `stop` ends. Rejects with the shortest
 * commands that it answers in another way.
 *
 * @example
 * import { Node } from "@otp/core";
 * import { Agent } from "@otp/genserver";
 * import fc from "fast-check";
 *
 * await using node = await Node.start();
 * await checkServer(
 *   { initial: 0, call: (n: number, add: number) => [n + add, n + add] as const, requests: fc.nat(9) },
 *   async () => {
 *     const agent = await Agent.start(node, () => 0);
 *     return { call: (add) => Agent.getAndUpdate(node, agent, (n) => [n + add, n + add] as const) };
 *   },
 *   { numRuns: 20 },
 * );
 */
export async function checkServer<State, Request, Reply, Message = never>(
  spec: ServerSpec<State, Request, Reply, Message>,
  start: () => Promise<ServerUnderTest<Request, Reply, Message>>,
  parameters: fc.Parameters<[Iterable<Command<State, Request, Reply, Message>>]> = {},
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(serverCommands(spec), async (commands) => {
      await fc.asyncModelRun(async () => ({ model: { state: spec.initial }, real: await start() }), commands);
    }),
    parameters,
  );
}

/**
 * The specification as a model for `linearizable`, when several clients call at the same time.
 *
 * ```ts continues
 * const model = sequentialModel({
 *   initial: 0,
 *   call: (n: number, add: number) => [n + add, n + add] as const,
 *   requests: fc.nat(9),
 * });
 * model.step(1, 2, 3); // => 3
 * model.step(1, 2, 4); // => undefined
 * ```
 */
export function sequentialModel<State, Request, Reply>(
  spec: ServerSpec<State, Request, Reply>,
): SequentialModel<State, Request, Reply> {
  return {
    init: () => spec.initial,
    step(state, request, reply) {
      const [wanted, after] = spec.call(state, request);
      return reply === undefined || isDeepStrictEqual(reply, wanted) ? after : undefined;
    },
  };
}
