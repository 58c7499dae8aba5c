/**
 * What `npm run fire` runs: the tests under faults, again and again, to find those that fail now and then. The last line says
 * how many runs were without a failure.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { ensureNatsServer } from "./support/ensure-nats-server.ts";
import { readTally } from "./support/tally.ts";

/** So many files at a time: most of them wait most of the time, for faults to last and for silence to be noticed. */
const side = 2;

const usage = `Usage: npm run fire [-- [--times 10] [--stop] [files]]

Runs test/cluster and test/nats, or the given files, so many times in a row, and tells the time of each run, what the
machine had to do otherwise, and what failed. With --stop the first run that fails is the last.
OTP_LONG=1 takes the long forms.`;

interface Run {
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

/** Runs the files once; the output is kept for the case that something fails. */
async function once(files: readonly string[]): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "otp-fire-"));
  try {
    const report = join(folder, "report.json");
    const vitest = join(import.meta.dirname, "../node_modules/vitest/vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile=${report}`];
    const flags = ["run", "--project", "@otp/test", `--maxWorkers=${String(side)}`, ...reporters];
    const child = spawn(process.execPath, [vitest, ...flags, ...files], {
      cwd: join(import.meta.dirname, ".."),
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => output.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => output.push(bytes));
    const code = await new Promise<number>((resolve) => {
      child.once("close", (status) => resolve(status ?? 1));
    });
    return { ...readTally(report, code), output: Buffer.concat(output).toString() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { times: { type: "string", default: "10" }, stop: { type: "boolean" }, help: { type: "boolean" } },
    allowPositionals: true,
  });
  const times = Number(values.times);
  if (values.help === true || !Number.isInteger(times) || times < 1) {
    console.log(usage);
    return values.help === true ? 0 : 1;
  }
  const server = await ensureNatsServer();
  if ("problem" in server) {
    console.error(server.problem);
    return 1;
  }
  const folders = ["cluster", "nats"].map((name) => join(import.meta.dirname, name, "/"));
  const files = positionals.length > 0 ? positionals : folders;
  let clean = 0;
  let runs = 0;
  while (runs < times && !(values.stop === true && clean < runs)) {
    runs += 1;
    const since = performance.now();
    const { passed, failed, output } = await once(files);
    const seconds = Math.round((performance.now() - since) / 1_000);
    const load = loadavg().map((each) => each.toFixed(1));
    console.log(
      `run ${String(runs)}: ${String(passed)} passed, ${String(failed)} failed in ${String(seconds)} s, load ${load.join(" ")}`,
    );
    if (failed === 0 && passed > 0) clean += 1;
    else console.log(output);
  }
  console.log(`${String(clean)} of ${String(runs)} runs without a failure`);
  return clean === runs ? 0 : 1;
}

process.exitCode = await main();
