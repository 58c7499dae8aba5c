/** What came to one process and was not taken yet, with the number that each message has in the record. */
import type { ControlBlock } from "@otp/core/internal";

/** How a message was taken. */
export interface Taking {
  readonly n: number;
  /** How many older messages were wanted as well. */
  readonly over: number;
  /** What the message has become, when it is not what was delivered. */
  readonly changed?: string;
}

interface Entry {
  readonly n: number;
  readonly message: unknown;
  readonly words: string;
}

/** The queue of one process, as its messages came. */
export class Inbox {
  readonly #process: ControlBlock;
  readonly #word: (value: unknown) => string;
  #entries: Entry[] = [];
  #count = 0;

  constructor(process: ControlBlock, word: (value: unknown) => string) {
    this.#process = process;
    this.#word = word;
  }

  /** The number of the next message. */
  next(): number {
    return (this.#count += 1);
  }

  push(n: number, message: unknown, words: string): void {
    this.#entries.push({ n, message, words });
  }

  /** Takes out a message; undefined for one that was not seen coming. `wants` says what else would have been taken. */
  take(message: unknown, wants: (message: unknown) => boolean): Taking | undefined {
    const at = this.#entries.findIndex((entry) => Object.is(entry.message, message));
    const found = this.#entries[at];
    if (found === undefined) return undefined;
    this.#entries.splice(at, 1);
    const over = at === 0 ? 0 : this.#countOlder(at, wants);
    const isFixed = typeof message !== "object" || message === null || Object.isFrozen(message);
    const changed = isFixed ? found.words : this.#word(message);
    return changed === found.words ? { n: found.n, over } : { n: found.n, over, changed };
  }

  /** Forgets what the mailbox does not hold any more. */
  prune(): void {
    const held = new Set(this.#process.mailbox?.messages());
    this.#entries = this.#entries.filter(({ message }) => held.has(message));
  }

  #countOlder(at: number, wants: (message: unknown) => boolean): number {
    this.prune();
    return this.#entries.slice(0, at).filter(({ message }) => wants(message)).length;
  }
}
