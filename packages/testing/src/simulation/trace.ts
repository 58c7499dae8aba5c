/** What happened in a run, in order: what laws are checked on, and what tells whether two runs were the same. */
import type { Deed } from "../record/deed.ts";
import { hashOf } from "../schedule/chance.ts";

/**
 * One thing that happened; pids, refs and messages are in words, as they print on that node.
 *
 * @see lineOf
 */
export type Happening =
  | { readonly kind: "turn"; readonly pid: string }
  | {
      readonly kind: "spawn";
      readonly pid: string;
      /** It was there before anybody watched. */
      readonly isOld?: boolean;
      /** The process that has spawned it, where that was one of this node. */
      readonly parent?: string;
      readonly leader?: string;
      readonly parentLeader?: string;
    }
  | { readonly kind: "exit"; readonly pid: string; readonly reason: string; readonly links?: readonly string[] }
  | { readonly kind: "send"; readonly from: string; readonly to: string; readonly message: string }
  | {
      readonly kind: "deliver";
      readonly to: string;
      readonly message: string;
      /** The how-manieth message of the process it is. */
      readonly n?: number;
      /** The sender, where it is known, and the alias that it was sent to. */
      readonly from?: string;
      readonly through?: string;
      /** What a message of the system is about: `EXIT a.5`, `nodeup b@host`. */
      readonly about?: string;
    }
  | {
      readonly kind: "down";
      readonly to: string;
      readonly ref: string;
      readonly object: string;
      readonly reason: string;
      readonly n?: number;
    }
  | {
      readonly kind: "signal";
      readonly to: string;
      readonly from: string;
      readonly reason: string;
      readonly isFromLink: boolean;
    }
  | { readonly kind: "monitor"; readonly pid: string; readonly ref: string; readonly object: string }
  | { readonly kind: "demonitor"; readonly pid: string; readonly ref: string; readonly isFlushed: boolean }
  | { readonly kind: "register" | "release"; readonly name: string; readonly pid: string }
  | { readonly kind: "nodedown"; readonly peer: string }
  | { readonly kind: "fault"; readonly what: string }
  | Deed;

/**
 * A thing that happened, with where and when.
 *
 * @see lineOf
 */
export type TraceEvent = Happening & { readonly at: number; readonly node: string };

/**
 * The events of one run.
 *
 * @example
 * const { trace } = await observe(Schedule.fixed(1), async (sim) => {
 *   (await sim.node("a")).spawn(() => undefined);
 *   await sim.run("toQuiescence");
 * });
 * trace.events.map(({ kind }) => kind).includes("spawn"); // => true
 */
export class Trace {
  readonly events: TraceEvent[] = [];
  #hash = 0x81_1c_9d_c5;
  #hashed = 0;

  add(at: number, node: string, happening: Happening): void {
    this.events.push(Object.assign(happening, { at, node }));
  }

  /** Equal for equal runs, and different for different ones but for chance. */
  get hash(): string {
    for (; this.#hashed < this.events.length; this.#hashed += 1) {
      const event = this.events[this.#hashed];
      for (const value of Object.values(event ?? {})) this.#hash = hashOf(String(value), this.#hash ^ 0x2c);
    }
    return this.#hash.toString(16).padStart(8, "0");
  }

  /** The latest events, a line each. */
  lastLines(count: number = 30): readonly string[] {
    return this.events.slice(-count).map(lineOf);
  }
}

/**
 * An event in a line.
 *
 * ```ts continues
 * lineOf({ kind: "turn", pid: "a.1", at: 5, node: "a" }); // => "     5 ms  a  turn      pid a.1"
 * ```
 */
export function lineOf({ at, node, kind, ...rest }: TraceEvent): string {
  const words = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  return `${at.toFixed(0).padStart(6)} ms  ${node}  ${kind.padEnd(9)} ${words.join(", ")}`;
}

/**
 * Where two runs that should have been the same part, in words; undefined when they do not.
 *
 * ```ts continues
 * firstDifference(trace, trace); // => undefined
 * ```
 */
export function firstDifference(one: Trace, other: Trace): string | undefined {
  const length = Math.max(one.events.length, other.events.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [one.events[at], other.events[at]];
    const [left, right] = [a && lineOf(a), b && lineOf(b)];
    if (left !== right) return `event ${String(at)}\n  first:  ${left ?? "(over)"}\n  second: ${right ?? "(over)"}`;
  }
  return undefined;
}
