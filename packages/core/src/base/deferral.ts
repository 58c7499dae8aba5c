/** Promises that are settled from outside, many times a second. */

type Resolve = (value: unknown) => void;

/** Makes promises and hands out how to fulfil them, without a closure for each. */
export class Deferral {
  #resolve: Resolve = ignore;
  #reject: Resolve = ignore;
  readonly #capture = (resolve: Resolve): void => {
    this.#resolve = resolve;
  };
  readonly #captureBoth = (resolve: Resolve, reject: Resolve): void => {
    this.#resolve = resolve;
    this.#reject = reject;
  };

  /** A new promise; `take()` right afterwards gives the function that fulfils it. */
  promise(): Promise<unknown> {
    return new Promise(this.#capture);
  }

  /** A new promise that may fail as well; `take()` and `takeReject()` right afterwards give the functions that settle it. */
  fallible(): Promise<unknown> {
    return new Promise(this.#captureBoth);
  }

  takeReject(): Resolve {
    const reject = this.#reject;
    this.#reject = ignore;
    return reject;
  }

  take(): Resolve {
    const resolve = this.#resolve;
    // Kept no longer than needed: behind it is all that waits for the promise.
    this.#resolve = ignore;
    return resolve;
  }
}

function ignore(): void {}
