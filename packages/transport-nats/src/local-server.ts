/**
 * Starts a private nats-server for development and tests: a free port of 127.0.0.1, files in a temporary folder, gone
 * with this process. A server that runs already, for instance on 4222, is never touched.
 *
 * It is a tool beside the machine and not part of it: it lives in real time and takes no `Runtime`.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { TransportError } from "@otp/core";

import { findNatsServer, howToGetNatsServer } from "./find-server.ts";
import { killWithParent } from "./lifeline.ts";

export { findNatsServer, howToGetNatsServer } from "./find-server.ts";
export { killWithParent, type Lifeline } from "./lifeline.ts";

/** How a local server is started. */
export interface LocalServerOptions {
  /** The binary; default: what `findNatsServer` finds. */
  readonly binary?: string;
  /** The port; default: a free one, chosen by the server itself. */
  readonly port?: number;
  /** Further lines of the server's configuration, for instance an `authorization` block. */
  readonly config?: string;
  /** Milliseconds to wait until it listens; default 10,000. */
  readonly startTimeoutMs?: number;
}

const logLinesKept = 200;

/** Starts a server and resolves once it listens; rejects with a `TransportError` that says what to do. */
export async function startLocalServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  const binary = options.binary ?? findNatsServer();
  if (binary === undefined) throw new TransportError(`There is no nats-server on this machine: ${howToGetNatsServer}.`);
  const server = new LocalServer(binary, options);
  try {
    await server.restart();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

export type { LocalServer };

/** A nats-server that belongs to this process; `await using` stops it. */
class LocalServer implements AsyncDisposable {
  readonly #binary: string;
  readonly #folder: string;
  readonly #options: LocalServerOptions;
  #run: Run | undefined;
  #port: number;
  #log: string[] = [];

  constructor(binary: string, options: LocalServerOptions) {
    this.#binary = binary;
    this.#options = options;
    this.#port = options.port ?? -1;
    this.#folder = mkdtempSync(join(tmpdir(), "otp-nats-"));
  }

  /** Where clients connect: `nats://127.0.0.1:PORT`; the same after a restart. */
  get url(): string {
    return `nats://127.0.0.1:${String(this.#port)}`;
  }

  get port(): number {
    return this.#port;
  }

  /** The server's process id; undefined while it does not run. */
  get pid(): number | undefined {
    return this.#run?.child.pid;
  }

  /** The last lines the server wrote. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** Ends the server at once, as a crash would; `restart` brings it back on the same port. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Ends the server if it runs, and starts it again on the same port. */
  async restart(): Promise<void> {
    await this.kill();
    await this.#launch();
  }

  /** Freezes the server: connections stay open and silent. */
  pause(): void {
    this.#run?.child.kill("SIGSTOP");
  }

  /** Lets a frozen server go on. */
  resume(): void {
    this.#run?.child.kill("SIGCONT");
  }

  /** Ends the server for good and removes its files. */
  async stop(): Promise<void> {
    // A frozen server takes SIGTERM only after it has been thawed.
    this.resume();
    await this.#end("SIGTERM");
    await rm(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #launch(): Promise<void> {
    const config = join(this.#folder, "server.conf");
    writeFileSync(config, `listen: "127.0.0.1:${String(this.#port)}"\n${this.#options.config ?? ""}\n`);
    const child = spawn(this.#binary, ["-c", config], {
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "pipe"],
      // Its own session, so that a Ctrl-C meant for this process does not pull the server away from under it.
      detached: true,
    });
    const lifeline = child.pid === undefined ? undefined : killWithParent(child.pid, this.#folder);
    const exited = once(child, "exit").then(
      () => {
        lifeline?.release();
      },
      (error: unknown) => {
        this.#log.push(String(error));
      },
    );
    this.#run = { child, exited };
    this.#port = await this.#listening(child, exited);
    child.unref();
    if (child.stderr instanceof Socket) child.stderr.unref();
  }

  /** Resolves with the port that the server says it listens on. */
  async #listening(child: ChildProcess, exited: Promise<void>): Promise<number> {
    const { stderr } = child;
    if (stderr === null) throw new TransportError("The nats-server was started without its log.");
    const patience = this.#options.startTimeoutMs ?? 10_000;
    let port: number | undefined;
    const ready = new Promise<number>((resolve) => {
      createInterface({ input: stderr }).on("line", (line) => {
        this.#log = [...this.#log.slice(1 - logLinesKept), line];
        port = port ?? portIn(line);
        if (port !== undefined && line.endsWith("Server is ready")) resolve(port);
      });
    });
    const late = AbortSignal.timeout(patience);
    const outcome = await Promise.race([
      ready,
      exited.then(() => "ended before it was ready"),
      once(late, "abort").then(() => `was not ready after ${String(patience)} ms`),
    ]);
    if (typeof outcome === "number") return outcome;
    throw new TransportError(`${this.#binary} ${outcome}. It said:\n${this.#log.slice(-10).join("\n")}`);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    run.child.ref();
    run.child.kill(signal);
    await run.exited;
  }
}

interface Run {
  readonly child: ChildProcess;
  /** Resolves when it has ended, or could not be started. */
  readonly exited: Promise<void>;
}

function portIn(line: string): number | undefined {
  const port = /Listening for client connections on \S+:(\d+)$/.exec(line)?.[1];
  return port === undefined ? undefined : Number(port);
}
