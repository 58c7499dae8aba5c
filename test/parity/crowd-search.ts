/** Looks for a schedule under which a crowd comes to what Erlang has shown. */
import { exhaustive, observe, Schedule, type Simulation } from "@otp/testing";

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

/** Thrown to end a search that has found everything. */
class Enough extends Error {}

/** Looks for all of them: along Erlang's own order first, then at random, then everywhere. */
export async function search(crowd: Crowd, shown: readonly Shown[], { drawn, all }: Budget): Promise<Found> {
  const missing = new Set(shown.map(({ outcome }) => outcome));
  const reached: string[] = [];
  const note = (outcome: string): void => {
    if (missing.delete(outcome)) reached.push(outcome);
  };
  const run = async (schedule: Schedule, chooserOf: (sim: Simulation) => Chooser): Promise<void> => {
    const { error } = await observe(schedule, async (sim) => note(await CrowdStage.play(sim, crowd, chooserOf(sim))));
    if (error !== undefined) throw error;
  };
  for (const { outcome, order } of shown) {
    for (const isLate of [true, false])
      if (missing.has(outcome)) await run(Schedule.fixed(1), () => along(order, isLate));
  }
  const picking =
    (sim: Simulation): Chooser =>
    (next) =>
      sim.pick("next", next.length);
  for (let seed = 1; seed <= drawn && missing.size > 0; seed += 1) await run(Schedule.drawn(seed), picking);
  if (missing.size === 0) return { reached, unreachable: [], unknown: [] };
  let isComplete = false;
  try {
    const everywhere = async (sim: Simulation): Promise<void> => {
      note(await CrowdStage.play(sim, crowd, picking(sim)));
      if (missing.size === 0) throw new Enough();
    };
    ({ isComplete } = await exhaustive(everywhere, { maxRuns: all, maxDecisions: 60 }));
  } catch (error) {
    if (!(error instanceof Error && error.cause instanceof Enough)) throw error;
  }
  const left = [...missing];
  return { reached, unreachable: isComplete ? left : [], unknown: isComplete ? [] : left };
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
