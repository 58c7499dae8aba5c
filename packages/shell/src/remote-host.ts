/** A session for somebody on another node: with names of its own, and within limits. */
import type { Process } from "@otp/core";

import { type Completed, completeIn } from "./complete.ts";
import { InterruptError, within } from "./guard.ts";
import { type Evaluated, type Interpreter, LocalInterpreter } from "./interpreter.ts";
import { look, lookingFunctions } from "./looking.ts";
import { describeError, showValue } from "./print.ts";
import type { Access } from "./remote-messages.ts";
import { OwnScope } from "./scope.ts";
import { Session } from "./session.ts";

/** How long one script of a visitor may hold everybody up, in ms. */
const patienceMs = 5_000;

/** What the session is for. */
export interface HostOptions {
  readonly access: Access;
  readonly colors: boolean;
  readonly print: (text: string) => void;
  readonly onRestart: (text: string) => void;
}

/** The session of one visitor. */
export class RemoteHost implements Interpreter {
  readonly #session: Session;
  readonly #options: HostOptions;
  readonly #scripts: LocalInterpreter;
  #isEvaluating = false;
  #looks = 0;

  private constructor(session: Session, options: HostOptions) {
    this.#session = session;
    this.#options = options;
    this.#scripts = new LocalInterpreter(session, options);
  }

  /** Starts it for the visitor whom `self` stands for: output goes where that of `self` goes. */
  static async start(self: Process, options: HostOptions): Promise<RemoteHost> {
    const session = await Session.start({
      node: self.node,
      style: options,
      print: options.print,
      onRestart: options.onRestart,
      scope: new OwnScope(),
      leader: self.groupLeader,
      guard: within(patienceMs),
    });
    return new RemoteHost(session, options);
  }

  prompt(head?: string): string {
    if (this.#options.access === "full") return this.#session.prompt(head);
    return `look(${this.#session.node.name})${this.#looks + 1}> `;
  }

  async evaluate(text: string): Promise<Evaluated> {
    this.#isEvaluating = true;
    try {
      return this.#options.access === "full" ? await this.#scripts.evaluate(text) : await this.#look(text);
    } finally {
      this.#isEvaluating = false;
    }
  }

  interrupt(): void {
    if (this.#isEvaluating) this.#session.interrupt();
  }

  calm(): void {
    this.#session.calm();
  }

  async complete(line: string): Promise<Completed> {
    if (this.#options.access === "full") return completeIn(this.#session, line);
    const part = /[\w$.]*$/u.exec(line)?.[0] ?? "";
    return [[...lookingFunctions].filter((name) => name.startsWith(part)), part];
  }

  /** Ends the session and what it runs. */
  end(): void {
    this.#session.evaluator.end();
  }

  async #look(text: string): Promise<Evaluated> {
    if (text.trim() === "") return { kind: "nothing" };
    const { names } = this.#session.scope;
    try {
      const value = await this.#session.waitFor(
        look(text, (path) => path.reduce((at: unknown, name) => Reflect.get(Object(at), name), names)),
      );
      this.#looks += 1;
      return { kind: "value", text: showValue(value, this.#options) };
    } catch (error) {
      return {
        kind: "failure",
        text: describeError(error),
        isInterrupted: error instanceof InterruptError,
      };
    }
  }
}
