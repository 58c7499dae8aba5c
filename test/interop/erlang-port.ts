/** A real Erlang as a child process that answers questions about terms. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";

/** Why there is no Erlang to ask, or null when there is one. */
export function missingErlang(): string | null {
  const { error, status } = spawnSync("erl", ["-noshell", "-eval", "halt()."], { timeout: 30_000 });
  if (error === undefined && status === 0) return null;
  return `no Erlang found (${error?.message ?? `erl ended with ${String(status)}`}); on Debian: apt-get install erlang-base`;
}

/** One Erlang, asked one question at a time. */
export class ErlangPort implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #questions: Writable;
  readonly #answers: AsyncIterator<Buffer, undefined>;

  constructor() {
    const program = `{ok, M, B} = compile:file("${join(import.meta.dirname, "answer.erl")}", [binary]),
      {module, M} = code:load_binary(M, "answer", B), M:main().`;
    this.#child = spawn("erl", ["-noinput", "-noshell", "-eval", program], {
      stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"],
    });
    const [, , , questions, answers] = this.#child.stdio;
    if (!(questions instanceof Writable) || !(answers instanceof Readable)) throw new Error("Erlang has no pipes");
    this.#questions = questions;
    this.#answers = packets(answers);
  }

  /** Erlang's own encoding of what it reads in `term`. */
  echo(term: Uint8Array): Promise<Buffer> {
    return this.#ask("echo", term);
  }

  /** How Erlang prints `term`. */
  async show(term: Uint8Array): Promise<string> {
    return (await this.#ask("show", term)).toString();
  }

  /** Whether Erlang finds both exactly equal. */
  async same(one: Uint8Array, other: Uint8Array): Promise<boolean> {
    return (await this.#ask("same", uint32(one.length), one, other))[0] === 1;
  }

  /** A random term: of `any` kind, or of those that are `kept` as they are by a trip through us. */
  random(kind: "any" | "kept", seed: number): Promise<Buffer> {
    return this.#ask(kind === "any" ? "term" : "kept", uint32(seed));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#questions.end();
    if (this.#child.exitCode === null) await once(this.#child, "exit");
  }

  async #ask(what: string, ...parts: readonly Uint8Array[]): Promise<Buffer> {
    const request = Buffer.concat([Buffer.from(what), ...parts]);
    this.#questions.write(Buffer.concat([uint32(request.length), request]));
    const { value: answer } = await this.#answers.next();
    if (answer === undefined) throw new Error("Erlang has ended");
    if (answer[0] !== 0) throw new Error(`Erlang failed to ${what} with ${answer.subarray(1).toString()}`);
    return answer.subarray(1);
  }
}

/** A length as packets begin with. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * The packets of a stream, each after its length.
 *
 * @yields each packet without its length
 */
export async function* packets(stream: Readable): AsyncGenerator<Buffer, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
      const end = 4 + rest.readUInt32BE();
      yield rest.subarray(4, end);
      rest = rest.subarray(end);
    }
  }
}
