/** What processes read by `IO.gets` at a prompt: lines that are typed when somebody waits for one, and not before. */
import { EventEmitter } from "node:events";

import type { InputStream } from "@otp/core";

/** The input of a node whose terminal has a prompt. */
export class TypedInput extends EventEmitter implements InputStream {
  #isWanted = false;
  #ask: () => void = () => undefined;

  /** Whether somebody waits for a line. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** Says who is to ask for a line. */
  serve(ask: () => void): void {
    this.#ask = ask;
    if (this.#isWanted) ask();
  }

  /** A line was typed. */
  give(text: string): void {
    this.emit("data", text);
  }

  resume(): void {
    this.#isWanted = true;
    this.#ask();
  }

  pause(): void {
    this.#isWanted = false;
  }
}
