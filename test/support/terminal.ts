/** The command `otp`, or another program, in a pseudo-terminal, which Debian's `script` makes: what a person sees and types. */
import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { killWithParent } from "@otp/transport-nats/local-server";

const shell = new URL("../../packages/shell/src/bin.ts", import.meta.url);
const built = fileURLToPath(new URL("../../packages/shell/bin/otp.js", import.meta.url));
const complaint = "the terminal is not as it was";
const promptAtEnd = /(?:otp|look|\.\.\.)\([^\n)]*\)\d*> $/u;
const patienceMs = 90_000;

/** How a shell is started. */
export interface TerminalOptions {
  /** The source of another program than the shell. */
  readonly program?: URL;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether to run what was built, and not the sources. */
  readonly isBuilt?: boolean;
}

/** A shell in a terminal; `await using` ends it. */
export class Terminal implements AsyncDisposable {
  readonly #child;
  readonly #home = mkdtempSync(join(tmpdir(), "otp-shell-"));
  readonly #news = new EventEmitter();
  #text = "";
  #mark = 0;
  #code: number | null | undefined;

  constructor({ program = shell, args = [], env = {}, isBuilt = false }: TerminalOptions = {}) {
    const sources = ["--conditions=@otp/source", "--import", "tsx", fileURLToPath(program)];
    const command = [process.execPath, ...(isBuilt ? [built] : sources), ...args]
      .map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
      .join(" ");
    // The shell in between stays, as npx does: what reaches the whole group reaches it.
    const quoted = `stty cols 250 rows 50; was=$(stty -g); ${command}; code=$?
      [ "$was" = "$(stty -g)" ] || echo "${complaint}"; exit $code`;
    this.#child = spawn("script", ["-qefc", quoted, "/dev/null"], {
      cwd: import.meta.dirname,
      env: {
        ...process.env,
        HOME: this.#home,
        NO_COLOR: "1",
        TERM: "xterm",
        SHELL: "/bin/sh",
        OTP_COOKIE: "secret",
        ...env,
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const lifeline = this.#child.pid === undefined ? undefined : killWithParent(this.#child.pid);
    this.#child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      this.#text += piece;
      this.#news.emit("news");
    });
    this.#child.once("close", (code) => {
      lifeline?.release();
      this.#code = code;
      this.#news.emit("news");
    });
  }

  /** Everything that came so far, without the terminal's control sequences. */
  get text(): string {
    return plain(this.#text);
  }

  /** Types a line and Enter; `sees` then looks behind it. */
  enter(line: string): void {
    this.type(`${line}\r`);
  }

  /** Types keys. */
  type(keys: string): void {
    this.#mark = this.#text.length;
    this.#child.stdin.write(keys);
  }

  /** Waits for what was typed last to be answered by `part`; the match. */
  async sees(part: RegExp | string): Promise<RegExpExecArray> {
    const wanted = typeof part === "string" ? new RegExp(escape(part), "u") : part;
    return this.#await(() => wanted.exec(plain(this.#text.slice(this.#mark))) ?? undefined, String(part));
  }

  /** Enters a line and waits for `part`. */
  async ask(line: string, part: RegExp | string): Promise<RegExpExecArray> {
    this.enter(line);
    return this.sees(part);
  }

  /** Enters a line and waits for the next prompt; what came between them. */
  async run(line: string): Promise<string> {
    this.enter(line);
    return this.#await(() => {
      const typed = plain(this.#text.slice(this.#mark));
      const [, answer] = /^[^]*?\n([^]*)$/u.exec(typed.slice(typed.indexOf(line) + line.length)) ?? [];
      if (!typed.includes(line) || answer === undefined || !promptAtEnd.test(answer)) return undefined;
      return answer.replace(promptAtEnd, "").trimEnd();
    }, `the answer to ${line}`);
  }

  /** Enters a line until its answer is as wanted. */
  async until(line: string, wanted: RegExp | string): Promise<string> {
    const late = AbortSignal.timeout(patienceMs);
    for (;;) {
      // One after the other, since it is one terminal.
      const answer = await this.run(line);
      if (typeof wanted === "string" ? answer === wanted : wanted.test(answer)) return answer;
      if (late.aborted) throw new Error(`${line} never came to ${String(wanted)}; at last it was: ${answer}`);
    }
  }

  /** Waits for the end; the exit code. The terminal must be as it was. */
  async exit(): Promise<number | null> {
    const { code } = await this.#await(() => (this.#code === undefined ? undefined : { code: this.#code }), "the end");
    if (this.text.includes(complaint)) throw new Error(complaint);
    return code;
  }

  /** Ends it at once, without a goodbye. */
  async kill(): Promise<void> {
    // The terminal hangs up, and takes the shell along.
    if (this.#code === undefined) this.#child.kill("SIGKILL");
    await this.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#home, { recursive: true, force: true });
  }

  async #await<T>(look: () => T | undefined, what: string): Promise<T> {
    const late = AbortSignal.timeout(patienceMs);
    for (let found = look(); ; found = look()) {
      if (found !== undefined) return found;
      if (late.aborted || this.#code !== undefined) {
        throw new Error(`${what} did not come; the terminal shows:\n${this.text.slice(-2_000)}`);
      }
      await once(this.#news, "news", { signal: late }).catch(() => undefined);
    }
  }
}

function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- that is what terminals are told
  return text.replaceAll(/\u001B\[[\d;?]*[A-Za-z]|\r/gu, "");
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`);
}
