/**
 * The one way to the terminal: what arrives while somebody types is printed above the prompt, and the prompt and the
 * half-typed input are drawn again below it.
 */
import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import type { Writable } from "node:stream";

import type { OutputStream } from "@otp/core";

/** The line that is being edited, as far as the screen must know it. */
export interface EditedLine {
  getCursorPos(): { readonly rows: number; readonly cols: number };
  prompt(preserveCursor?: boolean): void;
}

/** What it prints on: a stream of the host, a terminal or not. */
export type Target = Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** A terminal, or what stands for one. */
export class Screen implements OutputStream {
  /** The line that waits for input; null while something is evaluated. */
  line: EditedLine | null = null;
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  get columns(): number {
    return this.#target.columns ?? 80;
  }

  get rows(): number {
    return this.#target.rows ?? 24;
  }

  /** Prints `text`; above the prompt where there is one. */
  write(text: string, done?: (error?: Error | null) => void): boolean {
    const { line } = this;
    if (line === null || this.#target.isTTY !== true) return this.#target.write(text, done);
    moveCursor(this.#target, 0, -line.getCursorPos().rows);
    cursorTo(this.#target, 0);
    clearScreenDown(this.#target);
    const hasRoom = this.#target.write(text.endsWith("\n") ? text : `${text}\n`, done);
    // The editor would go up by the rows that are not there any more.
    Object.assign(line, { prevRows: 0 });
    line.prompt(true);
    return hasRoom;
  }
}
