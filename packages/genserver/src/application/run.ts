/**
 * run: the `main()` of a program. It starts a node, the application with all it depends on, waits for a signal or for an end,
 * and stops everything in order, within a time limit.
 *
 * | what happens | exit code |
 * | --- | --- |
 * | SIGINT or SIGTERM, and all has stopped in time | 0 |
 * | a second signal meanwhile | none: the signal ends the program at once |
 * | the application finishes (`Application.finish`) | the one given |
 * | it does not start; the top of its tree gives up; it does not stop in time | 1, and a line on stderr |
 *
 * The whole of a `main.ts`: `await run(KvBuckets, process.argv);`
 */
import { CallError, formatReason, Node, type NodeOptions, OtpError, type Process, StartError } from "@otp/core";
import { show } from "@otp/core/internal";
import type { TimerHandle } from "@otp/core/runtime";

import { stop } from "../gen-server/client.ts";
import type { ApplicationCallbacks, ApplicationClass, ApplicationOptions } from "./callbacks.ts";
import { nameOf, processName, programName, runningOn } from "./environment.ts";
import { causeOf } from "./master.ts";
import { operatingSystem, type ProgramHost } from "./program-host.ts";
import { inOrder, startAll } from "./starting.ts";

/** What a program has made of its command line. */
export interface Configuration<Env> {
  /** What the application is started with. */
  readonly env: Env;
  /** How the node is started; by default without a name. */
  readonly node?: NodeOptions;
  /** How long stopping may take, in ms; then the program ends at once. Default 10,000. */
  readonly stopTimeoutMs?: number;
}

/** An application that is a program. */
export interface ProgramClass<Env> {
  new (): ApplicationCallbacks<Env>;
  readonly name: string;
  readonly options: ApplicationOptions;
  /**
   * Reads the command line; a number is an exit code: there is nothing to start, and the user knows why. Without it, the
   * command takes no arguments, and the application no environment.
   */
  configure?(argv: readonly string[]): Configured<Env>;
}

type Configured<Env> = Configuration<Env> | number | PromiseLike<Configuration<Env> | number>;

/** Runs an application as the program that it is, and resolves to the exit code when it has stopped. */
export async function run<Env>(
  application: ProgramClass<Env>,
  argv: readonly string[],
  host: ProgramHost = operatingSystem(),
): Promise<number> {
  const { code, line, when = "soon" } = await live(application, argv, host);
  // One line, whatever the reason had to say.
  if (line !== undefined) host.say(`${nameOf(application)}: ${line.replaceAll(/\s*\n\s*/gu, " ")}`);
  host.end(code, when);
  return code;
}

/** How a program ends. */
interface Ending {
  readonly code: number;
  /** What the user has to know. */
  readonly line?: string;
  readonly when?: "at once";
}

async function live<Env>(application: ProgramClass<Env>, argv: readonly string[], host: ProgramHost): Promise<Ending> {
  let release = (): void => undefined;
  try {
    const configuration = await configured(application, argv, host);
    if (typeof configuration === "number") return { code: configuration };
    const signalled = new Promise<Ending>((resolve) => {
      release = host.onSignal(() => resolve({ code: 0 }));
    });
    const { env, node: options, stopTimeoutMs = 10_000 } = configuration;
    const node = await Node.start(options);
    const ending = await Promise.race([signalled, untilEnd(node, application, env)]);
    if (await stopsWithin(node, stopTimeoutMs)) return ending;
    return { code: 1, line: `did not stop within ${stopTimeoutMs} ms and is ended at once`, when: "at once" };
  } catch (error) {
    if (OtpError.is(error)) return { code: 1, line: error.message };
    throw error;
  } finally {
    release();
  }
}

/** What the command line says; programs that do not read it take nothing but a plea for help. */
function configured<Env>(application: ProgramClass<Env>, argv: readonly string[], host: ProgramHost): Configured<Env> {
  if (application.configure !== undefined) return application.configure(argv);
  const [argument] = argv.slice(2);
  // Without `configure` there is nothing that `start` could be given.
  if (argument === undefined) return { env: undefined as Env };
  const { description } = application.options;
  const usage = `${nameOf(application)}${description === undefined ? "" : `: ${description}`}; it takes no arguments`;
  if (argument === "--help" || argument === "-h") {
    host.print(`${usage}\n`);
    return 0;
  }
  host.say(`${usage}. Got: ${argument}`);
  return 1;
}

/** Starts everything and waits until one of the applications ends or finishes. */
async function untilEnd(node: Node, application: ApplicationClass, env: unknown): Promise<Ending> {
  try {
    await startAll(node, inOrder([application, env]));
  } catch (error) {
    if (error instanceof StartError) return { code: 1, line: explainStart(error) };
    throw error;
  }
  return new Promise((resolve) => {
    node.spawn(async (self: Process) => resolve(await firstEnd(self)));
  });
}

/** Names the child that keeps the tree from starting, however deep in it, and why. */
function explainStart({ reason, message }: StartError): string {
  let cause = reason;
  let path = "";
  for (let failed = failedChild(cause); failed !== undefined; failed = failedChild(cause)) {
    path += ` ${typeof failed.id === "string" ? failed.id : show(failed.id)}:`;
    cause = failed.reason;
  }
  return path === "" ? message : `could not start${path} ${formatReason(cause)}`;
}

function failedChild(reason: unknown): { readonly id: unknown; readonly reason: unknown } | undefined {
  const inner = fieldOf(fieldOf(reason, "shutdown"), "failedToStartChild");
  return inner === undefined ? undefined : { id: fieldOf(inner, "id"), reason: fieldOf(inner, "reason") };
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Waits in a process of the program's own. */
async function firstEnd(self: Process): Promise<Ending> {
  self.register(programName);
  for (const { name } of runningOn(self.node)) self.monitor(processName(name));
  const message = await self.receive(isNews);
  if (message.type === "finish") return { code: message.exitCode };
  const { reason } = message;
  if (reason === "normal") return { code: 0 };
  return { code: 1, line: `gave up, for the top of its tree has ended: ${formatReason(causeOf(reason))}` };
}

type News =
  | { readonly type: "finish"; readonly exitCode: number }
  | { readonly type: "DOWN"; readonly reason: unknown };

function isNews(message: unknown): message is News {
  if (typeof message !== "object" || message === null || !("type" in message)) return false;
  return message.type === "DOWN" || (message.type === "finish" && "exitCode" in message);
}

/** Stops the applications, the last one first, and then the node; false when that takes longer than `ms`. */
async function stopsWithin(node: Node, ms: number): Promise<boolean> {
  let timer: TimerHandle | undefined;
  const late = new Promise<false>((resolve) => {
    timer = Node.kernelOf(node).runtime.setTimer(ms, () => resolve(false), false);
  });
  const stopped = stopAll(node).then(() => true);
  try {
    return await Promise.race([stopped, late]);
  } finally {
    timer?.cancel();
  }
}

async function stopAll(node: Node): Promise<void> {
  for (const { name } of runningOn(node).toReversed()) {
    try {
      await stop(node, processName(name), "shutdown");
    } catch (error) {
      // It has ended by itself, which has been reported.
      if (!(error instanceof CallError)) throw error;
    }
  }
  await node.stop();
}
