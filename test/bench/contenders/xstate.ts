/** xstate: actors with transition logic. They deliver synchronously and keep no queue between two actors. */
import { createActor, fromTransition } from "xstate";

import { complete, type Outcome, perSecond, serve } from "./serve.ts";

const logic = fromTransition(
  (count: number, event: { readonly type: string }) => (event.type === "add" ? count + 1 : count),
  0,
);

async function call(size: number): Promise<Outcome> {
  const actor = createActor(logic).start();
  let replies = 0;
  const started = performance.now();
  for (let i = 0; i < size; i += 1) {
    actor.send({ type: "add" });
    replies = actor.getSnapshot().context;
  }
  const outcome = perSecond(size, started);
  complete(replies, size, "calls");
  actor.stop();
  return outcome;
}

async function cast(size: number): Promise<Outcome> {
  const actor = createActor(logic).start();
  const started = performance.now();
  for (let i = 0; i < size; i += 1) actor.send({ type: "add" });
  const outcome = perSecond(size, started);
  complete(actor.getSnapshot().context, size, "casts");
  actor.stop();
  return outcome;
}

async function spawns(size: number): Promise<Outcome> {
  let ended = 0;
  const started = performance.now();
  for (let i = 0; i < size; i += 1) {
    const actor = createActor(logic).start();
    actor.send({ type: "add" });
    actor.stop();
    if (actor.getSnapshot().context === 1) ended += 1;
  }
  complete(ended, size, "actors run");
  return perSecond(size, started);
}

await serve({ call, call100: call, cast, spawn: spawns });
