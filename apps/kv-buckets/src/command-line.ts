/** The command line. */
import type { NodeOptions } from "@otp/core";
import type { Configuration } from "@otp/genserver";
import { nats } from "@otp/transport-nats";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { destination, pino } from "pino";

import type { KvEnv } from "./application.ts";

interface Flags extends KvEnv {
  readonly name?: string;
  readonly nats?: string;
  readonly cluster: string;
  readonly cookie?: string;
  readonly logLevel: string;
}

/** Reads the command line; commander has told the user everything where the result is an exit code. */
export async function configure(argv: readonly string[]): Promise<Configuration<KvEnv> | number> {
  const program = new Command("kv-buckets")
    .description("Keeps values in named buckets, in memory, and serves them over TCP: CREATE, PUT, GET, DELETE.")
    .version("0.1.0")
    .exitOverride()
    .addOption(numberOption("--port <port>", "where to listen; 0 lets the system choose", 65_535).default(4040))
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .addOption(numberOption("--max-connections <n>", "how many clients to serve at once", 1_000_000).default(1_000))
    .option("--name <name>", "become a node of a cluster, such as one@localhost")
    .option("--nodes <names>", "the nodes that share the buckets, as one@localhost,two@localhost", readNames, [])
    .addOption(new Option("--nats <url>", "the NATS server; nats://127.0.0.1:4222 by default").env("NATS_URL"))
    .addOption(new Option("--cluster <name>", "the cluster to join").env("OTP_CLUSTER").default("kv"))
    .addOption(new Option("--cookie <cookie>", "the cluster's secret; ~/.otp.cookie by default").env("OTP_COOKIE"))
    .addOption(
      new Option("--log-level <level>", "what to log on stderr")
        .env("OTP_LOG")
        .default("warn")
        .choices(["silent", ...Object.keys(pino.levels.values)]),
    );
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  const { port, host, maxConnections, nodes, ...flags } = program.opts<Flags>();
  return { env: { port, host, maxConnections, nodes }, node: nodeOptions(flags) };
}

function nodeOptions({ name, cluster, cookie, logLevel, ...flags }: Omit<Flags, keyof KvEnv>): NodeOptions {
  const logger = pino({ level: logLevel }, destination({ dest: 2, sync: true }));
  if (name === undefined) return { logger };
  const transport = nats({ cluster, ...(flags.nats === undefined ? {} : { servers: flags.nats }) });
  return { name, transport, logger, discover: true, ...(cookie === undefined ? {} : { cookie }) };
}

function numberOption(flags: string, description: string, max: number): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 0 && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from 0 to ${max}`);
  });
}

function readNames(text: string): readonly string[] {
  return text.split(",").filter((name) => name !== "");
}
