/** The consumer of a run of a stream: its questions, each answered in a turn of the consumer's own. */
import type { ProcessControl } from "@otp/core/internal";

/** What becomes of one element. */
export type StreamItem =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: unknown; readonly input?: unknown };

/** What a question for the next item is answered with. */
export type StreamStep = IteratorResult<StreamItem, undefined>;

interface Ask {
  readonly resolve: (step: StreamStep) => void;
  readonly reject: (error: unknown) => void;
}

const done: StreamStep = { done: true, value: undefined };

/** Those who wait for something of a run. */
export class StreamConsumer {
  readonly process: ProcessControl;
  readonly #asks: Ask[] = [];
  readonly #closers: (() => void)[] = [];
  /** Why the run has failed, until somebody has been told. */
  #failure: { readonly error: unknown } | null = null;

  constructor(process: ProcessControl) {
    this.process = process;
  }

  /** Whether a question is open. */
  get isWaiting(): boolean {
    return this.#asks.length > 0;
  }

  /** Asks for the next item. */
  ask(): Promise<StreamStep> {
    return new Promise((resolve, reject) => {
      this.#asks.push({ resolve, reject });
    });
  }

  /** Waits for the end of the run. */
  untilOver(): Promise<void> {
    return new Promise((resolve) => {
      this.#closers.push(resolve);
    });
  }

  /** Answers the oldest question. */
  give(item: StreamItem): void {
    const ask = this.#asks.shift();
    if (ask !== undefined) this.#tell(() => ask.resolve({ done: false, value: item }));
  }

  /** Notes why the run has failed; the next question is answered with it. */
  fail(error: unknown): void {
    this.#failure = { error };
  }

  /** The run is over: there is nothing more. */
  finish(): void {
    for (const { resolve, reject } of this.#asks.splice(0)) {
      const failure = this.#failure;
      this.#failure = null;
      this.#tell(() => {
        if (failure === null) resolve(done);
        else reject(failure.error);
      });
    }
    for (const resolve of this.#closers.splice(0)) this.#tell(resolve);
  }

  #tell(act: () => void): void {
    const { process } = this;
    process.kernel.queue.push({
      runTurn: () => {
        if (!process.isAlive) return false;
        act();
        return true;
      },
    });
  }
}
