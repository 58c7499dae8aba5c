/** Where the lines come from: a person who types, or a script without a terminal. */
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";

import { type CastResult, GenServer, type InitResult, noreply, ok } from "@otp/genserver";

import type { Screen } from "./screen.ts";

/** What a terminal works with. */
export interface TerminalOptions {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly screen: Screen;
  readonly onLine: (text: string) => void;
  /** Told at Ctrl-C, Ctrl-D and the end of a script. */
  readonly onEnd: () => void;
}

/** Reads lines as long as it lives. */
export class Terminal extends GenServer<Interface, { cast: never }, TerminalOptions> {
  override init({ input, screen, onLine, onEnd }: TerminalOptions): InitResult<Interface> {
    const isTyped = input.isTTY === true && process.stdout.isTTY;
    const lines = createInterface(isTyped ? { input, output: process.stdout, historySize: 100 } : { input });
    if (isTyped) screen.edit(lines);
    lines.on("line", (text) => {
      if (text.trim() !== "") onLine(text);
      if (isTyped) lines.prompt();
    });
    lines.on("close", onEnd);
    this.self.signal.addEventListener("abort", () => {
      screen.edit(null);
      lines.off("close", onEnd);
      lines.close();
    });
    return ok(lines);
  }

  override handleInfo(_message: unknown, lines: Interface): CastResult<Interface> {
    return noreply(lines);
  }
}
