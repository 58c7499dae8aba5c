/**
 * Runs the seeds of a workload until one fails: `hunt.ts WORKLOAD FIRST COUNT [MOST]`, or MOST of them have. Prints each seed as it
 * comes to it, and in the end a line of JSON: how many seeds were run, and those that failed. A program of its own, since a mutant may also hang it.
 */
import { observe, Schedule } from "@otp/testing";

import { type WorkloadName, workloads } from "../simulation/workload/workloads.ts";

function isWorkload(name: string): name is WorkloadName {
  return Object.hasOwn(workloads, name);
}

const [name = "", first = "1", count = "1", most = "1"] = process.argv.slice(2);
if (!isWorkload(name)) throw new Error(`expected one of ${Object.keys(workloads).join(", ")}. Got: ${name}`);
const { scenarioOf, options } = workloads[name];
const end = Number(first) + Number(count);
const failed: { readonly seed: number; readonly error: string }[] = [];
let seed = Number(first);
// A fault that shows in no promise of the run shows here.
process.on("uncaughtException", ({ message }) => failed.push({ seed, error: `uncaught: ${message}` }));
process.on("unhandledRejection", (error) => failed.push({ seed, error: `unhandled: ${String(error)}` }));
for (; seed < end && failed.length < Number(most); seed += 1) {
  console.log(seed);
  const { error } = await observe(Schedule.drawn(seed), scenarioOf(seed), options);
  if (error !== undefined) failed.push({ seed, error: error.message });
  if (seed % 500 === 0)
    console.error(`${name}: ${String(seed)}, ${String(Math.round(process.cpuUsage().user / 1_000))} ms`);
}
console.log(JSON.stringify({ seeds: seed - Number(first), failed }));
process.exit(0);
