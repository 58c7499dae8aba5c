/** The buffer in which the signals of a batch are written, and what they have said so far. */
import { CodecError } from "../base/errors.ts";
import type { Held } from "../codec/held.ts";
import { SaidValues } from "../codec/sharing.ts";
import type { TermWriter } from "../codec/term-writer.ts";
import type { Signal } from "../signal/signal.ts";
import type { SignalEncoder, SignalForm } from "./signal-codec.ts";

/** Gathers what `write` makes of signals. */
export class BatchWriter implements SignalEncoder {
  readonly #writer: TermWriter;
  readonly #write: (writer: TermWriter, signal: Signal) => void;
  readonly #said = new SaidValues();
  /** How much of what is in the table was there before the last signal. */
  #saidBefore = 0;

  constructor(writer: TermWriter, write: (writer: TermWriter, signal: Signal) => void) {
    this.#writer = writer;
    this.#write = write;
  }

  get size(): number {
    return this.#writer.length;
  }

  append(signal: Signal, form: SignalForm = "shared"): void {
    const writer = this.#writer;
    if (writer.busy) {
      throw new CodecError(
        "a getter of a message that is being sent sends a message itself; send a copy without getters",
      );
    }
    const start = writer.length;
    this.#saidBefore = this.#said.size;
    writer.sharing = form === "shared" ? this.#said : null;
    try {
      this.#write(writer, signal);
    } catch (error) {
      writer.truncate(start);
      writer.takeHeld();
      this.#said.truncate(this.#saidBefore);
      throw error;
    }
  }

  takeHeld(from: number): readonly Held[] {
    const held = this.#writer.takeHeld();
    if (held.length === 0 || from === 0) return held;
    return held.map(({ at, bytes, length }) => ({ at: at - from, bytes, length }));
  }

  put(bytes: Uint8Array): void {
    this.#writer.writeBytes(bytes);
  }

  take(from: number): Uint8Array {
    const isShared = this.#writer.sharing !== null && this.#saidBefore > 0;
    if (from === 0) this.#saidBefore = 0;
    this.#said.truncate(this.#saidBefore);
    if (from === 0) return this.#writer.handOver();
    return this.#writer.split(from, isShared ? this.#definitions() : undefined);
  }

  /** What a signal that leaves its batch may refer to. */
  #definitions(): Uint8Array {
    const writer = this.#writer;
    const start = writer.length;
    this.#said.repeat(writer);
    const bytes = Uint8Array.from(writer.view(start));
    writer.truncate(start);
    return bytes;
  }
}
