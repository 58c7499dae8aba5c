/** nact: actors as its manual writes them. */
import { dispatch, query, spawn, start, stop, type Ref } from "nact";

import { complete, type Outcome, perSecond, serve } from "./serve.ts";

const system = start();
let names = 0;

type ToServer = { readonly type: "add" } | { readonly type: "ask"; readonly from: Ref<number> };

function counter(): Ref<ToServer> {
  return spawn(
    system,
    (count: number, message: ToServer) => {
      if (message.type === "add") return count + 1;
      dispatch(message.from, count + 1);
      return count + 1;
    },
    named("counter"),
    { initialState: 0 },
  );
}

/** A name of its own for each actor: where none is given nact takes one by chance, and has been seen to take one twice. */
function named(kind: string): string {
  names += 1;
  return `${kind}-${String(names)}`;
}

const ask = (server: Ref<ToServer>): Promise<number> =>
  query(server, (from: Ref<number>) => ({ type: "ask", from }) as const, 60_000);

async function call(size: number): Promise<Outcome> {
  const server = counter();
  const started = performance.now();
  for (let i = 0; i < size; i += 1) await ask(server);
  const outcome = perSecond(size, started);
  complete(await ask(server), size + 1, "calls");
  stop(server);
  return outcome;
}

async function call100(size: number): Promise<Outcome> {
  const server = counter();
  const started = performance.now();
  const caller = async (): Promise<void> => {
    for (let i = 0; i < size / 100; i += 1) await ask(server);
  };
  await Promise.all(Array.from({ length: 100 }, caller));
  const outcome = perSecond(size, started);
  complete(await ask(server), size + 1, "calls");
  stop(server);
  return outcome;
}

async function cast(size: number): Promise<Outcome> {
  const server = counter();
  const started = performance.now();
  for (let i = 0; i < size; i += 1) dispatch(server, { type: "add" });
  const counted = await ask(server);
  const outcome = perSecond(size, started);
  complete(counted, size + 1, "casts");
  stop(server);
  return outcome;
}

function pingpong(size: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const pong = (_state: undefined, from: Ref<string>): void => dispatch(from, "pong");
    const partner: Ref<Ref<string>> = spawn(system, pong, named("partner"));
    let pongs = 0;
    const started = performance.now();
    const ping = (_state: undefined, _pong: string): void => {
      pongs += 1;
      if (pongs < size) dispatch(partner, self);
      else {
        resolve(perSecond(2 * size, started));
        stop(partner);
        stop(self);
      }
    };
    const self: Ref<string> = spawn(system, ping, named("self"));
    dispatch(partner, self);
  });
}

function ring(size: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const started = performance.now();
    const members: Ref<number>[] = [];
    const hop =
      (to: number) =>
      (_state: undefined, left: number): void => {
        const next = members[to];
        if (left > 0 && next !== undefined) dispatch(next, left - 1);
        else {
          resolve(perSecond(size, started));
          for (const member of members) stop(member);
        }
      };
    for (let i = 0; i < 1_000; i += 1) members.push(spawn(system, hop((i + 1) % 1_000), named("member")));
    const [first] = members;
    if (first !== undefined) dispatch(first, size);
  });
}

function spawns(size: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const started = performance.now();
    let ended = 0;
    for (let i = 0; i < size; i += 1) {
      const run = (): void => {
        ended += 1;
        stop(one);
        if (ended === size) resolve(perSecond(size, started));
      };
      const one: Ref<string> = spawn(system, run, named("one"));
      dispatch(one, "run");
    }
  });
}

await serve({ call, call100, cast, pingpong, ring, spawn: spawns });
