/** The prompt: Node's own REPL for editing, history and completion, with the session behind it. */
import { homedir } from "node:os";
import { join } from "node:path";
import { Recoverable, type REPLServer, start } from "node:repl";

import type { Node } from "@otp/core";

import { completeQuoted } from "./complete.ts";
import { prepare } from "./input.ts";
import { Keyboard } from "./keyboard.ts";
import { describeError, Failure, paint, showValue, type Style } from "./print.ts";
import type { Screen } from "./screen.ts";
import { ended, Session } from "./session.ts";
import { InterruptError, TerminalKeys } from "./terminal-keys.ts";

/** What the prompt is given. */
export interface ReplOptions {
  readonly node: Node;
  readonly screen: Screen;
  readonly style: Style;
  readonly banner: string;
  /** A module to load before the first prompt. */
  readonly file: string | undefined;
  /** Told of the session before anything is evaluated. */
  readonly onSession: (session: Session) => void;
}

/** Runs the prompt until the user leaves. */
export async function runRepl(options: ReplOptions): Promise<void> {
  const { node, screen, style, banner, file } = options;
  const keys = process.stdin.isTTY && process.stdout.isTTY ? new TerminalKeys() : undefined;
  const keyboard = new Keyboard(keys ?? process.stdin);
  const session = await Session.start({
    node,
    style,
    print: (text) => screen.write(text),
    ...(keys === undefined ? {} : { breakable: keys.run }),
    onRestart: (text) => {
      prompt.renew();
      screen.write(`${paint(text, "red", style)}\n\n${banner}\n`);
    },
  });
  options.onSession(session);
  screen.write(`${banner}\n`);
  const prompt = new Prompt({ session, screen, keyboard, style });
  if (file !== undefined) await prompt.load(file);
  await prompt.run();
  session.evaluator.release();
  await keys?.close();
}

interface PromptParts {
  readonly session: Session;
  readonly screen: Screen;
  readonly keyboard: Keyboard;
  readonly style: Style;
}

type Done = (error: Error | null, value?: unknown) => void;

class Prompt {
  readonly #parts: PromptParts;
  #server: REPLServer | null = null;
  #isContinued = false;

  constructor(parts: PromptParts) {
    this.#parts = parts;
    parts.keyboard.onInterrupt = () => parts.session.interrupt();
  }

  /** Shows the number that the next input has now. */
  renew(): void {
    const { session } = this.#parts;
    this.#server?.setPrompt(this.#isContinued ? session.prompt("...") : session.prompt());
  }

  async load(file: string): Promise<void> {
    const { session, screen } = this.#parts;
    try {
      await session.run(`c(${JSON.stringify(file)})`);
    } catch (error) {
      screen.write(`${this.#complaint(error)}\n`);
    }
  }

  run(): Promise<void> {
    const { session, screen, keyboard, style } = this.#parts;
    const server = start({
      prompt: session.prompt(),
      input: keyboard,
      output: process.stdout,
      terminal: process.stdin.isTTY && process.stdout.isTTY,
      useGlobal: true,
      useColors: style.colors,
      preview: false,
      writer: (value: unknown) => showValue(value, style),
      eval: (text, _context, _file, done: Done) => this.#evaluate(text, done),
    });
    this.#server = server;
    session.settle();
    this.#adapt(server);
    screen.line = server;
    const complain = (error: unknown): void => void screen.write(`${this.#complaint(error)}\n`);
    process.on("unhandledRejection", complain);
    return new Promise((resolve) => {
      server.on("exit", () => {
        process.off("unhandledRejection", complain);
        screen.line = null;
        resolve();
      });
    });
  }

  #adapt(server: REPLServer): void {
    const { screen, keyboard, session } = this.#parts;
    const { node } = session.evaluator;
    const { completer } = server;
    Object.assign(server, {
      displayPrompt: (preserveCursor?: boolean) => {
        this.renew();
        screen.line = server;
        server.prompt(preserveCursor);
        session.calm();
        keyboard.open();
      },
      completer: (line: string, done: (error: Error | null, found?: unknown) => void) => {
        const found = completeQuoted(node, line);
        if (found === undefined) Reflect.apply(completer, server, [line, done]);
        else done(null, found);
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

  #evaluate(text: string, done: Done): void {
    const { screen } = this.#parts;
    screen.line = null;
    this.#isContinued = false;
    const prepared = prepare(text);
    if (prepared.kind === "incomplete") {
      this.#isContinued = true;
      done(new Recoverable(new SyntaxError("incomplete")));
    } else if (prepared.kind === "fault") {
      done(null, new Failure(describeError(prepared.error)));
    } else {
      void this.#run(prepared.code, done);
    }
  }

  async #run(code: string, done: Done): Promise<void> {
    const { session, keyboard } = this.#parts;
    try {
      const value = await session.run(code);
      if (code === "" || value === ended) done(null);
      else done(null, value);
    } catch (error) {
      const isInterrupted = error instanceof InterruptError;
      if (isInterrupted) keyboard.forget();
      const hint = isInterrupted ? " (Ctrl-C again leaves)" : "";
      done(null, new Failure(`${describeError(error)}${hint}`));
    }
  }

  #complaint(error: unknown): string {
    return paint(describeError(error), "red", this.#parts.style);
  }
}
