/**
 * What a batch of signals has said once and need not say again: pids, atoms, and the words of messages.
 *
 * The first occurrence is marked (`DEFINE`) and gets the next number; later ones are that number (`SHARED`). A table lives
 * as long as a batch, so nothing depends on the order of batches, and what a peer can make the other side keep is bounded by
 * what it sends at once. Nothing of this is in a term that stands alone.
 */
import type { Pid } from "../term/pid.ts";

/** Numbers are one byte. */
export const entriesMax = 256;
/** A longer text is unlikely to come again. */
export const WORD_MAX = 24;

/** An atom in the table of the side that reads, where it has to be told from a text. */
export class SharedAtom {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** What can have a number. */
export type SharedValue = Pid | SharedAtom | string;

/** Who writes a value out, and gives it a number in `sharing`. */
export interface ValueWriter {
  sharing: SaidValues | null;
  writePid(pid: Pid): void;
  writeAtom(atom: string): void;
  writeWord(word: string): boolean;
}

/** The table of the side that writes. */
export class SaidValues {
  readonly pids: Map<Pid, number> = new Map();
  readonly atoms: Map<string, number> = new Map();
  readonly texts: Map<string, number> = new Map();
  #size = 0;

  /** How many numbers are given. */
  get size(): number {
    return this.#size;
  }

  /** Gives `value` the next number; false when there is none left. */
  define<Value extends Pid | string>(table: Map<Value, number>, value: Value): boolean {
    if (this.#size >= entriesMax) return false;
    table.set(value, this.#size);
    this.#size += 1;
    return true;
  }

  /** Takes back all but the first `size` numbers. */
  truncate(size: number): void {
    if (this.#size === size) return;
    this.#size = size;
    forget(this.pids, size);
    forget(this.atoms, size);
    forget(this.texts, size);
  }

  /** Writes out all values so that each gets the number that it has here; that takes no more bytes than it took. */
  repeat(writer: ValueWriter): void {
    const writes: (() => unknown)[] = [];
    for (const [pid, number] of this.pids) writes[number] = () => writer.writePid(pid);
    for (const [atom, number] of this.atoms) writes[number] = () => writer.writeAtom(atom);
    for (const [text, number] of this.texts) writes[number] = () => writer.writeWord(text);
    const said = new SaidValues();
    writer.sharing = said;
    // With a pid comes the name of its node, if it was not there before.
    for (const [number, write] of writes.entries()) if (number >= said.size) write();
  }
}

function forget<Value>(table: Map<Value, number>, size: number): void {
  if (size === 0) table.clear();
  else for (const [value, number] of table) if (number >= size) table.delete(value);
}
