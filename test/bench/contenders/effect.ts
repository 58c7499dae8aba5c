/** effect: a fiber with a queue is an actor, a Deferred is the reply to a call. */
import { Deferred, Effect, Fiber, Queue } from "effect";

import { complete, type Outcome, perSecond, serve } from "./serve.ts";

type ToServer = { readonly type: "add" } | { readonly type: "ask"; readonly reply: Deferred.Deferred<number> };

interface Server {
  readonly queue: Queue.Queue<ToServer>;
  readonly fiber: Fiber.RuntimeFiber<never>;
}

const counter: Effect.Effect<Server> = Effect.gen(function* () {
  const queue = yield* Queue.unbounded<ToServer>();
  let count = 0;
  const handle = (message: ToServer): Effect.Effect<unknown> => {
    count += 1;
    return message.type === "ask" ? Deferred.succeed(message.reply, count) : Effect.void;
  };
  const fiber = yield* Effect.forkDaemon(Effect.forever(Effect.flatMap(Queue.take(queue), handle)));
  return { queue, fiber };
});

const ask = ({ queue }: Server): Effect.Effect<number> =>
  Effect.gen(function* () {
    const reply = yield* Deferred.make<number>();
    yield* Queue.offer(queue, { type: "ask", reply });
    return yield* Deferred.await(reply);
  });

const times = (size: number, work: Effect.Effect<unknown>): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (let i = 0; i < size; i += 1) yield* work;
  });

/** Asks a server as `calls` say, and verifies that it has counted all. */
const measure = (size: number, calls: (server: Server) => Effect.Effect<unknown>): Promise<Outcome> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const server = yield* counter;
      const started = performance.now();
      yield* calls(server);
      const counted = yield* ask(server);
      const outcome = perSecond(size, started);
      complete(counted, size + 1, "messages handled");
      yield* Fiber.interrupt(server.fiber);
      return outcome;
    }),
  );

const call = (size: number): Promise<Outcome> => measure(size, (server) => times(size, ask(server)));

const call100 = (size: number): Promise<Outcome> =>
  measure(size, (server) =>
    Effect.all(
      Array.from({ length: 100 }, () => times(size / 100, ask(server))),
      { concurrency: "unbounded", discard: true },
    ),
  );

const cast = (size: number): Promise<Outcome> =>
  measure(size, (server) => times(size, Queue.offer(server.queue, { type: "add" })));

const pingpong = (size: number): Promise<Outcome> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const pings = yield* Queue.unbounded<string>();
      const pongs = yield* Queue.unbounded<string>();
      const partner = times(
        size,
        Effect.flatMap(Queue.take(pings), () => Queue.offer(pongs, "pong")),
      );
      yield* Effect.fork(partner);
      const started = performance.now();
      yield* times(
        size,
        Effect.flatMap(Queue.offer(pings, "ping"), () => Queue.take(pongs)),
      );
      return perSecond(2 * size, started);
    }),
  );

const ring = (size: number): Promise<Outcome> =>
  Effect.runPromise(
    Effect.gen(function* () {
      const queues: Queue.Queue<number>[] = [];
      for (let i = 0; i < 1_000; i += 1) queues.push(yield* Queue.unbounded<number>());
      const done = yield* Deferred.make<void>();
      const fibers: Fiber.RuntimeFiber<never>[] = [];
      for (const [i, queue] of queues.entries()) {
        const next = queues[(i + 1) % queues.length] ?? queue;
        const hop = Effect.flatMap(Queue.take(queue), (left): Effect.Effect<boolean> =>
          left > 0 ? Queue.offer(next, left - 1) : Deferred.succeed(done, undefined),
        );
        fibers.push(yield* Effect.fork(Effect.forever(hop)));
      }
      const [first] = queues;
      const started = performance.now();
      if (first !== undefined) yield* Queue.offer(first, size);
      yield* Deferred.await(done);
      const outcome = perSecond(size, started);
      yield* Fiber.interruptAll(fibers);
      return outcome;
    }),
  );

const spawns = (size: number): Promise<Outcome> =>
  Effect.runPromise(
    Effect.gen(function* () {
      let ended = 0;
      const done = yield* Deferred.make<void>();
      const one = Effect.suspend((): Effect.Effect<unknown> => {
        ended += 1;
        return ended === size ? Deferred.succeed(done, undefined) : Effect.void;
      });
      const started = performance.now();
      for (let i = 0; i < size; i += 1) yield* Effect.forkDaemon(one);
      yield* Deferred.await(done);
      return perSecond(size, started);
    }),
  );

const tree = (number: number, size: number): Effect.Effect<number> =>
  size === 1
    ? Effect.succeed(number)
    : Effect.gen(function* () {
        const part = size / 10;
        const fibers: Fiber.RuntimeFiber<number>[] = [];
        for (let i = 0; i < 10; i += 1) {
          fibers.push(yield* Effect.fork(Effect.suspend(() => tree(number + i * part, part))));
        }
        let sum = 0;
        for (const fiber of fibers) sum += yield* Fiber.join(fiber);
        return sum;
      });

async function skynet(size: number): Promise<Outcome> {
  const started = performance.now();
  complete(await Effect.runPromise(tree(0, size)), (size * (size - 1)) / 2, "sum of the leaves");
  return perSecond(size, started);
}

await serve({ call, call100, cast, pingpong, ring, spawn: spawns, skynet });
