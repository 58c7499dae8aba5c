/**
 * The contender's side of the line protocol: `row size` comes in on the standard input, one JSON object goes out per run.
 *
 * Besides the clock, every run is measured by the CPU time of its process: on a machine that does other things as well, that is
 * what two contenders can be compared by. A workload checks its own completeness: what it reports has been counted, message by message, or it throws.
 */
import { createInterface } from "node:readline";

/** What one run has measured: the value of the row, and what else belongs on the page. */
export interface Outcome {
  readonly value: number;
  readonly extra?: Readonly<Record<string, number | readonly (readonly [number, number])[]>>;
}

/** Does the work of one row, `size` times. */
export type Workload = (size: number) => Promise<Outcome> | Outcome;

/** Answers until the input ends. */
export async function serve(workloads: Readonly<Record<string, Workload>>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [row = "", size = ""] = line.split(" ");
    try {
      const workload = workloads[row];
      if (workload === undefined) throw new Error(`no row ${row} here`);
      // What the run before has left behind is not this run's cost.
      globalThis.gc?.();
      const before = process.cpuUsage();
      const outcome = await workload(Number(size));
      const { user, system } = process.cpuUsage(before);
      console.log(JSON.stringify({ ...outcome, cpuMs: (user + system) / 1_000 }));
    } catch (error) {
      console.log(JSON.stringify({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
    }
  }
  process.exit(0);
}

/** `count` things since `started`, per second. */
export function perSecond(count: number, started: number): Outcome {
  return { value: (count * 1_000) / (performance.now() - started) };
}

/** Work of some size: where it stands on the axis of a plot, and how many things are done. */
export interface Growth {
  readonly at: number;
  readonly amount: number;
}

/** A hundredth, a tenth and all of `size`. */
export function decades(size: number): readonly Growth[] {
  return [size / 100, size / 10, size].map((amount) => ({ at: amount, amount }));
}

/** Does the work in growing sizes: what came of the largest, and how many seconds each has taken. */
export async function growing(sizes: readonly Growth[], work: (size: Growth) => Promise<Outcome>): Promise<Outcome> {
  const series: (readonly [number, number])[] = [];
  let last: Outcome = { value: 0 };
  for (const size of sizes) {
    last = await work(size);
    series.push([size.at, size.amount / last.value]);
  }
  return { ...last, extra: { ...last.extra, series } };
}

/** Refuses a run that has lost or doubled something. */
export function complete(counted: number, expected: number, what: string): void {
  if (counted !== expected) throw new Error(`${what}: expected ${String(expected)}. Got: ${String(counted)}`);
}

/** The smallest value that at least the share `p` of `values` does not exceed. */
export function percentile(values: Iterable<number>, p: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
