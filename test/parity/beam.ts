/** A real Erlang that plays programs. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";

import { ErlangCodec, IdentityTable } from "@otp/core/transport";

import { packets, uint32 } from "../interop/erlang-port.ts";
import type { Program } from "./steps.ts";

const modules = [
  "oracle_text",
  "oracle_puppet",
  "oracle_steps",
  "oracle_server",
  "oracle_supervisor",
  "oracle",
  "oracle_crowd",
];
const codec = new ErlangCodec({ identities: new IdentityTable("oracle@127.0.0.1", 1) });

/** What Erlang has to say of a program. */
export interface Seen {
  /** What is to be seen after each step, line by line. */
  readonly seen: string;
  /** How late the latest step was. */
  readonly lateMs: number;
}

/** One Erlang, given one program at a time. */
export class Beam implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #questions: Writable;
  readonly #answers: AsyncIterator<Buffer, undefined>;

  /** Runs `main` of that module. */
  constructor(main = "oracle") {
    const folder = mkdtempSync(join(tmpdir(), "otp-oracle-"));
    const sources = modules.map((name) => join(import.meta.dirname, `${name}.erl`));
    const compiled = spawnSync("erlc", ["-o", folder, ...sources], { encoding: "utf8" });
    if (compiled.status !== 0) throw new Error(`erlc failed: ${compiled.stdout}${compiled.stderr}`);
    const program = `[{module, _} = code:load_abs("${folder}/" ++ M) || M <- ${JSON.stringify(modules)}], ${main}:main().`;
    // One scheduler: an empty run queue is rest. All code is loaded beforehand: nobody waits for the code server.
    const args = ["+S", "1:1", "-mode", "embedded", "-noinput", "-noshell", "-eval", program];
    this.#child = spawn("erl", args, { stdio: ["ignore", "inherit", "inherit", "pipe", "pipe"] });
    this.#folder = folder;
    const [, , , questions, answers] = this.#child.stdio;
    if (!(questions instanceof Writable) || !(answers instanceof Readable)) throw new Error("Erlang has no pipes");
    this.#questions = questions;
    this.#answers = packets(answers);
  }

  /** Plays a program, each of whose units of time takes `unit` ms. */
  async play(program: Program, unit: number): Promise<Seen> {
    const [seen = "", late] = (await this.ask([unit, [program]])).split(/late (?=\d+$)/u);
    return { seen, lateMs: Number(late) };
  }

  /** What Erlang says to a request in its own form. */
  async ask(what: unknown): Promise<string> {
    const request = codec.encode(what);
    this.#questions.write(Buffer.concat([uint32(request.length), request]));
    const { value: answer } = await this.#answers.next();
    if (answer === undefined) throw new Error("Erlang has ended");
    return answer.toString();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#questions.end();
    if (this.#child.exitCode === null) await once(this.#child, "exit");
    rmSync(this.#folder, { recursive: true });
  }
}
