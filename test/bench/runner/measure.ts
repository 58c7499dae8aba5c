/** Runs a row: all contenders in turn, round by round, so that what the machine does meanwhile happens to all of them. */
import { Contender, type Sample } from "./contender.ts";
import { commandFor, type Places } from "./commands.ts";
import { type ContenderName, type Row, shares } from "./rows.ts";
import { ratioOf, type Spread, spreadOf } from "./statistics.ts";

/** What came of one contender in one row. */
export type Result =
  | { readonly name: ContenderName; readonly skipped: string }
  | { readonly name: ContenderName; readonly samples: readonly Sample[]; readonly value: Spread };

/** A reference beside ours: how many times better ours is, by the clock and by CPU time. */
export interface Ratio {
  readonly reference: ContenderName;
  readonly ratio: Spread;
  /** By the CPU time of the two for the same work; of a row between processes, that of both sides where it is known. */
  readonly byCpu: Spread;
}

/** What came of a row. */
export interface RowResult {
  readonly row: Row;
  readonly size: number;
  readonly results: readonly Result[];
  readonly ratios: readonly Ratio[];
}

/** How a row is measured. */
export interface Plan {
  readonly size: number;
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly places: Places;
  readonly say: (text: string) => void;
}

const patienceMs = 180_000;
/** Runs before the first that counts: compilers optimise what has run for a while. */
const warmUps = 2;

/** Measures one row. */
export async function measure(row: Row, plan: Plan): Promise<RowResult> {
  const skipped: Result[] = [];
  let running: { readonly name: ContenderName; readonly process: Contender; readonly samples: Sample[] }[] = [];
  // The BEAM on all cores is for orientation: no goal is about it.
  const leftOut = plan.isQuick ? ["beam-smp", ...(row.notQuick ?? [])] : [];
  const contenders = row.contenders.filter((name) => !leftOut.includes(name));
  for (const name of contenders) {
    const command = commandFor(name, row, plan.places);
    if (typeof command === "string") skipped.push({ name, skipped: command });
    else running.push({ name, process: new Contender(command), samples: [] });
  }
  try {
    for (let round = 1 - warmUps; round <= plan.rounds; round += 1) {
      for (const contender of running) {
        plan.say(`${row.name}: ${round < 1 ? "warm-up" : `round ${String(round)}`}, ${contender.name}`);
        try {
          const size = row.unit === "/s" ? plan.size * (shares[contender.name] ?? 1) : plan.size;
          const sample = await contender.process.run(row.name, size, patienceMs);
          if (round > 0) contender.samples.push(sample);
        } catch (error) {
          skipped.push({ name: contender.name, skipped: error instanceof Error ? error.message : String(error) });
          running = running.filter((other) => other !== contender);
          contender.process[Symbol.dispose]();
        }
      }
    }
  } finally {
    for (const { process } of running) process[Symbol.dispose]();
  }
  const results = running.map(({ name, samples }) => ({
    name,
    samples,
    value: spreadOf(samples.map(({ value }) => value)),
  }));
  return { row, size: plan.size, results: [...results, ...skipped], ratios: ratiosOf(row, results) };
}

function ratiosOf(row: Row, results: readonly { name: ContenderName; samples: readonly Sample[] }[]): readonly Ratio[] {
  const ours = results.find(({ name }) => name === "otp");
  if (ours === undefined) return [];
  const values = (samples: readonly Sample[]): number[] => samples.map(({ value }) => value);
  const cpu = (name: ContenderName, samples: readonly Sample[]): number[] =>
    samples.map(({ cpuMs, allCpuMs }) => ((row.isRemote ? allCpuMs : undefined) ?? cpuMs) / (shares[name] ?? 1));
  return results
    .filter((one) => one !== ours)
    .map(({ name, samples }) => ({
      reference: name,
      ratio:
        row.better === "more"
          ? ratioOf(values(ours.samples), values(samples))
          : ratioOf(values(samples), values(ours.samples)),
      byCpu: ratioOf(cpu(name, samples), cpu(ours.name, ours.samples)),
    }));
}
