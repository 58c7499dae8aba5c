/** The command line. */
import { hostname, userInfo } from "node:os";

import type { NodeOptions } from "@otp/core";
import type { Configuration } from "@otp/genserver";
import { nats } from "@otp/transport-nats";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { destination, pino } from "pino";

import type { ChatEnv } from "./application.ts";
import { commandHelp, isName } from "./command.ts";

interface Flags {
  readonly nick: string;
  readonly name?: string;
  readonly nats?: string;
  readonly cluster: string;
  readonly cookie?: string;
  readonly tickTime: number;
  readonly logLevel: string;
}

/** Reads the command line; commander has told the user everything where the result is an exit code. */
export async function configure(argv: readonly string[]): Promise<Configuration<ChatEnv> | number> {
  const program = new Command("chat-rooms")
    .description("Talks with others in rooms; each of you is a node of one cluster.")
    .version("0.1.0")
    .exitOverride()
    .argument("[rooms...]", "the rooms to join at the start", ["lobby"])
    .option("--nick <nick>", "what others call you", readName, userInfo().username.replaceAll(/[^\p{L}\p{N}_-]/gu, "_"))
    .addOption(
      new Option("--name <name>", "the node's name, as ann@localhost; one is made up by default").env("OTP_NAME"),
    )
    .addOption(new Option("--nats <url>", "the NATS server; nats://127.0.0.1:4222 by default").env("NATS_URL"))
    .addOption(new Option("--cluster <name>", "the cluster to join").env("OTP_CLUSTER").default("chat"))
    .addOption(new Option("--cookie <cookie>", "the cluster's secret; ~/.otp.cookie by default").env("OTP_COOKIE"))
    .addOption(
      new Option("--tick-time <ms>", "after how much silence somebody counts as lost")
        .env("OTP_TICK_TIME")
        .argParser(readPositive)
        .default(10_000),
    )
    .addOption(
      new Option("--log-level <level>", "what to log on stderr")
        .env("OTP_LOG")
        .default("fatal")
        .choices(["silent", ...Object.keys(pino.levels.values)]),
    )
    .addHelpText("after", `\nWhat you can type:\n${commandHelp}\n\nWithout a terminal it reads what to do from stdin.`);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    throw error;
  }
  const flags = program.opts<Flags>();
  const rooms = program.args.length === 0 ? ["lobby"] : program.args.map((room) => room.replace(/^#/u, ""));
  const wrong = rooms.find((room) => !isName(room));
  if (wrong !== undefined) {
    process.stderr.write(`chat-rooms: expected rooms of letters, digits, _ and -. Got: ${wrong}\n`);
    return 1;
  }
  const hasColors = process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";
  return { env: { nick: flags.nick, rooms, hasColors }, node: nodeOptions(flags) };
}

function nodeOptions({ name, nick, nats: servers, cluster, cookie, tickTime, logLevel }: Flags): NodeOptions {
  const host = hostname().split(".")[0] ?? "localhost";
  return {
    // A nick may have letters that a node's name may not.
    name: name ?? `chat_${nick.replaceAll(/\W/gu, "_")}_${process.pid}@${host}`,
    ...(cookie === undefined ? {} : { cookie }),
    transport: nats({ cluster, ...(servers === undefined ? {} : { servers }) }),
    logger: pino({ level: logLevel, base: null }, destination({ dest: 2, sync: true })),
    tickTimeMs: tickTime,
    discover: true,
  };
}

function readName(text: string): string {
  if (isName(text)) return text;
  throw new InvalidArgumentError("expected up to 32 letters, digits, _ and -");
}

function readPositive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0 && value < 2 ** 31) return value;
  throw new InvalidArgumentError("expected a whole number greater than 0");
}
