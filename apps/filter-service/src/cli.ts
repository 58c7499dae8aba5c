/** The command line: `serve` runs a worker node, `filter` is a client node that asks it. */
import { hostname } from "node:os";

import { Node, OtpError } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { destination, type Level, pino } from "pino";

import { filterRemotely, findService } from "./client.ts";
import { parseJson, parseLines, readText } from "./input.ts";
import { parsePredicate, predicateHelp, type Predicate } from "./predicates.ts";
import { serve } from "./serve.ts";

/** What both commands need to become a node. */
interface NodeFlags {
  readonly name?: string;
  readonly nats?: string;
  readonly cluster: string;
  readonly cookie?: string;
  readonly logLevel: string;
}

interface FilterFlags extends NodeFlags {
  readonly where: Predicate;
  readonly json?: true;
  readonly at?: string;
  readonly timeout: number;
  readonly pieceSize: number;
  readonly quiet?: true;
}

/** Runs the command and resolves with the exit code; one clear line on stderr says what went wrong. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    await makeProgram().parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (OtpError.is(error)) {
      // One line, whatever the cause had to say.
      process.stderr.write(`filter-service: ${error.message.replaceAll(/\s*\n\s*/gu, " ")}\n`);
      return 1;
    }
    throw error;
  }
}

function makeProgram(): Command {
  const program = new Command("filter-service")
    .description("Filters lines or records on whichever node of the cluster runs the FilterService.")
    .version("0.1.0")
    .exitOverride();
  withNodeFlags(program.command("serve"))
    .description("run a worker node with the FilterService until SIGTERM or Ctrl-C")
    .action((flags: NodeFlags) => serve(() => startNode(flags, "filter_worker")));
  withNodeFlags(program.command("filter"))
    .description("filter the lines of FILE, or of stdin, on the node that serves")
    .argument("[file]", "the input; stdin when left out or -")
    .requiredOption("-w, --where <predicate>", "what to keep, such as contains:foo or not:has:license", readPredicate)
    .option("--json", "the input is a JSON array, or an object, of records")
    .option("--at <path>", "with --json: where in the document the records are, as packages")
    .option("--timeout <ms>", "how long to wait for an answer", readPositive, 10_000)
    .option("--piece-size <n>", "items per message", readPositive, 1_000)
    .option("-q, --quiet", "no progress on stderr")
    .addHelpText("after", `\n${predicateHelp}`)
    .action(filter);
  return program;
}

function withNodeFlags(command: Command): Command {
  return command
    .option("--name <name>", "the node's name, as worker@localhost; one is made up by default")
    .addOption(new Option("--nats <url>", "the NATS server; nats://127.0.0.1:4222 by default").env("NATS_URL"))
    .addOption(new Option("--cluster <name>", "the cluster to join").env("OTP_CLUSTER").default("filter"))
    .addOption(new Option("--cookie <cookie>", "the cluster's secret; ~/.otp.cookie by default").env("OTP_COOKIE"))
    .addOption(new Option("--log-level <level>", "what to log on stderr").env("OTP_LOG").default("warn"));
}

function startNode(flags: NodeFlags, prefix: string): Promise<Node> {
  const host = hostname().split(".")[0] ?? "localhost";
  return Node.start({
    name: flags.name ?? `${prefix}_${process.pid}@${host}`,
    ...(flags.cookie === undefined ? {} : { cookie: flags.cookie }),
    transport: nats({ cluster: flags.cluster, ...(flags.nats === undefined ? {} : { servers: flags.nats }) }),
    logger: pino({ level: levelOf(flags.logLevel) }, destination({ dest: 2, sync: true })),
    discover: true,
  });
}

function levelOf(level: string): Level | "silent" {
  return isLevel(level) ? level : "warn";
}

function isLevel(level: string): level is Level | "silent" {
  return level === "silent" || level in pino.levels.values;
}

async function filter(file: string | undefined, flags: FilterFlags): Promise<void> {
  const text = await readText(file);
  const input = flags.json === true ? parseJson(text, flags.at) : parseLines(text);
  await using node = await startNode(flags, "filter_client");
  await findService(node, 2_000);
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
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("expected a whole number greater than 0");
}
