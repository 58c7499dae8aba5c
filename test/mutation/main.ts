/**
 * The mutation study: `npm run mutants -w @otp/test [-- --only ID] [--seeds N]`. Each mutant is planted into a copy of the packages, and
 * its workload hunted for a seed that notices it. Exit code 1 when one lives on, or when the clean code fails.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

import { workloads } from "../simulation/workload/workloads.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { plant } from "./plant.ts";

const usage = `Usage: npm run mutants -w @otp/test [-- options]

Plants each mutant of test/mutation/mutants.ts into a copy of the packages and hunts for a seed of its workload that notices it.

  --only ID     this mutant only; may be repeated
  --seeds N     how many seeds a mutant may survive before it counts as unnoticed (default 2000)
  --clean N     instead, run N seeds of every workload on the code as it is (all have to pass)
  --from N      the first seed (default 1)
  --workload W  with --clean, this workload only`;

/** How long one seed may take, in ms, on however busy a machine; one takes less than a second. */
const patience = 180_000;

/** What became of a hunt. */
interface Catch {
  readonly seeds: number;
  readonly failed: readonly { readonly seed: number; readonly error: string }[];
}

async function hunt(
  folder: string,
  workload: string,
  seeds: { readonly from: number; readonly count: number; readonly most?: number },
): Promise<Catch> {
  const program = join(folder, "test/mutation/hunt.ts");
  const flags = [
    "--conditions=@otp/source",
    "--import",
    "tsx",
    program,
    workload,
    String(seeds.from),
    String(seeds.count),
    String(seeds.most ?? 1),
  ];
  const child = spawn(process.execPath, flags, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  let last = "";
  let seed = seeds.from;
  let hangs = false;
  let limit: NodeJS.Timeout | undefined;
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
    createInterface(child.stdout).on("line", (line) => {
      if (line.startsWith("{")) last = line;
      else seed = Number(line);
      clearTimeout(limit);
      limit = setTimeout(() => {
        hangs = true;
        child.kill("SIGKILL");
      }, patience);
    });
  });
  clearTimeout(limit);
  const endedBy = (error: string): Catch => ({ seeds: seed - seeds.from + 1, failed: [{ seed, error }] });
  if (hangs) return endedBy(`the run does not end within ${String(patience)} ms`);
  // Ended by a signal: it took all memory, which is noticed as well.
  if (code === null) return endedBy("the run has taken all memory");
  if (code !== 0) throw new Error(`the hunt in ${folder} failed to run at all`);
  const found: Catch = JSON.parse(last);
  return found;
}

async function huntMutants(
  wanted: readonly Mutant[],
  seeds: { readonly from: number; readonly count: number },
): Promise<number> {
  let survivors = 0;
  for (const mutant of wanted) {
    using planted = plant(mutant);
    const { seeds: count, failed } = await hunt(planted.folder, mutant.noticedBy, seeds);
    const [first] = failed;
    if (first === undefined) survivors += 1;
    const outcome =
      first === undefined
        ? `LIVES after ${String(count)} seeds`
        : `killed by seed ${String(first.seed)}: ${first.error.split("\n").slice(0, 2).join(" ").slice(0, 110)}`;
    console.log(`${mutant.id.padEnd(26)} ${mutant.noticedBy.padEnd(12)} ${outcome}`);
  }
  console.log(`${String(wanted.length - survivors)} of ${String(wanted.length)} mutants killed`);
  return survivors;
}

async function runClean(
  wanted: readonly string[],
  seeds: { readonly from: number; readonly count: number },
): Promise<number> {
  let failures = 0;
  using planted = plant(undefined);
  for (const workload of wanted) {
    const { seeds: run, failed } = await hunt(planted.folder, workload, { ...seeds, most: 20 });
    failures += failed.length;
    console.log(`${workload.padEnd(12)} ${String(run - failed.length)} of ${String(run)} seeds passed`);
    for (const { seed, error } of failed) console.log(`  seed ${String(seed)}: ${error}`);
  }
  return failures;
}

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    only: { type: "string", multiple: true },
    seeds: { type: "string", default: "2000" },
    clean: { type: "string" },
    from: { type: "string", default: "1" },
    workload: { type: "string" },
  },
});
const from = Number(values.from);
if (values.help === true) console.log(usage);
else if (values.clean !== undefined) {
  const wanted = values.workload === undefined ? Object.keys(workloads) : [values.workload];
  process.exitCode = (await runClean(wanted, { from, count: Number(values.clean) })) > 0 ? 1 : 0;
} else {
  const { only } = values;
  const wanted = only === undefined ? mutants : mutants.filter(({ id }) => only.includes(id));
  process.exitCode = (await huntMutants(wanted, { from, count: Number(values.seeds) })) > 0 ? 1 : 0;
}
