/** The prompt: Node's own REPL for editing and history, with an interpreter behind it. */
import { homedir } from "node:os";
import { join } from "node:path";
import { Recoverable, type REPLServer, start } from "node:repl";

import type { Completed } from "./complete.ts";
import type { Interpreter } from "./interpreter.ts";
import { Keyboard, type Source } from "./keyboard.ts";
import { describeError, Failure, paint, Shown, showValue, type Style } from "./print.ts";
import type { Screen } from "./screen.ts";
import type { TypedInput } from "./typed-input.ts";

/** What a prompt is made of. */
export interface PromptParts {
  readonly interpreter: Interpreter;
  readonly screen: Screen;
  readonly keys: Source;
  /** What processes read when they ask for a line. */
  readonly input: TypedInput;
  readonly style: Style;
  /** Told when the prompt is there, before anything is evaluated. */
  readonly onStart?: () => void;
}

type Done = (error: Error | null, value?: unknown) => void;

/** Where inputs are typed and what they come to is shown. */
export class Prompt {
  readonly #parts: PromptParts;
  readonly #keyboard: Keyboard;
  #server: REPLServer | null = null;
  #isContinued = false;
  #isEvaluating = false;
  #question: AbortController | null = null;

  constructor(parts: PromptParts) {
    this.#parts = parts;
    this.#keyboard = new Keyboard(parts.keys);
    this.#keyboard.onInterrupt = () => this.#interrupt();
  }

  /** Shows the number that the next input has now. */
  renew(): void {
    const { screen, interpreter } = this.#parts;
    if (this.#server !== null && screen.isEdited && this.#question === null) screen.edit(this.#server, this.#head());
    else this.#server?.setPrompt(interpreter.prompt());
  }

  /** Lets the user type until they leave, or until `leave`. */
  run(): Promise<void> {
    const { screen, style, input } = this.#parts;
    const server = start({
      prompt: this.#head(),
      input: this.#keyboard,
      output: process.stdout,
      terminal: process.stdin.isTTY && process.stdout.isTTY,
      useGlobal: true,
      useColors: style.colors,
      preview: false,
      writer: (value: unknown) => (value instanceof Shown ? value.text : showValue(value, style)),
      eval: (text, _context, _file, done: Done) => void this.#evaluate(text, done),
    });
    this.#server = server;
    this.#adapt(server);
    screen.edit(server, this.#head());
    this.#parts.onStart?.();
    input.serve(() => this.#ask(server));
    const complain = (error: unknown): void => {
      screen.write(`${paint(describeError(error), "red", style)}\n`);
    };
    process.on("unhandledRejection", complain);
    return new Promise((resolve) => {
      server.on("exit", () => {
        process.off("unhandledRejection", complain);
        screen.leave();
        this.#server = null;
        resolve();
      });
    });
  }

  /** Ends `run`. */
  leave(): void {
    this.#server?.close();
  }

  #head(): string {
    const { interpreter } = this.#parts;
    return this.#isContinued ? interpreter.prompt("...") : interpreter.prompt();
  }

  #adapt(server: REPLServer): void {
    const { screen, interpreter } = this.#parts;
    Object.assign(server, {
      displayPrompt: (preserveCursor?: boolean) => {
        screen.edit(server, this.#question === null ? this.#head() : "");
        server.prompt(preserveCursor);
        interpreter.calm();
        this.#keyboard.open();
      },
      completer: (line: string, done: (error: Error | null, found?: Completed) => void) => {
        void answer(interpreter, line, done);
      },
    });
    // What was typed of a longer input is given up.
    server.prependListener("SIGINT", () => {
      this.#isContinued = false;
    });
    if (server.terminal) {
      server.setupHistory(process.env["OTP_HISTORY"] ?? join(homedir(), ".otp_history"), () => undefined);
    }
  }

  async #evaluate(text: string, done: Done): Promise<void> {
    const { screen, interpreter, style } = this.#parts;
    screen.leave();
    screen.newLine();
    this.#isContinued = false;
    this.#isEvaluating = true;
    const outcome = await interpreter.evaluate(text);
    this.#isEvaluating = false;
    // The result ends the line that an output has begun.
    if (outcome.kind === "value" || outcome.kind === "failure") screen.newLine();
    switch (outcome.kind) {
      case "incomplete":
        this.#isContinued = true;
        done(new Recoverable(new SyntaxError("incomplete")));
        return;
      case "nothing":
        done(null);
        return;
      case "value":
        done(null, "value" in outcome ? outcome.value : new Shown(outcome.text));
        return;
      case "failure":
        if (outcome.isInterrupted) this.#keyboard.forget();
        done(null, new Failure(`${outcome.text}${outcome.isInterrupted ? " (Ctrl-C again leaves)" : ""}`, style));
        return;
    }
  }

  #interrupt(): void {
    const { interpreter, input, screen } = this.#parts;
    if (this.#question !== null) {
      // Whoever asked gets an empty line, and the next input is one again.
      this.#question.abort();
      this.#question = null;
      screen.erase();
      screen.leave();
      screen.newLine();
      input.give("\n");
    }
    if (this.#isEvaluating) interpreter.interrupt();
    else this.#server?.displayPrompt();
  }

  /** Lets the next line be the answer to a process that asked; what is half typed comes back behind it. */
  #ask(server: REPLServer): void {
    if (this.#question !== null) return;
    const { screen, input } = this.#parts;
    const question = new AbortController();
    const kept = this.#isEvaluating ? "" : server.line;
    if (!this.#isEvaluating) screen.erase();
    this.#question = question;
    replaceLine(server, "");
    screen.edit(server, "");
    const { signal } = question;
    server.question(server.getPrompt(), { signal }, (answer) => {
      this.#question = null;
      screen.leave();
      screen.newLine();
      input.give(`${answer}\n`);
      if (this.#isEvaluating) return;
      replaceLine(server, kept);
      server.displayPrompt(true);
    });
    this.#keyboard.ask();
  }
}

async function answer(
  interpreter: Interpreter,
  line: string,
  done: (error: Error | null, found?: Completed) => void,
): Promise<void> {
  let found: Completed = [[], line];
  try {
    found = await interpreter.complete(line);
  } catch {
    // Whoever asks for a completion and gets none goes on typing.
  }
  done(null, found);
}

function replaceLine(server: REPLServer, text: string): void {
  Object.assign(server, { line: text, cursor: text.length });
}
