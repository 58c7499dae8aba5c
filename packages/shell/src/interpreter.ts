/** What stands behind a prompt: a session here, or one on another node. */
import { type Completed, completeIn } from "./complete.ts";
import { InterruptError } from "./guard.ts";
import { prepare } from "./input.ts";
import { describeError, showValue, type Style } from "./print.ts";
import { ended, type Session } from "./session.ts";

/** What an input came to: a text to print, or nothing; `incomplete` when the input goes on in the next line. */
export type Evaluated =
  | { readonly kind: "incomplete" }
  | { readonly kind: "nothing" }
  | { readonly kind: "value"; readonly text: string; readonly value?: unknown }
  | { readonly kind: "failure"; readonly text: string; readonly isInterrupted: boolean };

/** Evaluates inputs, one at a time. */
export interface Interpreter {
  /** `otp(name)1> `, or with dots where an input goes on. */
  prompt(head?: string): string;
  evaluate(text: string): Promise<Evaluated>;
  /** Gives up what is waited for, or what is about to run. */
  interrupt(): void;
  /** An interruption that found nothing to interrupt is over. */
  calm(): void;
  complete(line: string): Promise<Completed>;
}

/** A session of this program. */
export class LocalInterpreter implements Interpreter {
  readonly #session: Session;
  readonly #style: Style;

  constructor(session: Session, style: Style) {
    this.#session = session;
    this.#style = style;
  }

  prompt(head?: string): string {
    return this.#session.prompt(head);
  }

  async evaluate(text: string): Promise<Evaluated> {
    const prepared = prepare(text);
    if (prepared.kind === "incomplete") return prepared;
    if (prepared.kind === "fault") return failureOf(prepared.error);
    try {
      const value = await this.#session.run(prepared.code);
      if (prepared.code === "" || value === ended) return { kind: "nothing" };
      return { kind: "value", text: showValue(value, this.#style), value };
    } catch (error) {
      return failureOf(error);
    }
  }

  interrupt(): void {
    this.#session.interrupt();
  }

  calm(): void {
    this.#session.calm();
  }

  complete(line: string): Promise<Completed> {
    return completeIn(this.#session, line);
  }
}

function failureOf(error: unknown): Evaluated {
  return { kind: "failure", text: describeError(error), isInterrupted: error instanceof InterruptError };
}
