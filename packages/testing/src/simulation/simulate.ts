/** One run of a simulation under a schedule, with everything that is checked after it. */
import { checkLaws } from "../laws/laws.ts";
import { Schedule } from "../schedule/schedule.ts";
import type { Weather } from "./medium.ts";
import { Cluster } from "./cluster.ts";
import { Simulation } from "./simulation.ts";
import type { Trace } from "./trace.ts";
import { type TimeModel, World } from "./world.ts";

/** What a test does with the cluster it is given. */
export type Scenario = (sim: Simulation) => Promise<void> | void;

/** How to run it. */
export interface SimulateOptions {
  /** What the medium does. Without faults by default. */
  readonly weather?: Weather;
  /**
   * `eager`: time moves only when nobody has anything to do. `adversarial`: a timer may fire before what is due, as on a slow
   * machine; what must never happen must not happen then either, but what has a time limit may fail. Default `eager`.
   */
  readonly time?: TimeModel;
  /** How much virtual time the test may take, in ms. Default a day. */
  readonly limitMs?: number;
  /** Whether sessions are sealed with the real cryptography, which costs more than all the rest. Default false. */
  readonly isSealed?: boolean;
}

/** How a run ended. */
export interface Outcome {
  readonly schedule: Schedule;
  readonly trace: Trace;
  /** What was thrown, or what the checks found; undefined when all was well. */
  readonly error: Error | undefined;
}

/** Runs a scenario once and says how it ended. */
export async function observe(schedule: Schedule, scenario: Scenario, options: SimulateOptions = {}): Promise<Outcome> {
  const { time = "eager", limitMs = 24 * 3_600_000, weather = {}, isSealed = false } = options;
  const world = new World({ schedule, time, limitMs });
  const sim = new Simulation(world, new Cluster(world, { weather, isSealed }));
  let error: Error | undefined;
  try {
    await world.drive((async () => scenario(sim))());
    const left = await world.drive(sim.end());
    const broken = [...left, ...checkLaws(world.trace.events)];
    if (broken.length > 0) error = new Error(`the run broke its laws:\n${broken.slice(0, 10).join("\n")}`);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  return { schedule, trace: world.trace, error };
}

/** The last events of a failed run, and how to see it again. */
export function failureOf({ schedule, trace, error }: Outcome): Error {
  const message = [
    error?.message ?? "the run failed",
    "",
    `schedule (seed; deviations): ${String(schedule)}`,
    `see it again: simulate.replay(${JSON.stringify(String(schedule))}, scenario), or OTP_SCHEDULE=${JSON.stringify(String(schedule))}`,
    "the last events:",
    ...trace.lastLines(),
  ].join("\n");
  return new Error(message, { cause: error });
}

/** `simulate`, with its way to repeat. */
export interface Simulate {
  (schedule: Schedule, scenario: Scenario, options?: SimulateOptions): Promise<void>;
  /** Runs a scenario under a schedule that a failure has printed. */
  readonly replay: (text: string, scenario: Scenario, options?: SimulateOptions) => Promise<void>;
}

async function run(schedule: Schedule, scenario: Scenario, options?: SimulateOptions): Promise<void> {
  const outcome = await observe(schedule, scenario, options);
  if (outcome.error !== undefined) throw failureOf(outcome);
}

/**
 * Runs a scenario once under `schedule`: a whole cluster in this thread, on a virtual clock. Rejects with what the scenario
 * throws, and when the run breaks a law of messages or leaves something behind; the message has the schedule and the last
 * events.
 *
 * @example
 * await simulate(Schedule.drawn(7), async (sim) => {
 *   const node = await sim.node("a");
 *   const probe = sim.probe(node);
 *   node.send(probe.pid, "hello");
 *   await probe.assertReceive("hello");
 * });
 */
export const simulate: Simulate = Object.assign(run, {
  replay: (text: string, scenario: Scenario, options?: SimulateOptions) => run(Schedule.parse(text), scenario, options),
});
