/**
 * Reads atoms, pids and refs, and, within a batch, the numbers that stand for what was there before (`sharing.ts`).
 */
import { Buffer } from "node:buffer";

import type { IdentityTable, NodeIdentity } from "../term/identity.ts";
import { Pid } from "../term/pid.ts";
import { Ref } from "../term/ref.ts";
import { EtfReader } from "./etf-reader.ts";
import { entriesMax, SharedAtom, type SharedValue } from "./sharing.ts";
import * as Tag from "./tags.ts";

const RECENT = 4;

/** An `EtfReader` that knows what has a name. */
export class NameReader extends EtfReader {
  readonly identities: IdentityTable;
  /** What has been given a number in this batch; null where nothing can be. */
  shared: SharedValue[] | null = null;
  // The nodes of the last pids, usually the own and one other: spares making the key of the table.
  readonly #recent: NodeIdentity[] = [];
  #oldest = 0;

  constructor(identities: IdentityTable) {
    super();
    this.identities = identities;
  }

  readAtom(): string {
    return this.readAtomAfter(this.readUint8());
  }

  /** Reads an atom whose tag has been read. */
  readAtomAfter(tag: number): string {
    switch (tag) {
      case Tag.SMALL_ATOM:
        return this.readUtf8(this.readUint8());
      case Tag.ATOM:
        return this.readUtf8(this.readUint16());
      case Tag.SMALL_LATIN1_ATOM:
        return this.#latin1(this.readUint8());
      case Tag.LATIN1_ATOM:
        return this.#latin1(this.readUint16());
      default: {
        const start = this.offset - 1;
        const shared = this.readShared(tag);
        if (shared instanceof SharedAtom) return shared.name;
        throw this.bad(`expected an atom. Got: ${shared === undefined ? `tag ${tag}` : "another value"}`, start);
      }
    }
  }

  /** Whether an atom comes next. */
  get isAtomNext(): boolean {
    const tag = this.nextTag;
    if (tag > Tag.SHARED) return isAtom(tag);
    if (tag === Tag.DEFINE) return isAtom(this.peek(1));
    return tag === Tag.SHARED && this.shared?.[this.peek(1)] instanceof SharedAtom;
  }

  /** Reads what follows after `tag`, if that is one of the two of a batch; undefined for any other. */
  readShared(tag: number): SharedValue | undefined {
    const { shared } = this;
    if (shared === null) return undefined;
    if (tag === Tag.SHARED) {
      const number = this.readUint8();
      const value = shared[number];
      if (value === undefined) throw this.bad(`expected a number below ${shared.length}. Got: ${number}`);
      return value;
    }
    if (tag !== Tag.DEFINE) return undefined;
    if (shared.length >= entriesMax) throw this.bad(`expected at most ${entriesMax} definitions. Got: more`);
    // The number first, for the name of a pid's node, within, gets the next one. Until then it stands for no atom.
    const number = shared.push("") - 1;
    const value = this.#definition(this.readUint8());
    shared[number] = value;
    return value;
  }

  #definition(tag: number): SharedValue {
    if (tag === Tag.NEW_PID) return this.readPidBody();
    if (tag === Tag.BINARY) return this.readUtf8(this.readCount(1));
    if (isAtom(tag)) return new SharedAtom(this.readAtomAfter(tag));
    throw this.unexpected("a pid, an atom or a text", tag);
  }

  readPid(): Pid {
    const start = this.offset;
    const tag = this.readUint8();
    if (tag === Tag.NEW_PID) return this.readPidBody();
    const shared = this.readShared(tag);
    if (shared instanceof Pid) return shared;
    throw this.bad(`expected a pid. Got: ${shared === undefined ? `tag ${tag}` : "another value"}`, start);
  }

  /** Reads a pid whose tag has been read. */
  readPidBody(): Pid {
    const node = this.readAtom();
    const id = this.readUint32At();
    const serial = this.readUint32At();
    const home = this.#identity(node, this.readUint32At());
    const number = serial * Tag.PID_ID_SPAN + id;
    return id < Tag.PID_ID_SPAN && Number.isSafeInteger(number) ? home.pid(number) : home.foreignPid([id, serial]);
  }

  readRef(): Ref {
    const tag = this.readUint8();
    if (tag !== Tag.NEWER_REFERENCE) throw this.unexpected("a reference", tag);
    return this.readRefBody();
  }

  /** Reads a reference that is only looked up by its number; where it matters which object it is, `readRef` is meant (JS-7). */
  readPassingRef(): Ref {
    const tag = this.readUint8();
    if (tag !== Tag.NEWER_REFERENCE) throw this.unexpected("a reference", tag);
    return this.readRefBody(makeRef);
  }

  /** Reads a reference whose tag has been read; `make` gives the one that a home and a number stand for. */
  readRefBody(make: (home: NodeIdentity, number: number) => Ref = knownRef): Ref {
    const length = this.readUint16();
    if (length < 1 || length > 5) throw this.bad(`expected a reference of 1 to 5 words. Got: ${length}`);
    const node = this.readAtom();
    const home = this.#identity(node, this.readUint32At());
    const first = this.readUint32At();
    if (length === 3 && first < Tag.REF_FIRST_SPAN) {
      const [second, third] = [this.readUint32At(), this.readUint32At()];
      const number = first + second * Tag.REF_FIRST_SPAN + third * Tag.REF_THIRD_UNIT;
      return Number.isSafeInteger(number) ? make(home, number) : home.foreignRef([first, second, third]);
    }
    const words = [first];
    while (words.length < length) words.push(this.readUint32At());
    return home.foreignRef(words);
  }

  #latin1(length: number): string {
    return Buffer.from(this.readBytes(length).buffer).toString("latin1");
  }

  #identity(node: string, creation: number): NodeIdentity {
    for (const known of this.#recent) if (known.name === node && known.creation === creation) return known;
    const found = this.identities.get(node, creation);
    this.#recent[this.#oldest] = found;
    this.#oldest = (this.#oldest + 1) % RECENT;
    return found;
  }
}

function isAtom(tag: number): boolean {
  return tag === Tag.SMALL_ATOM || tag === Tag.ATOM || tag === Tag.SMALL_LATIN1_ATOM || tag === Tag.LATIN1_ATOM;
}

function knownRef(home: NodeIdentity, number: number): Ref {
  return home.ref(number);
}

function makeRef(home: NodeIdentity, number: number): Ref {
  return new Ref(home, number);
}
