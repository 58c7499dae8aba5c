/**
 * A schedule: every free decision of a run, by name.
 *
 * A decision is a question with a name that says what it is about ("hold a.14@2": hold back the second turn of process 14 of
 * node a?), and its answer is a function of the seed and that name alone. So a deviation from the plain order can be dropped
 * without changing any other, and what is left of a failure after shrinking reads as a sentence.
 */
import { ArgumentError } from "@otp/core";

import { fraction, type Question } from "./chance.ts";
import { NamedOrder, type Order, RandomOrder, PriorityOrder, type Standing } from "./order.ts";

/**
 * Answers other than 0, by the name of their question.
 *
 * @see Schedule
 */
export type Deviations = ReadonlyMap<string, number>;

/** A question that was asked, with what was answered. */
export interface Asked {
  readonly name: string;
  readonly choices: number;
  readonly answer: number;
}

/**
 * How the order of turns is drawn: by name, by priorities of lanes that change now and then, or as a random walk.
 *
 * @see Schedule
 */
export type Strategy = "named" | "priority" | "random";

/**
 * How a schedule is drawn, where it is not as the seed has it.
 *
 * @see Schedule
 */
export interface DrawOptions {
  /** Default: 70 of 100 seeds by name, 20 by priority, 10 at random. */
  readonly strategy?: Strategy;
}

/** How often one event may be held back. */
const pushesMax = 40;

/**
 * The decisions of one run. 0 is always the plain answer: the oldest first, the least latency, no fault.
 *
 * @example
 * const again = Schedule.parse("7; hold a.14@2; latency a>b@4=3");
 * again.seed; // => 7
 * String(again); // => "7; hold a.14@2; latency a>b@4=3"
 * String(Schedule.fixed(7, new Map([["hold a.14@2", 1]]))); // => "7; hold a.14@2"
 * Schedule.drawn(7, { strategy: "random" }).seed; // => 7
 * Schedule.parse("no schedule"); // => throws ArgumentError
 */
export class Schedule {
  /** What the entropy of the nodes comes from, and the answers of a drawn schedule. */
  readonly seed: number;
  readonly #fixed: Deviations | null;
  readonly #strategy: Strategy;
  readonly #rates = new Map<string, number>();
  #order: Order;
  #found = new Map<string, number>();
  #missed = new Set<string>();
  /** Where questions are written down, for a search that goes through all answers. */
  #record: Asked[] | null = null;

  private constructor(seed: number, fixed: Deviations | null, strategy: Strategy) {
    this.seed = seed >>> 0;
    this.#fixed = fixed;
    this.#strategy = strategy;
    this.#order = this.#makeOrder();
    this.#missed = new Set(fixed?.keys());
  }

  /** A schedule whose answers are drawn from `seed`. */
  static drawn(seed: number, options: DrawOptions = {}): Schedule {
    return new Schedule(seed, null, options.strategy ?? strategyOf(seed));
  }

  /** A schedule that deviates where it is told to and nowhere else. */
  static fixed(seed: number, deviations: Deviations = new Map()): Schedule {
    return new Schedule(seed, deviations, "named");
  }

  /**
   * Reads what `toString` wrote: `"7; hold a.14@2; latency a>b@4=3"`. The seed may be left out.
   *
   * @throws ArgumentError for anything else.
   */
  static parse(text: string): Schedule {
    const parts = text
      .split(";")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    const seed = /^\d+$/u.test(parts[0] ?? "") ? Number(parts.shift()) : 1;
    const deviations = parts.map((part): [string, number] => {
      const [, name, value = "1"] = /^([a-z][^;=]*@\d+)(?:=(\d+))?$/u.exec(part) ?? [];
      if (name === undefined)
        throw new ArgumentError(`expected a schedule such as "7; hold a.14@2; latency a>b@4=3". Got: ${text}`);
      return [name, Number(value)];
    });
    return Schedule.fixed(seed, new Map(deviations));
  }

  /** Forgets what was asked; done at the start of a run. */
  begin(): void {
    this.#found = new Map();
    this.#missed = new Set(this.#fixed?.keys());
    this.#order = this.#makeOrder();
  }

  /** Answers the question of that name: 0 … `choices`-1. `likelihood` is that of an answer other than 0, where drawn. */
  ask(name: string, choices: number, likelihood: number = this.rateOf(kindOf(name))): number {
    if (choices < 2) return 0;
    if (this.#fixed !== null) return this.#note(name, choices, this.#take(name, choices));
    if (fraction(this.seed, name) >= likelihood) return 0;
    return this.#note(name, choices, 1 + Math.floor(fraction(this.seed, `${name}?`) * (choices - 1)));
  }

  /** Like `ask`, for the nth asking of a question; cheap where nothing deviates. */
  askAgain(question: Question, n: number, { choices = 2, likelihood }: AskOptions = {}): number {
    if (this.#fixed === null) {
      if (question.fraction(this.seed, n) >= (likelihood ?? this.rateOf(kindOf(question.words)))) return 0;
    } else if (this.#missed.size === 0 && this.#record === null) return 0;
    return this.ask(question.name(n), choices, 1);
  }

  /** Whether the event that is first in the queue goes behind all others that can happen now (once more). */
  holds(standing: Standing): boolean {
    const { question, n, pushes, ready } = standing;
    if (pushes >= pushesMax) return false;
    if (this.#fixed === null) {
      if (!this.#order.holds(standing)) return false;
      this.#found.set(question.name(n), pushes + 1);
      return true;
    }
    if (pushes === 0) {
      if (this.#missed.size === 0 && this.#record === null) return false;
      const count = this.#take(question.name(n), pushesMax + 1);
      if (count > 0) this.#found.set(question.name(n), count);
    }
    const isHeld = pushes < (this.#fixed.get(question.name(n)) ?? 0);
    // Where all others are held back, it would be the first one's turn again.
    if (this.#record !== null && ready.held < ready.lanes().size - 1)
      this.#record.push({ name: question.name(n), choices: 2, answer: isHeld ? 1 : 0 });
    return isHeld;
  }

  /** How likely a deviation of that kind is under this seed. */
  rateOf(kind: string): number {
    let rate = this.#rates.get(kind);
    if (rate === undefined) {
      // Some runs with few deviations, some with many, some without those of one kind: which of them finds a fault depends on
      // the fault.
      const isOff = kind !== "hold" && fraction(this.seed, `without ${kind}`) < 0.15;
      rate = isOff ? 0 : 0.02 * 25 ** fraction(this.seed, `rate ${kind}`);
      this.#rates.set(kind, rate);
    }
    return rate;
  }

  /** The deviations of the latest run. */
  get deviations(): Deviations {
    return this.#found;
  }

  /** Deviations that were never asked for in the latest run: the program has changed since they were written down. */
  get unasked(): readonly string[] {
    return [...this.#missed];
  }

  /** From here on every question is written down in `record`. */
  recordIn(record: Asked[]): void {
    this.#record = record;
  }

  /** The seed, then the deviations of the latest run, or the given ones before any. */
  toString(): string {
    const deviations = this.#found.size > 0 ? this.#found : (this.#fixed ?? this.#found);
    const words = [...deviations].map(([name, value]) => (value === 1 ? name : `${name}=${String(value)}`));
    return [String(this.seed), ...words].join("; ");
  }

  #take(name: string, choices: number): number {
    this.#missed.delete(name);
    const answer = this.#fixed?.get(name) ?? 0;
    return answer < choices ? answer : 0;
  }

  #note(name: string, choices: number, answer: number): number {
    this.#record?.push({ name, choices, answer });
    if (answer !== 0) this.#found.set(name, answer);
    return answer;
  }

  #makeOrder(): Order {
    switch (this.#strategy) {
      case "priority":
        return new PriorityOrder(this.seed);
      case "random":
        return new RandomOrder(this.seed);
      default:
        return new NamedOrder(this.seed, this.rateOf("hold"));
    }
  }
}

/** How a question is asked. */
export interface AskOptions {
  readonly choices?: number;
  readonly likelihood?: number;
}

function kindOf(name: string): string {
  const end = name.search(/[ <]/u);
  return end < 0 ? name : name.slice(0, end);
}

function strategyOf(seed: number): Strategy {
  const share = fraction(seed, "strategy");
  return share < 0.7 ? "named" : share < 0.9 ? "priority" : "random";
}
