/** The command line: `serve` configures a worker node, `filter` is a client node that asks one. */
import { hostname } from "node:os";

import { Node, type NodeOptions } from "@otp/core";
import type { Configuration } from "@otp/genserver";
import { nats } from "@otp/transport-nats";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { destination, pino } from "pino";

import type { WorkerEnv } from "./application.ts";
import { filterRemotely, findService } from "./client.ts";
import type { HealthAddress } from "./health.ts";
import { parseJson, parseLines, readText } from "./input.ts";
import { parsePredicate, predicateHelp, type Predicate } from "./predicates.ts";

/** What both commands need to become a node. */
interface NodeFlags {
  readonly name?: string;
  readonly nats?: readonly string[];
  readonly cluster: string;
  readonly cookie?: string;
  readonly tickTime: number;
  readonly logLevel: string;
}

interface ServeFlags extends NodeFlags {
  readonly health?: HealthAddress;
}

interface FilterFlags extends NodeFlags {
  readonly where: Predicate;
  readonly json?: true;
  readonly at?: string;
  readonly timeout: number;
  readonly pieceSize: number;
  readonly quiet?: true;
}

/** Reads the command line; `filter` is done by the time this resolves. Commander has told the user what is wrong with it. */
export async function configure(argv: readonly string[]): Promise<Configuration<WorkerEnv> | number> {
  let configuration: Configuration<WorkerEnv> | number = 0;
  const program = new Command("filter-service")
    .description("Filters lines or records on whichever node of the cluster runs the FilterService.")
    .version("0.1.0")
    .exitOverride();
  withNodeFlags(program.command("serve"), "info")
    .description("run a worker node, which has the FilterService or stands by for it, until SIGTERM or Ctrl-C")
    .addOption(
      new Option("--health <address>", "answer HTTP on [host:]port: /live and /ready; host 127.0.0.1 unless given")
        .env("FILTER_HEALTH")
        .argParser(readAddress),
    )
    .action(({ health, ...flags }: ServeFlags) => {
      configuration = { env: { health: health ?? null }, node: nodeOptions(flags, "filter_worker") };
    });
  withNodeFlags(program.command("filter"), "warn")
    .description("filter the lines of FILE, or of stdin, on the node that serves")
    .argument("[file]", "the input; stdin when left out or -")
    .requiredOption("-w, --where <predicate>", "what to keep, such as contains:foo or not:has:license", readPredicate)
    .option("--json", "the input is a JSON array, or an object, of records")
    .option("--at <path>", "with --json: where in the document the records are, as packages")
    .option(
      "--timeout <ms>",
      "how long to wait for an answer, also while another worker takes over",
      readPositive,
      90_000,
    )
    .option("--piece-size <n>", "items per message", readPositive, 1_000)
    .option("-q, --quiet", "no progress on stderr")
    .addHelpText("after", `\n${predicateHelp}`)
    .action(filter);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  return configuration;
}

function withNodeFlags(command: Command, logLevel: string): Command {
  return command
    .addOption(
      new Option("--name <name>", "the node's name, as worker@localhost; one is made up by default").env("OTP_NAME"),
    )
    .addOption(
      new Option("--nats <urls>", "the NATS servers, with commas between them; nats://127.0.0.1:4222 by default")
        .env("NATS_URL")
        .argParser((text) => text.split(",")),
    )
    .addOption(new Option("--cluster <name>", "the cluster to join").env("OTP_CLUSTER").default("filter"))
    .addOption(new Option("--cookie <cookie>", "the cluster's secret; ~/.otp.cookie by default").env("OTP_COOKIE"))
    .addOption(
      new Option("--tick-time <ms>", "after how much silence another node counts as lost")
        .env("OTP_TICK_TIME")
        .argParser(readPositive)
        .default(60_000),
    )
    .addOption(
      new Option("--log-level <level>", "what to log on stderr")
        .env("OTP_LOG")
        .default(logLevel)
        .choices(["silent", ...Object.keys(pino.levels.values)]),
    );
}

function nodeOptions({ name, cookie, cluster, tickTime, logLevel, ...flags }: NodeFlags, prefix: string): NodeOptions {
  const host = hostname().split(".")[0] ?? "localhost";
  return {
    name: name ?? `${prefix}_${process.pid}@${host}`,
    ...(cookie === undefined ? {} : { cookie }),
    transport: nats({ cluster, ...(flags.nats === undefined ? {} : { servers: flags.nats }) }),
    logger: pino({ level: logLevel, base: null }, destination({ dest: 2, sync: true })),
    tickTimeMs: tickTime,
    discover: true,
  };
}

async function filter(file: string | undefined, flags: FilterFlags): Promise<void> {
  const text = await readText(file);
  const input = flags.json === true ? parseJson(text, flags.at) : parseLines(text);
  await using node = await Node.start(nodeOptions(flags, "filter_client"));
  await findService(node, { waitMs: 2_000 });
  const showsProgress = flags.quiet !== true && process.stderr.isTTY;
  const kept = await filterRemotely(node, {
    items: input.items,
    predicate: flags.where,
    timeoutMs: flags.timeout,
    pieceSize: flags.pieceSize,
    ...(showsProgress ? { onProgress } : {}),
  });
  // Everything at once: an answer that fails half-way has written nothing.
  process.stdout.write(input.render(kept));
}

function onProgress(done: number, total: number): void {
  process.stderr.write(`\r${done} of ${total}${done === total ? "\n" : ""}`);
}

function readPredicate(text: string): Predicate {
  try {
    return parsePredicate(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function readPositive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0 && value < 2 ** 31) return value;
  throw new InvalidArgumentError("expected a whole number greater than 0");
}

function readAddress(text: string): HealthAddress {
  const [, host = "127.0.0.1", port] = /^(?:(.+):)?(\d+)$/u.exec(text) ?? [];
  if (port !== undefined && Number(port) < 65_536) return { host, port: Number(port) };
  throw new InvalidArgumentError("expected a port from 0 to 65535, or host:port");
}
