/** Something to be done later, once or every so often: what stands behind the functions of `timer`. */
import { TimerEntry } from "../runtime/timers.ts";
import type { Ref } from "../term/ref.ts";
import type { ControlBlock } from "./control-block.ts";
import type { Kernel } from "./kernel.ts";

/** When a deed is due. */
export interface Beat {
  readonly ms: number;
  readonly isRepeated: boolean;
}

/** One deed. Each deadline is counted from the start, so that lateness does not add up (TIMER-12). */
export class Deed extends TimerEntry {
  readonly ref: Ref;
  readonly #kernel: Kernel;
  readonly #act: () => void;
  readonly #beat: Beat;
  #due: number;
  #leave: (() => void) | null = null;

  constructor(kernel: Kernel, beat: Beat, act: () => void) {
    super();
    this.#kernel = kernel;
    this.#act = act;
    this.#beat = beat;
    this.#due = kernel.runtime.now() + beat.ms;
    this.ref = kernel.makeRef();
  }

  /** Begins to count. */
  start(): void {
    this.#kernel.deeds.set(this.ref.number, this);
    this.#kernel.timers.start(this, this.#beat.ms);
  }

  /** Ends with `process`, for which there is nothing to be done any more. */
  endWith(process: ControlBlock): void {
    this.#leave = process.onEnd(() => this.stop());
  }

  /** Does nothing more. */
  stop(): void {
    this.#kernel.timers.cancel(this);
    this.#kernel.deeds.delete(this.ref.number);
    this.#leave?.();
    this.#leave = null;
  }

  override expire(): void {
    const { ms, isRepeated } = this.#beat;
    if (isRepeated) {
      this.#due += ms;
      this.#kernel.timers.start(this, Math.max(0, this.#due - this.#kernel.runtime.now()));
    } else {
      this.stop();
    }
    this.#act();
  }
}
