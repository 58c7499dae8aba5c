/**
 * Strategies for the order of turns. Each answers the same question, whether the event that is first is held back, so that
 * whatever a strategy did is written down, repeated and shrunk by names.
 */
import { fraction, type Question } from "./chance.ts";

/** A lane, as far as strategies look at it. */
export interface Rival {
  readonly name: string;
}

/** What can happen now, as far as strategies look at it. */
export interface Queue {
  /** How many were held back since something has happened. */
  readonly held: number;
  /** The lanes of which something can happen, that of the first event among them. */
  lanes(): ReadonlySet<Rival>;
}

/** An event that is first in the queue, where it could be another one's turn. */
export interface Standing {
  readonly question: Question;
  /** The how-manieth event of its lane it is. */
  readonly n: number;
  /** How often it was held back. */
  readonly pushes: number;
  readonly lane: Rival;
  readonly ready: Queue;
}

/** A strategy. */
export interface Order {
  holds(standing: Standing): boolean;
}

/** Each event is held back or not by its name alone, a few times at most. */
export class NamedOrder implements Order {
  readonly #seed: number;
  readonly #rate: number;

  constructor(seed: number, rate: number) {
    this.#seed = seed;
    this.#rate = rate;
  }

  holds({ question, n, pushes }: Standing): boolean {
    if (pushes === 0) return question.fraction(this.#seed, n) < this.#rate;
    return fraction(this.#seed, `${question.name(n)} ${String(pushes)}`) < 0.25;
  }
}

/** All lanes are equally likely to be next. */
export class RandomOrder implements Order {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  holds({ question, n, pushes, ready }: Standing): boolean {
    return fraction(this.#seed, `${question.name(n)} ${String(pushes)}`) >= 1 / ready.lanes().size;
  }
}

/**
 * Probabilistic concurrency testing: the lane of the highest priority goes first, and at a few moments the one that is about
 * to goes last from then on. Finds what needs few switches at the right places, however much else is going on.
 */
export class PriorityOrder implements Order {
  readonly #seed: number;
  readonly #priorities = new Map<Rival, number>();
  readonly #changes: ReadonlySet<number>;
  #steps = 0;
  #lowest = 0;

  constructor(seed: number) {
    this.#seed = seed;
    const span = 8 * 64 ** fraction(seed, "span");
    this.#changes = new Set([1, 2, 3].map((change) => Math.floor(fraction(seed, `change ${String(change)}`) * span)));
  }

  holds({ lane, ready }: Standing): boolean {
    this.#steps += 1;
    const own = this.#priorityOf(lane);
    for (const rival of ready.lanes()) if (rival !== lane && this.#priorityOf(rival) > own) return true;
    if (!this.#changes.has(this.#steps)) return false;
    this.#lowest -= 1;
    this.#priorities.set(lane, this.#lowest);
    return true;
  }

  #priorityOf(lane: Rival): number {
    let priority = this.#priorities.get(lane);
    if (priority === undefined) {
      priority = fraction(this.#seed, `priority ${lane.name}`);
      this.#priorities.set(lane, priority);
    }
    return priority;
  }
}
