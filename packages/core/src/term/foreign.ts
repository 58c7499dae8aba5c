/**
 * Pids and refs of nodes that number them in more bits than a JavaScript number holds, as Erlang's do.
 *
 * They carry the words of the format itself, so that they come back to their node bit by bit. Their `number` is negative,
 * thus never that of a process or ref of ours, and derived from the words, thus the same on every node (JS-7).
 */
import type { NodeIdentity } from "./identity.ts";
import { Pid } from "./pid.ts";
import { Ref } from "./ref.ts";

/** A pid that is kept as its two words: id and serial. */
export class ForeignPid extends Pid {
  readonly words: readonly number[];

  constructor(home: NodeIdentity, words: readonly number[]) {
    super(home, foreignNumber(words));
    this.words = words;
  }

  override toString(): string {
    return `#PID<${this.home.isLocal ? "0" : this.home.name}.${this.words.join(".")}>`;
  }
}

/** A ref that is kept as its one to five words, least significant first. */
export class ForeignRef extends Ref {
  readonly words: readonly number[];

  constructor(home: NodeIdentity, words: readonly number[]) {
    super(home, foreignNumber(words));
    this.words = words;
  }

  override toString(): string {
    return `#Reference<${this.home.isLocal ? "0" : this.home.name}.${this.words.toReversed().join(".")}>`;
  }
}

/** True if both are the same words in the same order. */
export function sameWords(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((word, at) => word === b[at]);
}

/** A negative number for `words`; 53 bits of hash, so that different words practically never share one. */
export function foreignNumber(words: readonly number[]): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const word of [words.length, ...words]) {
    high = Math.imul(high ^ word, 2654435761);
    low = Math.imul(low ^ word, 1597334677);
    high ^= low >>> 15;
    low ^= high >>> 13;
  }
  return -1 - ((high >>> 11) * 2 ** 32 + (low >>> 0));
}
