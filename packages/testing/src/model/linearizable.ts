/**
 * Whether some order explains a history: each operation takes effect at one moment between its call and its return, and a
 * sequential model that goes through them in that order gives the same answers.
 *
 * The search is that of Wing, Gong and Lowe: it tries operations that may be next, remembers which sets of operations have led
 * to which state, and goes back where nothing fits. It is exponential for a history that no order explains, so it has a
 * budget, and says so when that is used up.
 */
import { show } from "@otp/core/internal";

import type { Operation } from "./history.ts";

/**
 * What a thing does when it is asked one thing after the other.
 *
 * @see linearizable
 */
export interface SequentialModel<State, Input, Output> {
  /** The state at the beginning. */
  readonly init: () => State;
  /**
   * The state after `input`; undefined when it cannot have been answered with `output`. `output` is undefined for an operation
   * without an answer: any will do.
   */
  readonly step: (state: State, input: Input, output: Output | undefined) => State | undefined;
  /** States with equal keys are equal. Default: what the state looks like when printed. */
  readonly key?: (state: State) => string;
  /** Operations of different parts know nothing of each other and are checked on their own, such as those on different keys. */
  readonly partition?: (input: Input) => string;
}

/**
 * What is known after a search.
 *
 * @see linearizable
 */
export type Verdict<Input, Output> =
  | { readonly verdict: "linearizable" }
  /** No order explains it: `prefix` is the longest that was found, and `stuck` the first operation that does not fit. */
  | {
      readonly verdict: "not linearizable";
      readonly part: string;
      readonly prefix: readonly Operation<Input, Output>[];
      readonly stuck: Operation<Input, Output>;
      /** The same in words. */
      readonly message: string;
    }
  /** The budget was used up: it may be either. */
  | { readonly verdict: "unknown"; readonly part: string; readonly explored: number };

/**
 * How far to search.
 *
 * @see linearizable
 */
export interface LinearizableOptions {
  /** How many steps of the model may be tried for each part. Default 1,000,000. */
  readonly budget?: number;
}

/**
 * Looks for an order of the operations that explains their answers.
 *
 * @example
 * const counter = { init: () => 0, step: (n: number, _add: string, got: number | undefined) => (got === undefined || got === n + 1 ? n + 1 : undefined) };
 * const history = new History<string, number>();
 * await history.run(0, "add", async () => 1);
 * await history.run(1, "add", async () => 1);
 * linearizable(counter, history.operations, { budget: 1_000 }).verdict; // => "not linearizable"
 */
export function linearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  { budget = 1_000_000 }: LinearizableOptions = {},
): Verdict<Input, Output> {
  const parts = new Map<string, Operation<Input, Output>[]>();
  for (const operation of operations) {
    const part = model.partition?.(operation.input) ?? "";
    const list = parts.get(part);
    if (list === undefined) parts.set(part, [operation]);
    else list.push(operation);
  }
  let unknown: Verdict<Input, Output> | undefined;
  for (const [part, list] of parts) {
    const verdict = new Search(model, list, budget).run(part);
    if (verdict.verdict === "not linearizable") return verdict;
    if (verdict.verdict === "unknown") unknown ??= verdict;
  }
  return unknown ?? { verdict: "linearizable" };
}

interface Frame<State> {
  readonly state: State;
  readonly candidates: readonly number[];
  /** Which candidate is next. */
  at: number;
  /** What led here, -1 at the beginning. */
  readonly by: number;
}

/** One search through one part. */
class Search<State, Input, Output> {
  readonly #model: SequentialModel<State, Input, Output>;
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #budget: number;
  readonly #done: boolean[];
  /** The operations that have taken effect, as bits, and how many of those with an answer have not. */
  #mask = 0n;
  #left: number;
  readonly #seen = new Set<string>();
  #best: readonly number[] = [];
  #explored = 0;

  constructor(
    model: SequentialModel<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
    budget: number,
  ) {
    this.#model = model;
    this.#operations = operations.toSorted((a, b) => a.called - b.called);
    this.#budget = budget;
    this.#done = this.#operations.map(() => false);
    this.#left = operations.filter(({ returned }) => returned !== undefined).length;
  }

  run(part: string): Verdict<Input, Output> {
    const frames: Frame<State>[] = [this.#frame(this.#model.init(), -1)];
    while (this.#left > 0) {
      const frame = frames.at(-1);
      if (frame === undefined) return this.#refusal(part);
      const next = frame.candidates[frame.at];
      if (next === undefined) {
        frames.pop();
        if (frame.by >= 0) this.#toggle(frame.by);
        continue;
      }
      frame.at += 1;
      this.#explored += 1;
      if (this.#explored > this.#budget) return { verdict: "unknown", part, explored: this.#budget };
      const made = this.#try(frame.state, next);
      if (made === undefined) continue;
      frames.push(made);
      const order = frames.map(({ by }) => by).filter((by) => by >= 0);
      if (order.length > this.#best.length) this.#best = order;
    }
    return { verdict: "linearizable" };
  }

  #try(state: State, next: number): Frame<State> | undefined {
    const operation = this.#operations[next];
    if (operation === undefined) return undefined;
    const after = this.#model.step(state, operation.input, operation.output);
    if (after === undefined) return undefined;
    this.#toggle(next);
    const seen = `${this.#mask.toString(36)} ${this.#model.key?.(after) ?? show(after)}`;
    if (this.#seen.has(seen)) {
      this.#toggle(next);
      return undefined;
    }
    this.#seen.add(seen);
    return this.#frame(after, next);
  }

  #toggle(at: number): void {
    const isDone = this.#done[at] !== true;
    this.#done[at] = isDone;
    this.#mask ^= 1n << BigInt(at);
    if (this.#operations[at]?.returned !== undefined) this.#left += isDone ? -1 : 1;
  }

  #frame(state: State, by: number): Frame<State> {
    // What was called after another had returned cannot have come before it.
    let limit = Number.POSITIVE_INFINITY;
    const open: number[] = [];
    for (const [at, { called, returned }] of this.#operations.entries()) {
      if (called > limit) break;
      if (this.#done[at] === true) continue;
      open.push(at);
      limit = Math.min(limit, returned ?? Number.POSITIVE_INFINITY);
    }
    const candidates = open.filter((at) => (this.#operations[at]?.called ?? 0) < limit);
    // Whoever returned first most likely took effect first; those without an answer may never have.
    return { state, candidates: candidates.toSorted((a, b) => this.#returned(a) - this.#returned(b)), at: 0, by };
  }

  #returned(at: number): number {
    return this.#operations[at]?.returned ?? Number.MAX_SAFE_INTEGER;
  }

  #refusal(part: string): Verdict<Input, Output> {
    const placed = new Set(this.#best);
    const prefix = this.#best.flatMap((at) => this.#operations[at] ?? []);
    const rest = this.#operations.filter((operation, at) => !placed.has(at) && operation.returned !== undefined);
    const stuck = rest.toSorted((a, b) => (a.returned ?? 0) - (b.returned ?? 0))[0];
    if (stuck === undefined) return { verdict: "linearizable" };
    const words = prefix.map(wordsOf).join("\n  ");
    const where = part === "" ? "" : ` on ${part}`;
    const message = `no order explains the answers${where}. The longest that does:\n  ${words || "(none)"}\nand then this does not fit:\n  ${wordsOf(stuck)}`;
    return { verdict: "not linearizable", part, prefix, stuck, message };
  }
}

function wordsOf({ client, input, output, called, returned }: Operation<unknown, unknown>): string {
  const answer = returned === undefined ? "no answer" : show(output);
  return `client ${String(client)}: ${show(input)} -> ${answer} (from ${String(called)} to ${String(returned ?? "?")})`;
}
