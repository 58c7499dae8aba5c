/**
 * The benchmark suite: `npm run bench`.
 *
 * Ours and the references run in one go on one machine, each in a process of its own, alternating round by round; what
 * counts is the ratio within a round. Every contender counts what it has done and refuses to report an incomplete run.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { findNatsServer, startLocalServer } from "@otp/transport-nats/local-server";

import { page } from "./report/page.ts";
import { machineLine, markdownTable, rowLines } from "./report/table.ts";
import { build, buildErlang, stopEpmd } from "./runner/commands.ts";
import { currentLoad, describeMachine } from "./runner/machine.ts";
import { measure, type RowResult } from "./runner/measure.ts";
import { type BenchOptions, readOptions, usage } from "./runner/options.ts";
import { remoteRows } from "./runner/remote-rows.ts";
import { localRows, type Row } from "./runner/rows.ts";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), join(tmpdir(), "bench.html"));
  if (options === "help") {
    console.log(usage);
    return;
  }
  const rows = [...localRows, ...remoteRows].filter(({ name }) => isWanted(name, options));
  if (rows.length === 0) throw new TypeError(`no row has ${options.only.join(" or ")} in its name`);
  const machine = describeMachine();
  const results = await runAll(rows, options);
  const circumstances = machineLine(machine, currentLoad());
  console.log(`\n${circumstances}\n\n${markdownTable(results)}`);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ machine, results }, null, 2));
  writeFileSync(options.html, page(results, circumstances));
  console.log(`\nplots: ${options.html}`);
}

async function runAll(rows: readonly Row[], options: BenchOptions): Promise<readonly RowResult[]> {
  const started = performance.now();
  say("compiling");
  const built = build();
  const epmdPort = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "otp-bench-"));
  const server =
    rows.some(({ isRemote }) => isRemote) && findNatsServer() !== undefined ? await startLocalServer() : undefined;
  try {
    const places = { built, beams: buildErlang(folder) ? folder : "", natsUrl: server?.url, epmdPort };
    const results: RowResult[] = [];
    for (const [at, row] of rows.entries()) {
      const size = options.isQuick ? row.quickSize : row.size;
      const result = await measure(row, {
        size,
        rounds: options.rounds,
        isQuick: options.isQuick,
        places,
        say: (text) => {
          say(`${String(at + 1)}/${String(rows.length)} ${text}`);
        },
      });
      say("");
      const seconds = Math.round((performance.now() - started) / 1_000);
      console.log(`[${String(seconds)} s, load ${currentLoad().toFixed(1)}] ${rowLines(result).join("\n")}`);
      results.push(result);
    }
    return results;
  } finally {
    await server?.stop();
    if (rows.some(({ isRemote }) => isRemote)) await endEpmd(epmdPort);
    rmSync(folder, { recursive: true, force: true });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
  });
}

/** The nodes have just been killed; it takes their daemon a moment to notice. */
async function endEpmd(port: number): Promise<void> {
  for (let tries = 0; tries < 50 && !stopEpmd(port); tries += 1) await setTimeout(100);
}

/** Progress on a terminal: one line that is written over. */
function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

function isWanted(name: string, { only }: BenchOptions): boolean {
  return only.length === 0 || only.some((part) => name.includes(part));
}

try {
  await main();
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}
