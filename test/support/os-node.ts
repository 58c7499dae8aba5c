/**
 * An operating-system process that runs a small TypeScript program, for tests that must kill, freeze or restart one.
 *
 * It is controlled over its standard streams and Node's own channel, never over the medium under test. The program says
 * things with `console.log` or `process.send`, and hears with `process.on("message")`. It dies with the test process,
 * whatever happens to either.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { killWithParent } from "@otp/transport-nats/local-server";

/** How a program is started. */
export interface OsNodeOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another Node.js than that of the tests. */
  readonly execPath?: string;
  /** Milliseconds that every wait may take; default 60,000, for machines that are busy. */
  readonly patienceMs?: number;
}

/** How a program ended: the code, or the signal that ended it. */
export interface OsExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts `program`, a path or file URL of a TypeScript file, as a process of its own. */
export function osNode(program: string | URL, options: OsNodeOptions = {}): OsNode {
  return new OsNode(program instanceof URL ? fileURLToPath(program) : program, options);
}

export type { OsNode };

/** A running program; `await using` kills it. */
class OsNode implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #program: string;
  readonly #patienceMs: number;
  readonly #lines: string[] = [];
  readonly #messages: unknown[] = [];
  readonly #news = new EventEmitter();
  #exit: OsExit | undefined;

  constructor(program: string, options: OsNodeOptions) {
    this.#program = program;
    this.#patienceMs = options.patienceMs ?? 60_000;
    const flags = ["--conditions=@otp/source", "--import", "tsx"];
    const child = spawn(options.execPath ?? process.execPath, [...flags, program, ...(options.args ?? [])], {
      cwd: options.cwd ?? import.meta.dirname,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    const lifeline = child.pid === undefined ? undefined : killWithParent(child.pid);
    for (const input of [child.stdout, child.stderr]) {
      if (input === null) throw new Error("the program's output is not piped");
      createInterface({ input }).on("line", (line) => {
        this.#lines.push(line);
        this.#news.emit("news");
      });
    }
    child.on("message", (message) => {
      this.#messages.push(message);
      this.#news.emit("news");
    });
    child.on("error", (error) => {
      this.#lines.push(String(error));
    });
    // "close" and not "exit": then everything it wrote has been read.
    child.once("close", (code, signal) => {
      lifeline?.release();
      this.#exit = { code, signal };
      this.#news.emit("news");
    });
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#program} could not be started`);
    return pid;
  }

  /** Every line written so far to either stream. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Everything sent so far with `process.send`. */
  get messages(): readonly unknown[] {
    return this.#messages;
  }

  /** Sends `message` to the program's `process.on("message")`. */
  send(message: object | string): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** Writes to the program's standard input. */
  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Waits for a line that contains `part` or matches it, also one written before; `from` skips earlier lines. */
  async line(part: string | RegExp, from = 0): Promise<string> {
    const fits = (line: string): boolean => (typeof part === "string" ? line.includes(part) : part.test(line));
    return this.#await(() => this.#lines.slice(from).find(fits), `a line like ${String(part)}`);
  }

  /** Waits for a message for which `fits` holds, also one sent before. */
  async message<T>(fits: (message: unknown) => message is T): Promise<T> {
    const { message } = await this.#await(() => {
      const found = this.#messages.find(fits);
      return found === undefined ? undefined : { message: found };
    }, "the awaited message");
    return message;
  }

  /** Waits for the end of the program. */
  async exit(): Promise<OsExit> {
    return this.#await(() => this.#exit, "the end");
  }

  /** Sends a signal. */
  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends the program at once, as a crash of the machine would, and waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#exit === undefined) this.#child.kill("SIGKILL");
    await this.exit();
  }

  /** Freezes the program: it lives, and does nothing. */
  freeze(): void {
    this.signal("SIGSTOP");
  }

  /** Lets a frozen program go on. */
  thaw(): void {
    this.signal("SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  async #await<T>(look: () => T | undefined, what: string): Promise<T> {
    const late = AbortSignal.timeout(this.#patienceMs);
    for (let found = look(); ; found = look()) {
      if (found !== undefined) return found;
      if (late.aborted || this.#exit !== undefined) throw new Error(this.#complaint(what));
      // Rejects when time is up; the loop then sees that for itself.
      await once(this.#news, "news", { signal: late }).catch(() => undefined);
    }
  }

  #complaint(what: string): string {
    const state = this.#exit === undefined ? "is still running" : `ended with ${JSON.stringify(this.#exit)}`;
    return `${this.#program}: ${what} did not come; it ${state} and wrote:\n${this.#lines.slice(-30).join("\n")}`;
  }
}
