/** The two prompts: of a session of this program, and of one on another node. */
import type { Node } from "@otp/core";

import { LocalInterpreter } from "./interpreter.ts";
import { describeError, paint, type Style } from "./print.ts";
import type { Access } from "./remote-messages.ts";
import { Remsh } from "./remsh.ts";
import { Prompt } from "./repl.ts";
import type { Screen } from "./screen.ts";
import { Session } from "./session.ts";
import { TerminalKeys } from "./terminal-keys.ts";
import type { TypedInput } from "./typed-input.ts";

/** Where a prompt is. */
export interface Place {
  readonly node: Node;
  readonly screen: Screen;
  readonly style: Style;
  readonly input: TypedInput;
  readonly banner: string;
}

/** What the prompt of a session of this program is given. */
export interface HereOptions extends Place {
  /** A module to load before the first prompt. */
  readonly file: string | undefined;
  /** Gives the node a name. */
  readonly begin: (name: string) => Promise<"ok" | "already_started">;
  /** Told of the session before anything is evaluated. */
  readonly onSession: (session: Session) => void;
}

/** Runs the prompt until the user leaves. */
export async function runHere({ file, onSession, begin, ...place }: HereOptions): Promise<void> {
  const { node, screen, style, banner, input } = place;
  const keys = keysOf();
  const shown: { prompt?: Prompt } = {};
  const session = await Session.start({
    node,
    style,
    begin,
    print: (text) => screen.write(text),
    ...(keys === undefined ? {} : { guard: keys.guard }),
    onRestart: (text) => restart(shown.prompt, place, text),
  });
  onSession(session);
  const interpreter = new LocalInterpreter(session, style);
  const prompt = new Prompt({
    interpreter,
    screen,
    keys: keys ?? process.stdin,
    input,
    style,
    onStart: () => session.scope.settle(),
  });
  shown.prompt = prompt;
  screen.write(`${banner}\n`);
  if (file !== undefined) {
    const loaded = await interpreter.evaluate(`void await c(${JSON.stringify(file)})`);
    if (loaded.kind === "failure") screen.write(`${paint(loaded.text, "red", style)}\n`);
  }
  await prompt.run();
  session.evaluator.release();
  await keys?.close();
}

/** What the prompt of a session on another node is given. */
export interface ThereOptions extends Place {
  readonly target: string;
  readonly access: Access;
}

/** Runs the prompt until the user leaves, or the session there ends; the exit code. */
export async function runThere({ target, access, ...place }: ThereOptions): Promise<number> {
  const { node, screen, style, banner, input } = place;
  const shown: { prompt?: Prompt; end?: Error } = {};
  const interpreter = await Remsh.attach({
    node,
    target,
    access,
    colors: style.colors,
    onRestart: (text) => restart(shown.prompt, place, text),
    onEnd: (error) => {
      shown.end = error;
      shown.prompt?.leave();
    },
  });
  const keys = keysOf();
  screen.write(`${banner}\n`);
  const prompt = new Prompt({ interpreter, screen, keys: keys ?? process.stdin, input, style });
  shown.prompt = prompt;
  await prompt.run();
  interpreter.leave();
  await keys?.close();
  if (shown.end === undefined) return 0;
  screen.write(`${paint(`*** ${shown.end.message}`, "red", style)}\n`);
  return 1;
}

/** Evaluates one text on another node; the exit code. */
export async function evaluateThere({ target, access, ...place }: ThereOptions, text: string): Promise<number> {
  const { node, style } = place;
  let isEnded = false;
  const interpreter = await Remsh.attach({
    node,
    target,
    access,
    colors: style.colors,
    onRestart: (said) => {
      isEnded = true;
      process.stderr.write(`${said}\n`);
    },
    onEnd: (error) => {
      isEnded = true;
      process.stderr.write(`${describeError(error)}\n`);
    },
  });
  const outcome = await interpreter.evaluate(text);
  interpreter.leave();
  if (outcome.kind === "failure") process.stderr.write(`${outcome.text}\n`);
  if (outcome.kind === "incomplete") process.stderr.write("** (SyntaxError) the code is incomplete\n");
  return isEnded || outcome.kind === "failure" || outcome.kind === "incomplete" ? 1 : 0;
}

function restart(prompt: Prompt | undefined, { screen, style, banner }: Place, text: string): void {
  prompt?.renew();
  screen.write(`${paint(text, "red", style)}\n\n${banner}\n`);
}

/** The keys of the terminal, or what is piped in. */
function keysOf(): TerminalKeys | undefined {
  return process.stdin.isTTY && process.stdout.isTTY ? new TerminalKeys() : undefined;
}
