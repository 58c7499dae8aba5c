/** The command line. */
import type { NodeOptions } from "@otp/core";
import type { Configuration } from "@otp/genserver";
import { nats } from "@otp/transport-nats";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { destination, pino } from "pino";

import type { JobEnv } from "./application.ts";

interface Flags {
  readonly results: string;
  readonly concurrency: number;
  readonly attempts: number;
  readonly backoff: number;
  readonly timeout: number;
  readonly workers: readonly string[];
}

interface NodeFlags {
  readonly name?: string;
  readonly nats?: string;
  readonly cluster: string;
  readonly cookie?: string;
  readonly logLevel: string;
}

/** Reads the command line; commander has told the user everything where the result is an exit code. */
export async function configure(argv: readonly string[]): Promise<Configuration<JobEnv> | number> {
  let configuration: Configuration<JobEnv> | undefined;
  const program = new Command("job-queue")
    .description("Does the jobs in a file, each until it succeeds or has failed too often, on this node or on others.")
    .version("0.1.0")
    .exitOverride();
  withNodeFlags(program.command("run"))
    .description("do the jobs of FILE, one JSON object per line; those that have a result are left out")
    .argument("<file>")
    .option("--results <folder>", "where the results are, one file for each job", "results")
    .addOption(numberOption("--concurrency <n>", "jobs in the works at once").default(4))
    .addOption(numberOption("--attempts <n>", "how often a job is tried").default(3))
    .addOption(numberOption("--backoff <ms>", "the wait after a first failure; it doubles").default(100))
    .addOption(numberOption("--timeout <ms>", "how long an attempt may take").default(60_000))
    .option("--workers <names>", "the nodes that do the work, as one@localhost,two@localhost", readNames, [])
    .action((file: string, { results: folder, attempts, backoff, timeout, ...flags }: Flags & NodeFlags) => {
      const { workers, concurrency } = flags;
      const limits = { maxAttempts: attempts, backoffMs: backoff, timeoutMs: timeout };
      const queue = { file, folder, workers, concurrency, ...limits };
      configuration = { env: { queue }, node: nodeOptions(flags) };
    });
  withNodeFlags(program.command("work"))
    .description("do jobs for others, as the node of that --name, until SIGTERM or Ctrl-C")
    .action((flags: NodeFlags) => {
      configuration = { env: { queue: null }, node: nodeOptions(flags) };
    });
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return configuration ?? 1;
}

function withNodeFlags(command: Command): Command {
  return command
    .option("--name <name>", "become a node of a cluster, such as one@localhost")
    .addOption(new Option("--nats <url>", "the NATS server; nats://127.0.0.1:4222 by default").env("NATS_URL"))
    .addOption(new Option("--cluster <name>", "the cluster to join").env("OTP_CLUSTER").default("jobs"))
    .addOption(new Option("--cookie <cookie>", "the cluster's secret; ~/.otp.cookie by default").env("OTP_COOKIE"))
    .addOption(
      new Option("--log-level <level>", "what to log on stderr")
        .env("OTP_LOG")
        .default("warn")
        .choices(["silent", ...Object.keys(pino.levels.values)]),
    );
}

function nodeOptions({ name, cluster, cookie, logLevel, ...flags }: NodeFlags): NodeOptions {
  const logger = pino({ level: logLevel }, destination({ dest: 2, sync: true }));
  if (name === undefined) return { logger };
  const transport = nats({ cluster, ...(flags.nats === undefined ? {} : { servers: flags.nats }) });
  return { name, transport, logger, discover: true, ...(cookie === undefined ? {} : { cookie }) };
}

function numberOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (Number.isSafeInteger(value) && value > 0 && value < 2 ** 31) return value;
    throw new InvalidArgumentError("expected a whole number greater than 0");
  });
}

function readNames(text: string): readonly string[] {
  return text.split(",").filter((name) => name !== "");
}
