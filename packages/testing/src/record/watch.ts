/**
 * Watches one kernel. It has no hook for that, and pays nothing while nobody watches: methods are replaced on this one object
 * and on its processes, which is possible because they are as dynamic as any.
 */
import { Pid, Ref } from "@otp/core";
import type { Kernel, PendingCall } from "@otp/core/internal";

import type { Happening } from "../simulation/trace.ts";
import { short, wordsFor } from "../simulation/words.ts";
import type { Undo } from "./around.ts";

/** Takes what happened. */
export type Tell = (happening: Happening) => void;

const spawnerNumbers = 2 ** 52;

/** What the parts of a watch share. */
export class Watch {
  readonly kernel: Kernel;
  /** Whether nodes are called by their full names: hosts differ outside of simulations. */
  readonly isFull: boolean;
  readonly undos: Undo[] = [];
  /** In whose name something is being delivered, and through which alias. */
  sender: string | undefined = undefined;
  through: string | undefined = undefined;
  /** Whether the send in progress has been told of. */
  isTold = false;
  /** Who is spawning. */
  spawner: { readonly pid: string; readonly leader: string } | undefined = undefined;
  readonly calls: WeakMap<PendingCall, string> = new WeakMap();
  readonly #tell: Tell;
  #count = 0;
  #isOver = false;

  constructor(kernel: Kernel, tell: Tell, isFull: boolean) {
    this.kernel = kernel;
    this.#tell = tell;
    this.isFull = isFull;
  }

  tell(happening: Happening): void {
    if (!this.#isOver) this.#tell(happening);
  }

  /** A number that was not given before. */
  next(): number {
    return (this.#count += 1);
  }

  get clock(): number {
    return this.kernel.runtime.now();
  }

  /** A value in words that mean the same on every node. */
  word(value: unknown): string {
    if (value instanceof Pid) {
      const word = `${this.#nodeOf(value.node)}.${String(value.number)}`;
      return value.number < spawnerNumbers ? word : `${word}/${String(value.home.creation)}`;
    }
    if (value instanceof Ref) return `${this.#nodeOf(value.node)}#${String(value.number)}`;
    const words = safeWords(value);
    return words.includes("<0.") ? words.replaceAll(/#(PID|Reference)<0\./gu, `#$1<${this.kernel.own.name}.`) : words;
  }

  /** How a process is called, which changes when its node takes a name. */
  nameOf(pid: Pid): () => string {
    const { own } = this.kernel;
    let node = own.name;
    let word = this.word(pid);
    return () => {
      if (node !== own.name) {
        node = own.name;
        word = this.word(pid);
      }
      return word;
    };
  }

  /** Ends the watch. */
  end(): void {
    this.#isOver = true;
    for (const undo of this.undos.splice(0)) undo();
  }

  #nodeOf(name: string): string {
    return this.isFull ? name : short(name);
  }
}

/** Messages are any values, also such as fail when they are looked at. */
function safeWords(value: unknown): string {
  try {
    return wordsFor(value);
  } catch {
    return "(cannot be shown)";
  }
}
