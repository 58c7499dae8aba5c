/** Properties 61 to 68 and 80 to 81: whatever happens to datagrams, pairs stay in order and losses are told. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Counter, faultsOf } from "./history.ts";
import type { SimulatedNode } from "./node.ts";
import { World } from "./world.ts";

const names = ["a@x", "b@x", "c@x"] as const;
const who = fc.constantFrom(...names);
const two = fc.uniqueArray(who, { minLength: 2, maxLength: 2 });

type Step =
  | { readonly do: "send"; readonly pair: string[]; readonly from: number; readonly to: number; readonly bytes: number }
  | { readonly do: "burst"; readonly pair: string[]; readonly from: number; readonly count: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "cut" | "heal"; readonly pair: string[] }
  | { readonly do: "medium" | "pause" | "restart"; readonly name: string; readonly ms: number }
  | { readonly do: "weather"; readonly loss: number; readonly duplication: number; readonly jitter: number }
  | { readonly do: "disconnect"; readonly pair: string[] }
  | { readonly do: "replay"; readonly seed: number; readonly count: number }
  | { readonly do: "tamper"; readonly seed: number; readonly count: number };

const bytes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1_000, max: 30_000 }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      pair: two,
      from: fc.integer({ min: 1, max: 3 }),
      to: fc.integer({ min: 1, max: 2 }),
      bytes,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("burst" as const),
      pair: two,
      from: fc.integer({ min: 1, max: 3 }),
      count: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 1_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("cut" as const, "heal" as const), pair: two }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("medium" as const, "pause" as const, "restart" as const),
      name: who,
      ms: fc.integer({ min: 1, max: 5_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("weather" as const),
      loss: fc.constantFrom(0, 0.05, 0.3),
      duplication: fc.constantFrom(0, 0.2),
      jitter: fc.constantFrom(0, 5, 100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("disconnect" as const), pair: two }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("replay" as const, "tamper" as const),
      seed: fc.nat(),
      count: fc.integer({ min: 1, max: 20 }),
    }),
  },
);

/** Carries out a script on three nodes and lets everything come to rest in good weather. */
async function play(seed: number, script: readonly Step[]): Promise<{ world: World; everybody: SimulatedNode[] }> {
  const world = new World(seed);
  const everybody: SimulatedNode[] = [];
  const now = new Map<string, Counter>();
  const start = async (name: string): Promise<void> => {
    const node = await world.start(name);
    everybody.push(node);
    now.set(name, new Counter(node));
  };
  const get = (name: string | undefined): Counter => {
    const counter = now.get(name ?? "");
    if (counter === undefined) throw new Error(`no node ${name}`);
    return counter;
  };
  for (const name of names) await start(name);
  for (const each of script) await perform(world, each, { get, start });
  Object.assign(world.weather, { loss: 0, duplication: 0, jitter: 0 });
  world.cut.clear();
  world.run(12_000);
  for (const [a, b] of [
    ["a@x", "b@x"],
    ["b@x", "c@x"],
    ["c@x", "a@x"],
  ]) {
    get(a).send(get(b).node, { from: 9, to: 9, bytes: 1 });
  }
  world.run(5_000);
  return { world, everybody };
}

interface Cast {
  readonly get: (name: string | undefined) => Counter;
  readonly start: (name: string) => Promise<void>;
}

async function perform(world: World, step: Step, { get, start }: Cast): Promise<void> {
  switch (step.do) {
    case "send":
      return get(step.pair[0]).send(get(step.pair[1]).node, step);
    case "burst":
      for (let i = 0; i < step.count; i += 1)
        get(step.pair[0]).send(get(step.pair[1]).node, { ...step, to: 1, bytes: 40 });
      return;
    case "wait":
      return world.run(step.ms);
    case "cut":
      world.cut.add(step.pair.join(">"));
      return;
    case "heal":
      world.cut.delete(step.pair.join(">"));
      return;
    case "disconnect":
      get(step.pair[0]).node.distribution.disconnect(step.pair[1] ?? "", { kind: "disconnect", detail: "on purpose" });
      return;
    case "weather":
      Object.assign(world.weather, step);
      return;
    case "medium": {
      const { node } = get(step.name);
      node.setMedium(false);
      world.run(step.ms);
      return node.setMedium(true);
    }
    case "pause": {
      const { node } = get(step.name);
      node.pause();
      world.run(step.ms);
      return node.resume();
    }
    case "restart":
      get(step.name).node.crash();
      world.run(step.ms / 4);
      return start(step.name);
    case "replay":
    case "tamper":
      return attack(world, step);
  }
}

function attack(
  world: World,
  { do: how, seed, count }: { do: "replay" | "tamper"; seed: number; count: number },
): void {
  const chance = new World(seed);
  for (let i = 0; i < count && world.recorded.length > 0; i += 1) {
    const old = world.recorded[chance.pick(world.recorded.length)];
    if (old === undefined) continue;
    const copy = Uint8Array.from(old.bytes);
    if (how === "tamper") {
      const at = chance.pick(copy.length);
      copy[at] = (copy[at] ?? 0) ^ (1 + chance.pick(255));
    }
    const cut = how === "tamper" && chance.chance(0.2) ? copy.subarray(0, chance.pick(copy.length)) : copy;
    world.inject({ ...old, bytes: cut }, chance.pick(50));
  }
}

/** More for a nightly run. */
const numRuns = Number(process.env["DIST_RUNS"] ?? 60);
const timeoutMs = 60_000 + 1_000 * numRuns;

describe("D1 under any mixture of loss, doubling, delay, cuts, pauses, restarts, playback and forgery", () => {
  it(
    "pairs stay in order, nothing comes twice, what is lost is a suffix, and every loss is told once",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.array(step, { minLength: 5, maxLength: 50, size: "max" }),
          async (seed, script) => {
            const { everybody } = await play(seed, script);
            expect(everybody.flatMap((node) => faultsOf(node).map((fault) => `${node.name}: ${fault}`))).toEqual([]);
          },
        ),
        { numRuns },
      );
    },
    timeoutMs,
  );

  it(
    "afterwards each two nodes can talk again, and agree about the connection (63, 67)",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.array(step, { minLength: 5, maxLength: 50, size: "max" }),
          async (seed, script) => {
            const { world } = await play(seed, script);
            const alive = [...world.members.values()];
            for (const node of alive) {
              const others = alive.filter((other) => other !== node);
              for (const other of others) {
                const channel = node.distribution.channelTo(other.name);
                expect(channel?.peer.creation, `${node.name} to ${other.name}`).toBe(other.creation);
              }
              const last = node.messages.filter((message) => JSON.stringify(message).includes('"from":9'));
              expect(last, node.name).toHaveLength(1);
            }
          },
        ),
        { numRuns },
      );
    },
    timeoutMs,
  );
});
