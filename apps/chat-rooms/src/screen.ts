/** What a person sees: lines that come in are printed above the line that is being typed, if one is. */
import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import type { Writable } from "node:stream";

/** The line that is being typed, as far as the screen must know it. */
export interface EditedLine {
  getCursorPos(): { readonly rows: number };
  setPrompt(prompt: string): void;
  prompt(preserveCursor?: boolean): void;
}

/** A terminal, or whatever the output goes to. */
export class Screen {
  readonly #target: Writable;
  readonly #hasColors: boolean;
  #line: EditedLine | null = null;
  #prompt = "> ";

  constructor(target: Writable, hasColors: boolean) {
    this.#target = target;
    this.#hasColors = hasColors;
  }

  /** From now on there is a line to be kept below the output; null: not any more. */
  edit(line: EditedLine | null): void {
    this.#line = line;
    this.prompt(this.#prompt);
  }

  /** Changes what stands before the line. */
  prompt(text: string): void {
    this.#prompt = text;
    this.#line?.setPrompt(text);
    this.#line?.prompt(true);
  }

  /** What somebody has said. */
  said(where: string, nick: string, text: string): void {
    this.#print(`${this.#paint(36, clean(`${where} ${nick}:`))} ${clean(text)}`);
  }

  /** What has happened. */
  news(text: string): void {
    this.#print(this.#paint(33, clean(`* ${text}`)));
  }

  #print(text: string): void {
    const line = this.#line;
    if (line !== null) {
      moveCursor(this.#target, 0, -line.getCursorPos().rows);
      cursorTo(this.#target, 0);
      clearScreenDown(this.#target);
      // The editor would go up by the rows that are not there any more.
      Object.assign(line, { prevRows: 0 });
    }
    this.#target.write(`${text}\n`);
    line?.prompt(true);
  }

  #paint(color: 33 | 36, text: string): string {
    return this.#hasColors ? `\u001B[${color}m${text}\u001B[39m` : text;
  }
}

/** Nobody shall move the cursor of others, or write in their name. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}
