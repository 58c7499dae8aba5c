/** The command line of `otp`: a prompt, or a piece of code that is evaluated and done. */
import { ArgumentError, type Node, OtpError } from "@otp/core";
import { formatRecord, refuseSource } from "@otp/core/internal";
import { Command, CommanderError, Option } from "commander";
import { type LogFn, type Logger, pino } from "pino";

import { acceptShells } from "./accept.ts";
import { prepare } from "./input.ts";
import { evaluateThere, runHere, runThere } from "./interactive.ts";
import { describeError, ownLines, type Style } from "./print.ts";
import { Screen } from "./screen.ts";
import { Session } from "./session.ts";
import { type NodeFlags, startNode } from "./start-node.ts";
import { compile } from "./travel.ts";
import { TypedInput } from "./typed-input.ts";

interface Flags extends NodeFlags {
  readonly inspect?: true;
  readonly eval?: string;
  readonly logLevel?: string;
}

const version = "0.1.0";

/** Runs the command and resolves with the exit code; one clear line on stderr says what went wrong. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = makeProgram().action(async (file: string | undefined, flags: Flags) => {
    code = await run(file, flags);
  });
  try {
    await program.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (!OtpError.is(error)) throw error;
    process.stderr.write(`otp: ${error.message.replaceAll(/\s*\n\s*/gu, " ")}\n`);
    return 1;
  }
}

function makeProgram(): Command {
  return new Command("otp")
    .description("An interactive shell whose prompt is a process of a node.")
    .version(version)
    .exitOverride()
    .argument("[file]", "a module to load first; its exports are bound")
    .option("--sname <name>", "be a node of that name on this host, as one or one@localhost")
    .option("--name <name>", "be a node of that full name, as one@host.example")
    .addOption(new Option("--cookie <cookie>", "the cluster's secret; ~/.otp.cookie by default").env("OTP_COOKIE"))
    .addOption(new Option("--nats <url>", "the NATS server; nats://127.0.0.1:4222 by default").env("NATS_URL"))
    .addOption(new Option("--cluster <name>", "the cluster to join").env("OTP_CLUSTER").default("otp"))
    .option("--hidden", "stay out of the mesh and of global names")
    .option("--allow-overlapping-partitions", "keep connections to nodes that other nodes have lost")
    .option("--with-nats", "start a NATS server for this machine if there is none; it ends with this shell")
    .addOption(
      new Option("--log-level <level>", "what to log; by default what iex does")
        .env("OTP_LOG")
        .choices([...Object.keys(pino.levels.values), "silent"]),
    )
    .option("--remsh <node>", "attach to a running node that accepts shells: evaluate there, type and print here")
    .option("--inspect", "with --remsh: look and touch nothing")
    .option("-e, --eval <code>", "evaluate this and exit");
}

async function run(file: string | undefined, flags: Flags): Promise<number> {
  if (flags.inspect === true && flags.remsh === undefined) {
    throw new ArgumentError("--inspect looks at another node: name it with --remsh NODE");
  }
  const screen = new Screen(process.stdout);
  const style: Style = { colors: process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "" };
  const input = flags.eval === undefined ? new TypedInput() : undefined;
  // Peers find no session before there is one: what they send waits for it.
  let session: Session | null = null;
  const { node, begin, stop } = await startNode(flags, {
    stdio: { output: screen, ...(input === undefined ? {} : { input }) },
    logger: loggerOf(flags, screen, style),
    trustRemoteCode: (source, name) => {
      if (flags.remsh !== undefined) return refuseSource(source, name);
      const fn = compile(source, name);
      return session === null ? fn : session.evaluator.inProcess(fn);
    },
  });
  const onSession = (started: Session): void => {
    session = started;
  };
  const place = { node, screen, style, input: input ?? new TypedInput() };
  try {
    if (flags.remsh !== undefined) return await visitNode({ ...place, target: flags.remsh, flags });
    acceptShells(node, { access: "full" });
    if (flags.eval === undefined) {
      await runHere({ ...place, banner: bannerOf(node.isAlive), file, begin, onSession });
      return 0;
    }
    const made = await Session.start({
      node,
      style,
      begin,
      print: (text) => screen.write(text),
      onRestart: (text) => void process.stderr.write(`${text}\n`),
    });
    onSession(made);
    return await evaluate(made, file, flags.eval);
  } finally {
    await stop();
  }
}

interface Visit {
  readonly node: Node;
  readonly screen: Screen;
  readonly style: Style;
  readonly input: TypedInput;
  readonly target: string;
  readonly flags: Flags;
}

async function visitNode({ target, flags, ...place }: Visit): Promise<number> {
  const access = flags.inspect === true ? "inspect" : "full";
  const note =
    access === "full" ? `What is typed runs on ${target}.` : `What is typed looks at ${target}, and touches nothing.`;
  const banner = `${bannerOf(false)}\n${note}`;
  const visitor = { ...place, target, access, banner } as const;
  return flags.eval === undefined ? runThere(visitor) : evaluateThere(visitor, flags.eval);
}

async function evaluate(session: Session, file: string | undefined, text: string): Promise<number> {
  try {
    if (file !== undefined) await session.run(`c(${JSON.stringify(file)})`);
    const prepared = prepare(text);
    if (prepared.kind === "incomplete") throw new SyntaxError("the code is incomplete");
    if (prepared.kind === "fault") throw prepared.error;
    const { count } = session;
    await session.run(prepared.code);
    // A session that has begun anew has lost the process that the code ran in.
    return session.count > count ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return 1;
  } finally {
    session.evaluator.release();
  }
}

function loggerOf({ logLevel }: Flags, screen: Screen, { colors }: Style): Logger {
  const write = (line: string): void => {
    const text = ownLines(formatRecord(line, { colors }));
    if (process.stdout.isTTY) screen.write(text);
    else process.stderr.write(text);
  };
  const hooks = logLevel === undefined ? { logMethod: logNews } : {};
  return pino({ level: logLevel ?? "info", base: null, hooks }, { write });
}

const warn = 40;

/** Logs warnings and worse; and that a process of this cluster loses its global name, as iex tells. */
function logNews(this: Logger, args: Parameters<LogFn>, log: LogFn, level: number): void {
  const [fields]: readonly unknown[] = args;
  const isEvent = typeof fields === "object" && fields !== null && "event" in fields;
  if (level >= warn || (isEvent && fields.event === "global_name_conflict")) log.apply(this, args);
}

function bannerOf(isDistributed: boolean): string {
  const note = isDistributed ? "\nCode from shells with the same cookie runs here." : "";
  return `Interactive otp (${version}) - press Ctrl+D to exit (type h() ENTER for help)${note}`;
}
