/** What several clients have asked of one thing at the same time, with what they were answered and when. */

/**
 * One operation of one client.
 *
 * @see History
 */
export interface Operation<Input, Output> {
  /** Who asked. */
  readonly client: number;
  readonly input: Input;
  /** What was answered; undefined while there is no answer. */
  readonly output: Output | undefined;
  /** When it was asked and answered: numbers of which no two are equal. Without the second it may have happened or not. */
  readonly called: number;
  readonly returned: number | undefined;
}

/**
 * Writes down operations as they begin and end.
 *
 * @example
 * const history = new History<string, number>();
 * await history.run(0, "next", async () => 1);
 * history.operations.length; // => 1
 */
export class History<Input, Output> {
  readonly #operations: Operation<Input, Output>[] = [];
  #clock = 0;

  /** All operations, in the order in which they were asked. */
  get operations(): readonly Operation<Input, Output>[] {
    return this.#operations;
  }

  /**
   * Does `work` and writes it down. When `work` fails, by a timeout or the loss of a server, nobody knows whether it took
   * effect: it stays without an answer, and the result is undefined.
   */
  async run(client: number, input: Input, work: () => Promise<Output>): Promise<Output | undefined> {
    const place = this.#operations.length;
    const called = (this.#clock += 1);
    this.#operations.push({ client, input, output: undefined, called, returned: undefined });
    try {
      const output = await work();
      this.#operations[place] = { client, input, output, called, returned: (this.#clock += 1) };
      return output;
    } catch {
      return undefined;
    }
  }
}
