/** Running a scenario under many schedules: the plain one, those that once failed, fresh ones; or all there are. */
import { type Asked, type Deviations, Schedule } from "./schedule/schedule.ts";
import { shrink } from "./schedule/shrink.ts";
import {
  explained,
  failureOf,
  observe,
  type Outcome,
  type Scenario,
  type SimulateOptions,
} from "./simulation/simulate.ts";
import { EscapeError } from "./simulation/stuck.ts";
import { firstDifference } from "./simulation/trace.ts";

/**
 * How many runs there are, and what is asked of all together.
 *
 * @see explore
 */
export interface ExploreOptions extends SimulateOptions {
  /** How many schedules are drawn, after the plain one. Default 200. */
  readonly runs?: number;
  /** The first seed; the others follow it. Default 1. */
  readonly seed?: number;
  /** Schedules that have failed once, as they were printed; they are run first. */
  readonly corpus?: readonly string[];
  /** What `sim.mark` must have been called with in one of the runs at least, lest a test passes that never got there. */
  readonly expectMarks?: readonly string[];
}

/**
 * Runs `scenario` in the plain order, twice, which must come to the same event by event; then under drawn schedules. Rejects
 * with the failure of the smallest schedule that was found.
 *
 * @example
 * const twoTurns = async (sim: Simulation): Promise<void> => {
 *   const node = await sim.node("a");
 *   const seen: string[] = [];
 *   for (const name of ["ann", "bob"]) node.spawn(() => void seen.push(name));
 *   await sim.run("toQuiescence");
 *   if (seen[0] !== "ann") throw new Error("bob was first");
 * };
 * const failure = await explore(twoTurns, { runs: 50 }).catch(String);
 * failure?.includes("bob was first"); // => true
 * failure?.includes("hold a."); // => true
 */
export async function explore(scenario: Scenario, options: ExploreOptions = {}): Promise<void> {
  const { runs = 200, seed = 1, corpus = [], expectMarks = [] } = options;
  const run = (schedule: Schedule): Promise<Outcome> => observe(schedule, scenario, options);
  const plain = await run(Schedule.fixed(seed));
  const again = await observe(Schedule.fixed(seed), scenario, { ...options, watchHost: true });
  // What comes from outside may make the two differ; that it does is the better news.
  if (again.error instanceof EscapeError) throw failureOf(again);
  if (plain.trace.hash !== again.trace.hash) {
    throw new Error(
      `N1: the run is not reproducible, so something in it comes from outside. It parts at ${firstDifference(plain.trace, again.trace) ?? "no event"}`,
    );
  }
  if (plain.error !== undefined) throw failureOf(plain);
  const marks = new Set(plain.marks);
  const schedules = [
    ...corpus.map((text) => () => Schedule.parse(text)),
    ...Array.from({ length: runs }, (_, next) => () => Schedule.drawn(seed + next)),
  ];
  for (const next of schedules) {
    const outcome = await run(next());
    for (const mark of outcome.marks) marks.add(mark);
    if (outcome.error === undefined) continue;
    const smallest = await shrink(outcome.schedule, async (schedule) => (await run(schedule)).error !== undefined);
    throw failureOf(await explained(await run(smallest), scenario, options));
  }
  const missing = expectMarks.filter((mark) => !marks.has(mark));
  if (missing.length > 0)
    throw new Error(
      `no run of ${String(schedules.length + 1)} has come to ${missing.map((mark) => JSON.stringify(mark)).join(", ")}`,
    );
}

/**
 * How far a search through all schedules goes.
 *
 * @see exhaustive
 */
export interface ExhaustiveOptions extends SimulateOptions {
  /** How many of the decisions of a run, from the first on, are tried in every way. Default 12. */
  readonly maxDecisions?: number;
  /** How many runs there may be. Default 20,000. */
  readonly maxRuns?: number;
  readonly seed?: number;
}

/**
 * What a search has done.
 *
 * @see exhaustive
 */
export interface Exhausted {
  readonly runs: number;
  /** Whether every decision of every run was tried in every way: what did not happen then cannot happen. */
  readonly isComplete: boolean;
}

/**
 * Runs a tiny `scenario` under every schedule that differs in its first decisions: a proof where the search is complete, and
 * sampling with a plan where it is not. Rejects with the first failure, which has the fewest deviations first.
 *
 * ```ts continues
 * const threeTurns = async (sim: Simulation): Promise<void> => {
 *   const node = await sim.node("a");
 *   for (let n = 0; n < 3; n += 1) node.spawn(() => undefined);
 *   await sim.run("toQuiescence");
 * };
 * const { isComplete } = await exhaustive(threeTurns, { maxDecisions: 20 });
 * isComplete; // => true
 * ```
 */
export async function exhaustive(scenario: Scenario, options: ExhaustiveOptions = {}): Promise<Exhausted> {
  const { maxDecisions = 12, maxRuns = 20_000, seed = 1 } = options;
  let next: Deviations | undefined = new Map();
  let isComplete = true;
  let runs = 0;
  while (next !== undefined) {
    if (runs === maxRuns) return { runs, isComplete: false };
    const asked: Asked[] = [];
    const schedule = Schedule.fixed(seed, next);
    schedule.recordIn(asked);
    const outcome = await observe(schedule, scenario, options);
    runs += 1;
    if (outcome.error !== undefined) throw failureOf(outcome);
    if (asked.length > maxDecisions) isComplete = false;
    next = successor(asked.slice(0, maxDecisions));
  }
  return { runs, isComplete };
}

/** The next path through the tree of decisions, in the order of a depth-first search. */
function successor(asked: readonly Asked[]): Deviations | undefined {
  for (let at = asked.length - 1; at >= 0; at -= 1) {
    const last = asked[at];
    if (last === undefined || last.answer + 1 >= last.choices) continue;
    const path = new Map<string, number>();
    // Whether to hold back an event is asked each time it is first, and how often it was is what its name stands for.
    for (const { name, answer } of [...asked.slice(0, at), { name: last.name, answer: last.answer + 1 }])
      if (answer > 0) path.set(name, (path.get(name) ?? 0) + answer);
    return path;
  }
  return undefined;
}
