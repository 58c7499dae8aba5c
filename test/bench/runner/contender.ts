/** One contender as a process of its own, driven line by line: `row size` goes in, a JSON object comes out. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { killWithParent, type Lifeline } from "@otp/transport-nats/local-server";

import { offspringCpuMs } from "./process-cpu.ts";

/** How a contender is started. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What a contender says of one run. */
export interface Sample {
  readonly value: number;
  /** CPU time of the contender's process during the run, in ms. */
  readonly cpuMs: number;
  /** The same with all processes that it has started, where that can be found out. */
  readonly allCpuMs: number | undefined;
  readonly extra: Readonly<Record<string, unknown>>;
}

/** A running contender. */
export class Contender implements Disposable {
  readonly #child: ChildProcess;
  readonly #lifeline: Lifeline | undefined;
  readonly #lines: AsyncIterator<string>;
  #complaints = "";

  constructor({ file, args, env }: Command) {
    const child = spawn(file, [...args], { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    this.#lifeline = child.pid === undefined ? undefined : killWithParent(child.pid);
    child.stderr.on("data", (chunk: Buffer) => {
      this.#complaints = (this.#complaints + chunk.toString()).slice(-2_000);
    });
    child.on("error", (error) => {
      this.#complaints += error.message;
    });
    // Writing to one who has ended is noticed by the missing answer.
    child.stdin.on("error", () => undefined);
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  /** Does one run. @throws Error with what the contender says, or has said before it died. */
  async run(row: string, size: number, patienceMs: number): Promise<Sample> {
    const before = this.#offspringCpuMs();
    this.#child.stdin?.write(`${row} ${String(size)}\n`);
    const late = setTimeout(() => {
      this.#complaints += `no answer within ${String(patienceMs)} ms`;
      this.#child.kill("SIGKILL");
    }, patienceMs);
    try {
      const { value: line, done } = await this.#lines.next();
      if (done === true) throw new Error(`ended without an answer: ${this.#complaints.trim()}`);
      const after = this.#offspringCpuMs();
      const sample = readSample(line);
      const allCpuMs = before === undefined || after === undefined ? undefined : sample.cpuMs + after - before;
      return { ...sample, allCpuMs };
    } finally {
      clearTimeout(late);
    }
  }

  #offspringCpuMs(): number | undefined {
    return this.#child.pid === undefined ? undefined : offspringCpuMs(this.#child.pid);
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
    this.#lifeline?.release();
  }
}

function readSample(line: string): Omit<Sample, "allCpuMs"> {
  const said: unknown = JSON.parse(line);
  if (typeof said !== "object" || said === null) throw new Error(`not an answer: ${line}`);
  if ("error" in said) throw new Error(String(said.error));
  const value = "value" in said ? Number(said.value) : Number.NaN;
  if (!Number.isFinite(value)) throw new Error(`no value in: ${line}`);
  const extra = "extra" in said && typeof said.extra === "object" && said.extra !== null ? said.extra : {};
  return { value, cpuMs: "cpuMs" in said ? Number(said.cpuMs) : Number.NaN, extra: { ...extra } };
}
