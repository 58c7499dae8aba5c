/** All workloads, by name. */
import type { Scenario, SimulateOptions } from "@otp/testing";

import { names, windy } from "./names.ts";
import { processes, weather } from "./processes.ts";
import { sessions, stormy } from "./sessions.ts";
import { supervision } from "./supervision.ts";

/** A random scenario for each seed, and the medium it is meant for. */
export interface Workload {
  readonly scenarioOf: (seed: number) => Scenario;
  readonly options: SimulateOptions;
}

/** So long that no program takes it, in ms: what waits in vain is found out. */
const limitMs = 3_600_000;

/** The workloads. */
export const workloads = {
  processes: { scenarioOf: processes, options: { weather, limitMs } },
  sessions: { scenarioOf: sessions, options: { weather: stormy, limitMs } },
  names: { scenarioOf: names, options: { weather: windy, limitMs } },
  supervision: { scenarioOf: supervision, options: { limitMs } },
} as const satisfies Readonly<Record<string, Workload>>;

/** The name of a workload. */
export type WorkloadName = keyof typeof workloads;
