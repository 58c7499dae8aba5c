/** Looks for a schedule under which a crowd comes to what Erlang has shown. */
import { observe, Schedule, type Simulation } from "@otp/testing";

import { type Chooser, CrowdStage, type Next } from "./crowd-stage.ts";
import type { Crowd } from "./crowd-steps.ts";

/** What Erlang has shown once: what each process saw, and whose steps came in which order. */
export interface Shown {
  readonly outcome: string;
  readonly order: readonly number[];
}

/** Outcomes by what is known of them. */
export interface Found {
  readonly reached: readonly string[];
  /** No schedule leads there: every choice was tried in every way. */
  readonly unreachable: readonly string[];
  /** The search has ended before. */
  readonly unknown: readonly string[];
}

/** How many runs a search may take. */
export interface Budget {
  readonly drawn: number;
  readonly all: number;
}

/** Looks for all of them: along Erlang's own order first, then at random, then everywhere. */
export async function search(crowd: Crowd, shown: readonly Shown[], { drawn, all }: Budget): Promise<Found> {
  const missing = new Set(shown.map(({ outcome }) => outcome));
  const reached: string[] = [];
  const note = (outcome: string | undefined): void => {
    if (outcome !== undefined && missing.delete(outcome)) reached.push(outcome);
  };
  const run = async (schedule: Schedule, chooserOf: (sim: Simulation) => Chooser): Promise<void> => {
    const { error } = await observe(schedule, async (sim) => note(await CrowdStage.play(sim, crowd, chooserOf(sim))));
    if (error !== undefined) throw error;
  };
  for (const { outcome, order } of shown) {
    for (const isLate of [true, false])
      if (missing.has(outcome)) await run(Schedule.fixed(1), () => along(order, isLate));
  }
  for (let seed = 1; seed <= drawn && missing.size > 0; seed += 1)
    await run(Schedule.drawn(seed), (sim) => (next) => sim.pick("next", next.length));
  // Everywhere: each moment that can be come to is gone on from in every way, once.
  const seen = new Set<string>();
  const open: (readonly number[])[] = [[]];
  let runs = 0;
  for (let path = open.pop(); path !== undefined && missing.size > 0 && runs < all; path = open.pop()) {
    const start = path;
    runs += 1;
    await run(Schedule.fixed(1), () => onwards(start, { seen, open }));
    if (open.length === 0) break;
  }
  const left = [...missing];
  const isComplete = open.length === 0;
  return { reached, unreachable: isComplete ? left : [], unknown: isComplete ? [] : left };
}

/** Goes along a path, then on by the first choice each time; notes the others, and ends where one has been before. */
function onwards(
  path: readonly number[],
  { seen, open }: { readonly seen: Set<string>; readonly open: (readonly number[])[] },
): Chooser {
  const gone: number[] = [];
  return (all, moment) => {
    const known = path[gone.length];
    if (known === undefined) {
      const words = moment();
      if (seen.has(words)) return undefined;
      seen.add(words);
      for (let other = 1; other < all.length; other += 1) open.push([...gone, other]);
    }
    gone.push(known ?? 0);
    return known ?? 0;
  };
}

/** Follows an order of steps; a queue has its turn just before its receiver runs, or at once. */
function along(order: readonly number[], isLate: boolean): Chooser {
  let at = 0;
  const placeOf = (all: readonly Next[], kind: Next["kind"], who?: number): number | undefined => {
    const place = all.findIndex((next) => next.kind === kind && (who === undefined || next.who === who));
    return place < 0 ? undefined : place;
  };
  return (all) => {
    const who = order[at];
    if (who === undefined) return placeOf(all, "queue") ?? placeOf(all, "timer") ?? placeOf(all, "step") ?? 0;
    const queue = placeOf(all, "queue", isLate ? who : undefined);
    if (queue !== undefined) return queue;
    at += 1;
    return placeOf(all, "step", who) ?? placeOf(all, "timer", who) ?? 0;
  };
}
