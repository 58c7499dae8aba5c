/** Writes pids, refs and atoms, and, within a batch, each of them only once (`sharing.ts`). */
import { ForeignPid, ForeignRef } from "../term/foreign.ts";
import type { Pid } from "../term/pid.ts";
import type { Ref } from "../term/ref.ts";
import { EtfWriter } from "./etf-writer.ts";
import { type SaidValues, WORD_MAX } from "./sharing.ts";
import * as Tag from "./tags.ts";

/** An `EtfWriter` that knows pids and refs. */
export class NameWriter extends EtfWriter {
  /** What the batch has said so far; null for what has to stand alone. */
  sharing: SaidValues | null = null;

  writePid(pid: Pid): void {
    const sharing = this.sharing;
    if (sharing !== null) {
      const number = sharing.pids.get(pid);
      if (number !== undefined) return this.writeTwo(Tag.SHARED, number);
      if (sharing.define(sharing.pids, pid)) this.writeUint8(Tag.DEFINE);
    }
    this.writeUint8(Tag.NEW_PID);
    // What leaves its node must be found there again when it comes back, as the same object (JS-7). The node is not always
    // the own one: several live in one JS thread, and a pid can get from one to another by assignment.
    if (pid.home.isLocal) pid.home.remember(pid);
    this.writeAtom(pid.home.name);
    if (pid instanceof ForeignPid) {
      for (const word of pid.words) this.writeUint32(word);
    } else {
      this.writeUint32(pid.number % Tag.PID_ID_SPAN);
      this.writeUint32(Math.floor(pid.number / Tag.PID_ID_SPAN));
    }
    this.writeUint32(pid.home.creation);
  }

  writeRef(ref: Ref): void {
    ref.home.remember(ref);
    this.writePassingRef(ref);
  }

  /** Writes a ref that is looked up by its number where it arrives, and so need not be the same object there (JS-7). */
  writePassingRef(ref: Ref): void {
    const foreign = ref instanceof ForeignRef ? ref.words : null;
    this.writeUint8(Tag.NEWER_REFERENCE);
    this.writeUint16(foreign?.length ?? 3);
    this.writeAtom(ref.home.name);
    this.writeUint32(ref.home.creation);
    if (foreign !== null) {
      for (const word of foreign) this.writeUint32(word);
      return;
    }
    const { number } = ref;
    this.writeUint32(number % Tag.REF_FIRST_SPAN);
    this.writeUint32(Math.floor(number / Tag.REF_FIRST_SPAN) % Tag.WORD);
    this.writeUint32(Math.floor(number / Tag.REF_THIRD_UNIT));
  }

  override writeAtom(name: string): void {
    const { sharing } = this;
    if (sharing !== null && name.length > 0) {
      const number = sharing.atoms.get(name);
      if (number !== undefined) return this.writeTwo(Tag.SHARED, number);
      if (sharing.define(sharing.atoms, name)) this.writeUint8(Tag.DEFINE);
    }
    super.writeAtom(name);
  }

  /** Writes a text that messages of one kind have in common; false, and nothing written, when it has no UTF-8 form. */
  writeWord(word: string): boolean {
    const { sharing } = this;
    if (sharing === null || word.length > WORD_MAX) return this.writeUtf8(word);
    const number = sharing.texts.get(word);
    if (number !== undefined) {
      this.writeTwo(Tag.SHARED, number);
      return true;
    }
    const { size } = sharing;
    const start = this.length;
    if (sharing.define(sharing.texts, word)) this.writeUint8(Tag.DEFINE);
    if (this.writeUtf8(word)) return true;
    sharing.truncate(size);
    this.truncate(start);
    return false;
  }
}
