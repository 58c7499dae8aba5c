/**
 * Runs the seeds of a workload until one fails: `hunt.ts WORKLOAD FIRST COUNT`. Prints each seed as it comes to it, and in
 * the end a line of JSON: how many seeds passed, and the one that did not. A program of its own, since a mutant may also hang it.
 */
import { observe, Schedule } from "@otp/testing";

import { type WorkloadName, workloads } from "../simulation/workload/workloads.ts";

function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(workloads, name);
}

const [name = "", first = "1", count = "1"] = process.argv.slice(2);
if (!isWorkload(name)) throw new Error(`expected one of ${Object.keys(workloads).join(", ")}. Got: ${name}`);
const { scenarioOf, options } = workloads[name];
const last = Number(first) + Number(count) - 1;
let passed = 0;
let said: { readonly seed: number; readonly error: string } | undefined;
// A fault that shows in no promise of the run shows here.
process.on("uncaughtException", (error) => {
  said ??= { seed: Number(first) + passed, error: `uncaught: ${error.message}` };
});
process.on("unhandledRejection", (error) => {
  said ??= { seed: Number(first) + passed, error: `unhandled: ${String(error)}` };
});
for (let seed = Number(first); seed <= last && said === undefined; seed += 1) {
  console.log(seed);
  const { error } = await observe(Schedule.drawn(seed), scenarioOf(seed), options);
  if (error !== undefined) said ??= { seed, error: error.message };
  else if (said === undefined) passed += 1;
  if (seed % 500 === 0)
    console.error(`${name}: ${String(seed)}, ${String(Math.round(process.cpuUsage().user / 1_000))} ms`);
}
console.log(JSON.stringify({ passed, failed: said ?? null }));
process.exit(0);
