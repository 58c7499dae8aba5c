/**
 * A schedule: every free decision of a run, by name.
 *
 * A decision is a question with a name that says what it is about ("hold a.14@2": hold back the second turn of process 14 of
 * node a?), and its answer is a function of the seed and that name alone. So a deviation from the plain order can be dropped
 * without changing any other, and what is left of a failure after shrinking reads as a sentence.
 */
import { ArgumentError } from "@otp/core";

/** Answers other than 0, by the name of their question. */
export type Deviations = ReadonlyMap<string, number>;

/** The decisions of one run. 0 is always the plain answer: the oldest first, the least latency, no fault. */
export class Schedule {
  /** What the entropy of the nodes comes from, and the answers of a drawn schedule. */
  readonly seed: number;
  readonly #fixed: Deviations | null;
  readonly #rate: number;
  #found = new Map<string, number>();
  #asked = new Set<string>();

  private constructor(seed: number, fixed: Deviations | null) {
    this.seed = seed >>> 0;
    this.#fixed = fixed;
    // Some runs with few deviations, some with many: which of them finds a fault depends on the fault.
    this.#rate = 0.02 * 25 ** fraction(this.seed, "rate");
  }

  /** A schedule whose answers are drawn from `seed`. */
  static drawn(seed: number): Schedule {
    return new Schedule(seed, null);
  }

  /** A schedule that deviates where it is told to and nowhere else. */
  static fixed(seed: number, deviations: Deviations = new Map()): Schedule {
    return new Schedule(seed, deviations);
  }

  /**
   * Reads what `toString` wrote: `"7; hold a.14@2; latency a>b@4=3"`.
   *
   * @throws ArgumentError for anything else.
   */
  static parse(text: string): Schedule {
    const [seed = "", ...parts] = text.split(";").map((part) => part.trim());
    if (!/^\d+$/u.test(seed)) throw new ArgumentError(`expected a schedule such as "7; hold a.14@2". Got: ${text}`);
    const deviations = parts
      .filter((part) => part !== "")
      .map((part): [string, number] => {
        const [name = "", value = "1"] = part.split("=");
        return [name, Number(value)];
      });
    return Schedule.fixed(Number(seed), new Map(deviations));
  }

  /** Forgets what was asked; done at the start of a run. */
  begin(): void {
    this.#found = new Map();
    this.#asked = new Set();
  }

  /** Answers the question of that name: 0 … `choices`-1. `likelihood` is that of an answer other than 0, where drawn. */
  ask(name: string, choices: number, likelihood: number = this.#rate): number {
    if (choices < 2) return 0;
    this.#asked.add(name);
    const answer = this.#fixed === null ? this.#draw(name, choices, likelihood) : (this.#fixed.get(name) ?? 0);
    const valid = answer < choices ? answer : 0;
    if (valid !== 0) this.#found.set(name, valid);
    return valid;
  }

  /** The deviations of the latest run. */
  get deviations(): Deviations {
    return this.#found;
  }

  /** Deviations that were never asked for in the latest run: the program has changed since they were written down. */
  get unasked(): readonly string[] {
    return [...(this.#fixed?.keys() ?? [])].filter((name) => !this.#asked.has(name));
  }

  /** The seed, then the deviations of the latest run, or the given ones before any. */
  toString(): string {
    const deviations = this.#found.size > 0 ? this.#found : (this.#fixed ?? this.#found);
    const words = [...deviations].map(([name, value]) => (value === 1 ? name : `${name}=${String(value)}`));
    return [String(this.seed), ...words].join("; ");
  }

  #draw(name: string, choices: number, likelihood: number): number {
    if (fraction(this.seed, name) >= likelihood) return 0;
    return 1 + Math.floor(fraction(this.seed, `${name}?`) * (choices - 1));
  }
}

/** A number from 0 to below 1 that depends on nothing but the two; FNV-1a with a final mix. */
export function fraction(seed: number, name: string): number {
  let hash = hashOf(name, (seed ^ 0x81_1c_9d_c5) >>> 0);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45_d9_f3_b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45_d9_f3_b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** FNV-1a, continued from `start`. */
export function hashOf(text: string, start: number): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01_00_01_93);
  return hash >>> 0;
}
