/** One run of a simulation under a schedule, with everything that is checked after it. */
import { checkLaws } from "../laws/laws.ts";
import { Schedule } from "../schedule/schedule.ts";
import { Cluster } from "./cluster.ts";
import { diagramOf } from "./diagram.ts";
import { EscapeWatch } from "./escapes.ts";
import type { Weather } from "./medium.ts";
import { Simulation } from "./simulation.ts";
import { EscapeError, StuckError } from "./stuck.ts";
import type { Trace } from "./trace.ts";
import { type TimeModel, World } from "./world.ts";

/**
 * What a test does with the cluster it is given.
 *
 * @see observe
 */
export type Scenario = (sim: Simulation) => Promise<void> | void;

/**
 * How to run it.
 *
 * @see simulate
 */
export interface SimulateOptions {
  /** What the medium does. Without faults by default. */
  readonly weather?: Weather;
  /**
   * `eager`: time moves only when nobody has anything to do. `bounded`: so, and what nodes send each other may take as long as
   * a second. `adversarial`: a timer may fire before what is due, as on a slow machine; what must never happen must not happen
   * then either, but what has a time limit may fail. Default `eager`.
   */
  readonly time?: TimeModel;
  /** How much virtual time the test may take, in ms. Default a day. */
  readonly limitMs?: number;
  /** Whether sessions are sealed with the real cryptography, which costs more than all the rest. Default false. */
  readonly isSealed?: boolean;
  /**
   * Whether what processes ask of the host, such as real timers and files, is watched, and is a failure. Slower; `simTest` does
   * it in one run. Default false.
   */
  readonly watchHost?: boolean;
}

/**
 * How a run ended.
 *
 * @see observe
 */
export interface Outcome {
  readonly schedule: Schedule;
  readonly trace: Trace;
  /** What was thrown, or what the checks found; undefined when all was well. */
  readonly error: Error | undefined;
  /** What `sim.mark` was called with. */
  readonly marks: ReadonlySet<string>;
}

/** How long, in virtual ms, a process may be awaiting something unknown at the end of a run. */
const graceMs = 30_000;

/**
 * Runs a scenario once and says how it ended.
 *
 * ```ts
 * const { error, trace } = await observe(Schedule.fixed(1), () => Promise.reject(new Error("oops")));
 * error?.message; // => "oops"
 * trace.events; // => []
 * ```
 */
export async function observe(schedule: Schedule, scenario: Scenario, options: SimulateOptions = {}): Promise<Outcome> {
  const { time = "eager", limitMs = 24 * 3_600_000, weather = {}, isSealed = false, watchHost = false } = options;
  const world = new World({ schedule, time, limitMs });
  const escapes = new EscapeWatch(world);
  const cluster = new Cluster(world, { weather, isSealed, escapes });
  const sim = new Simulation(world, cluster);
  const stopWatching = watchHost ? escapes.watchHost() : undefined;
  let error: Error | undefined;
  try {
    await world.drive((async () => scenario(sim))());
    if (escapes.suspects(cluster.kernels).length > 0) await world.drive(sim.run({ for: graceMs }));
    error = escapes.errorFor(cluster.kernels);
    const left = await world.drive(sim.end());
    const broken = [...left, ...checkLaws(world.trace.events)];
    if (broken.length > 0) error ??= new Error(`the run broke its laws:\n${broken.slice(0, 10).join("\n")}`);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const escape = escapes.errorFor(cluster.kernels);
    if (escape !== undefined) error = new EscapeError(`${error.message}\n${escape.message}`, { cause: error });
  } finally {
    world.isOver = true;
    stopWatching?.();
  }
  return { schedule, trace: world.trace, error, marks: sim.marks };
}

/** The last events of a failed run, and how to see it again. */
export function failureOf({ schedule, trace, error }: Outcome): Error {
  const text = String(schedule);
  const unasked = schedule.unasked;
  const message = [
    error?.message ?? "the run failed",
    "",
    `schedule (seed; deviations): ${text}`,
    ...(unasked.length > 0 ? [`never asked in this run: ${unasked.join("; ")}`] : []),
    `see it again: simulate.replay(${JSON.stringify(text)}, scenario), or OTP_SCHEDULE=${JSON.stringify(text)}`,
    "the last events:",
    ...diagramOf(trace.events),
  ].join("\n");
  return new Error(message, { cause: error });
}

/**
 * `simulate`, with its way to repeat.
 *
 * @see simulate
 */
export interface Simulate {
  (schedule: Schedule, scenario: Scenario, options?: SimulateOptions): Promise<void>;
  /**
   * Runs a scenario under a schedule that a failure has printed. Warns when a deviation in it is never asked for: the program
   * has changed, and the schedule no longer says what it said.
   */
  readonly replay: (text: string, scenario: Scenario, options?: SimulateOptions) => Promise<void>;
}

async function run(schedule: Schedule, scenario: Scenario, options: SimulateOptions = {}): Promise<void> {
  const outcome = await observe(schedule, scenario, options);
  if (outcome.error !== undefined) throw failureOf(await explained(outcome, scenario, options));
}

/** A failure by something foreign is looked at once more, with an eye on what the host is asked for. */
export async function explained(outcome: Outcome, scenario: Scenario, options: SimulateOptions): Promise<Outcome> {
  const { error, schedule } = outcome;
  const isForeign = error instanceof EscapeError || error instanceof StuckError;
  if (!isForeign || options.watchHost === true) return outcome;
  const again = await observe(Schedule.fixed(schedule.seed, schedule.deviations), scenario, {
    ...options,
    watchHost: true,
  });
  return again.error instanceof EscapeError ? again : outcome;
}

async function replay(text: string, scenario: Scenario, options?: SimulateOptions): Promise<void> {
  const schedule = Schedule.parse(text);
  await run(schedule, scenario, options);
  const unasked = schedule.unasked.join("; ");
  if (unasked !== "")
    process.emitWarning(
      `the schedule ${JSON.stringify(text)} has what is never asked any more: ${unasked}`,
      "ScheduleWarning",
    );
}

/**
 * Runs a scenario once under `schedule`: a whole cluster in this thread, on a virtual clock. Rejects with what the scenario
 * throws, and when the run breaks a law of messages or leaves something behind; the message has the schedule and the last
 * events.
 *
 * ```ts continues
 * await simulate(Schedule.drawn(7), async (sim) => {
 *   const node = await sim.node("a");
 *   const probe = sim.probe(node);
 *   node.send(probe.pid, "hello");
 *   await probe.assertReceive("hello");
 * }, { weather: { loss: 0.05 }, time: "bounded" });
 * ```
 */
export const simulate: Simulate = Object.assign(run, { replay });
