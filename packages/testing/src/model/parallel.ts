/** Commands that several clients give at the same time: first some one after the other, then a branch per client. */
import fc from "fast-check";

import { History, type Operation } from "./history.ts";

/**
 * What clients ask, in order.
 *
 * @see parallelCommands
 */
export interface ParallelPlan<Input> {
  /** Asked by one client, one after the other, to get somewhere. */
  readonly prefix: readonly Input[];
  /** Asked by one client each, all at the same time. */
  readonly branches: readonly (readonly Input[])[];
}

/**
 * How large plans are.
 *
 * @see parallelCommands
 */
export interface ParallelOptions {
  /** Default 3. */
  readonly clients?: number;
  /** How many operations each client has at most. Default 6. */
  readonly operations?: number;
  /** How many come before. Default 4. */
  readonly prefix?: number;
}

/**
 * Plans of what clients ask at the same time. They shrink to fewer and smaller inputs.
 *
 * @example
 * import fc from "fast-check";
 *
 * const [plan] = fc.sample(parallelCommands(fc.constantFrom("get", "add"), { clients: 2 }), 1);
 * plan?.branches.length; // => 2
 */
export function parallelCommands<Input>(
  input: fc.Arbitrary<Input>,
  { clients = 3, operations = 6, prefix = 4 }: ParallelOptions = {},
): fc.Arbitrary<ParallelPlan<Input>> {
  const branch = fc.array(input, { maxLength: operations });
  return fc.record({
    prefix: fc.array(input, { maxLength: prefix }),
    branches: fc.array(branch, { minLength: clients, maxLength: clients }),
  });
}

/**
 * Carries out a plan; `perform` asks one thing in the name of one client. Returns the history, for `linearizable`. What
 * `perform` rejects has no answer, so nobody knows whether it took effect.
 *
 * ```ts continues
 * let count = 0;
 * const history = await runParallel({ prefix: ["add"], branches: [["add"], ["add"]] }, async () => (count += 1));
 * history.length; // => 3
 * ```
 */
export async function runParallel<Input, Output>(
  { prefix, branches }: ParallelPlan<Input>,
  perform: (client: number, input: Input) => Promise<Output>,
): Promise<readonly Operation<Input, Output>[]> {
  const history = new History<Input, Output>();
  const ask = (client: number, input: Input): Promise<Output | undefined> =>
    history.run(client, input, () => perform(client, input));
  for (const input of prefix) await ask(0, input);
  await Promise.all(
    branches.map(async (branch, client) => {
      for (const input of branch) await ask(client, input);
    }),
  );
  return history.operations;
}
