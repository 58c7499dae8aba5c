/**
 * What `npm test` runs: a nats-server is found or installed, the examples of the docs become tests, Vitest runs
 * everything, and the last line says how many tests passed and failed.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ensureNatsServer } from "./support/ensure-nats-server.ts";
import { readTally } from "./support/tally.ts";

const root = join(import.meta.dirname, "..");

const usage = `Usage: npm test [-- [options of vitest] [files]]

Runs every test of the repository: unit tests, type tests, examples of the docs, simulations, and several
processes over a real nats-server, which is found (NATS_SERVER_BIN, PATH, the usual folders) or, as root or with
sudo on Debian, installed.

  npm test -- --project @otp/core     the tests of one package
  npm test -- test/cluster            the tests in a folder
  npm test -- -t "link"               the tests with this in their name

The last line is "N passed, N failed"; the exit code is 0 when nothing failed and something ran.`;

/** Runs a command with our own streams; resolves with its exit code, or with the signal that was meant to end us. */
async function run(command: string, args: readonly string[]): Promise<number | NodeJS.Signals> {
  const child = spawn(command, args, { cwd: root, stdio: "inherit" });
  let interrupted: NodeJS.Signals | undefined;
  const pass = (signal: NodeJS.Signals): void => {
    interrupted = signal;
    child.kill(signal);
  };
  process.on("SIGINT", pass).on("SIGTERM", pass);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => resolve(status ?? 1));
    });
    return interrupted ?? code;
  } finally {
    process.off("SIGINT", pass).off("SIGTERM", pass);
  }
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    console.log(usage);
    return 0;
  }
  const server = await ensureNatsServer();
  if ("problem" in server) {
    console.error(server.problem);
    return 1;
  }
  console.log(`nats-server: ${server.binary}`);
  if (existsSync(join(root, "test/examples/main.ts"))) {
    const code = await run("npm", ["run", "--silent", "examples", "-w", "@otp/test"]);
    if (code !== 0) {
      console.log("The examples of the docs could not be turned into tests; counted as one failure.");
      console.log("0 passed, 1 failed");
      return 1;
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "otp-test-"));
  try {
    const report = join(folder, "report.json");
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const flags = ["run", "--reporter=default", "--reporter=json", `--outputFile=${report}`];
    const code = await run(process.execPath, [vitest, ...flags, ...argv]);
    if (typeof code === "string") {
      console.log(`interrupted by ${code}`);
      return code === "SIGINT" ? 130 : 143;
    }
    const { passed, failed, notes } = readTally(report, code);
    for (const note of notes) console.log(note);
    console.log(`${String(passed)} passed, ${String(failed)} failed`);
    return failed === 0 && passed > 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Who reads no further, as head, wants no more.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
process.exitCode = await main(process.argv.slice(2));
