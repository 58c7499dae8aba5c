/**
 * The one way to the terminal: what arrives while somebody types is printed above the prompt, and the prompt and the
 * half-typed input are drawn again below it. What does not end in a newline stands in front of the prompt.
 */
import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import type { Writable } from "node:stream";

import type { OutputStream } from "@otp/core";

/** The line that is being edited, as far as the screen must know it. */
export interface EditedLine {
  getCursorPos(): { readonly rows: number; readonly cols: number };
  setPrompt(text: string): void;
  prompt(preserveCursor?: boolean): void;
}

/** What it prints on: a stream of the host, a terminal or not. */
export type Target = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** A terminal, or what stands for one. */
export class Screen implements OutputStream {
  readonly #target: Target;
  #line: EditedLine | null = null;
  #prompt = "";
  /** What has been printed since the last newline. */
  #tail = "";

  constructor(target: Target) {
    this.#target = target;
  }

  get columns(): number {
    return this.#target.columns ?? 80;
  }

  get rows(): number {
    return this.#target.rows ?? 24;
  }

  /** Whether a line waits for input. */
  get isEdited(): boolean {
    return this.#line !== null;
  }

  /** A line waits for input behind `prompt`. */
  edit(line: EditedLine, prompt: string): void {
    this.#line = line;
    this.#prompt = prompt;
    line.setPrompt(this.#tail + prompt);
  }

  /** Nobody waits for input any more; the cursor is where it is. */
  leave(): void {
    this.#line = null;
  }

  /** The cursor is at the beginning of a line. */
  newLine(): void {
    this.#tail = "";
  }

  /** Takes the prompt, and what was typed behind it, off the screen. */
  erase(): void {
    if (this.#line === null || this.#target.isTTY !== true) return;
    moveCursor(this.#target, 0, -this.#line.getCursorPos().rows);
    cursorTo(this.#target, 0);
    clearScreenDown(this.#target);
    // The editor would go up by the rows that are not there any more.
    Object.assign(this.#line, { prevRows: 0 });
  }

  /** Prints `text`; above the prompt where there is one. */
  write(text: string, done?: (error?: Error | null) => void): boolean {
    const line = this.#line;
    const all = this.#tail + text;
    const end = all.lastIndexOf("\n") + 1;
    this.#tail = all.slice(end);
    if (line === null || this.#target.isTTY !== true) return this.#target.write(text, done);
    this.erase();
    const hasRoom = this.#target.write(all.slice(0, end), done);
    line.setPrompt(this.#tail + this.#prompt);
    line.prompt(true);
    return hasRoom;
  }
}
