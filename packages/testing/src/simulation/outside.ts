/** The one door for what is not the simulation's: the world stands still until it is done. */

/** What is being waited for outside. */
export class Outside {
  readonly #underWay = new Set<Promise<unknown>>();
  /** Works that are beginning. */
  #entered = 0;

  /** Whether something outside is being waited for. */
  get isWaitedFor(): boolean {
    return this.#entered > 0 || this.#underWay.size > 0;
  }

  /** Begins something. */
  begin<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#entered += 1;
    try {
      const promise = work();
      const settled: Promise<unknown> = promise.then(
        () => this.#underWay.delete(settled),
        () => this.#underWay.delete(settled),
      );
      this.#underWay.add(settled);
      return promise;
    } finally {
      this.#entered -= 1;
    }
  }

  /** Resolves when all that was begun is done. */
  done(): Promise<unknown> {
    return Promise.all(this.#underWay);
  }
}
