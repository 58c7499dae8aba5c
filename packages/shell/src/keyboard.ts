/**
 * The input of the prompt, one line at a time: what is typed or pasted while something is evaluated waits for its turn. Only
 * Ctrl-C overtakes, and interrupts what is evaluated.
 */
import { PassThrough, type Readable } from "node:stream";

const interruptByte = 0x03;

/** Where the keys come from: a stream of the host, a terminal or not. */
export type Source = Readable & { readonly isTTY?: boolean; setRawMode?(mode: boolean): unknown };

/** A stream for `readline` that stops behind each line until it is told to go on. */
export class Keyboard extends PassThrough {
  /** Called for Ctrl-C while something is evaluated. */
  onInterrupt: () => void = () => undefined;
  readonly #source: Source;
  #waiting: Buffer = Buffer.alloc(0);
  #isOpen = true;
  #isAsking = false;
  #isInterrupted = false;
  #hasEnded = false;

  constructor(source: Source) {
    super();
    this.#source = source;
    source.on("data", (piece: Buffer | string) => this.#take(Buffer.from(piece)));
    source.on("end", () => {
      this.#hasEnded = true;
      this.#feed();
    });
  }

  get isTTY(): boolean {
    return this.#source.isTTY === true;
  }

  setRawMode(mode: boolean): this {
    this.#source.setRawMode?.(mode);
    return this;
  }

  /** The next line may come. */
  open(): void {
    this.#isOpen = true;
    this.#feed();
  }

  /** The next line answers a question; Ctrl-C interrupts instead. */
  ask(): void {
    this.#isAsking = true;
    this.open();
  }

  /** An input was interrupted: what was typed ahead is meant no more, and Ctrl-C as the next key ends everything. */
  forget(): void {
    this.#waiting = Buffer.alloc(0);
    this.#isInterrupted = true;
  }

  #take(piece: Buffer): void {
    if (this.writableEnded) return;
    if (this.#isAsking && piece.includes(interruptByte)) {
      this.#isAsking = false;
      this.#isOpen = false;
      this.#waiting = Buffer.alloc(0);
      this.onInterrupt();
      return;
    }
    this.#waiting = Buffer.concat([this.#waiting, piece]);
    this.#feed();
    if (this.#isOpen || !this.#waiting.includes(interruptByte)) return;
    // What was typed ahead of it is meant no more; what follows is for the prompt that comes back.
    this.#waiting = this.#waiting.subarray(this.#waiting.indexOf(interruptByte) + 1);
    this.onInterrupt();
  }

  #feed(): void {
    if (this.#isOpen && this.#waiting.length > 0) {
      const end = this.#waiting.findIndex((byte) => byte === 0x0d || byte === 0x0a);
      const isPair = end !== -1 && this.#waiting[end] === 0x0d && this.#waiting[end + 1] === 0x0a;
      const length = end === -1 ? this.#waiting.length : end + (isPair ? 2 : 1);
      const line = this.#waiting.subarray(0, length);
      this.#waiting = this.#waiting.subarray(length);
      this.#isOpen = end === -1;
      if (end !== -1) this.#isAsking = false;
      const isFarewell = this.#isInterrupted && line[0] === interruptByte;
      this.#isInterrupted = false;
      if (isFarewell) {
        this.end();
        return;
      }
      // Last, since the line may have been dealt with when this returns.
      this.write(line);
    }
    if (this.#hasEnded && this.#isOpen && this.#waiting.length === 0 && !this.writableEnded) this.end();
  }
}
