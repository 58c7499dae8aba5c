/** Reading traces: what all laws need. */
import type { TraceEvent } from "../simulation/trace.ts";
import { short } from "../simulation/words.ts";

/**
 * Looks for breaches of one rule; says what is wrong, nothing when nothing is.
 *
 * @see laws
 */
export type Law = (events: readonly TraceEvent[]) => readonly string[];

/** The events of some kinds. */
export type Of<Kind extends TraceEvent["kind"]> = Extract<TraceEvent, { readonly kind: Kind }>;

/** The events of those kinds, in order. */
export function only<Kind extends TraceEvent["kind"]>(
  events: readonly TraceEvent[],
  ...kinds: readonly Kind[]
): Of<Kind>[] {
  const wanted: readonly string[] = kinds;
  return events.filter((event): event is Of<Kind> => wanted.includes(event.kind));
}

/** The events of each node, in order. Only this order is the same in a recording. */
export function perNode(events: readonly TraceEvent[]): Map<string, TraceEvent[]> {
  const nodes = new Map<string, TraceEvent[]>();
  for (const event of events) {
    const list = nodes.get(event.node);
    if (list === undefined) nodes.set(event.node, [event]);
    else list.push(event);
  }
  return nodes;
}

/** The events up to the last time at which nothing was under way; empty when there was no such time. */
export function settledPart(events: readonly TraceEvent[]): readonly TraceEvent[] {
  return events.slice(0, events.findLastIndex(({ kind }) => kind === "settled") + 1);
}

/** The node of a pid in words. */
export function homeOf(pid: string): string {
  return pid.slice(0, Math.max(0, pid.lastIndexOf(".")));
}

/** Whether both mean the same node, one by its full name and the other perhaps without its host. */
export function isNode(one: string, other: string): boolean {
  return one === other || short(one) === other || one === short(other);
}

/** A map whose values are made on first use. */
export class Table<Value> extends Map<string, Value> {
  readonly #make: () => Value;

  constructor(make: () => Value) {
    super();
    this.#make = make;
  }

  /** The value of a key, made now if it is not there. */
  need(key: string): Value {
    let value = this.get(key);
    if (value === undefined) {
      value = this.#make();
      this.set(key, value);
    }
    return value;
  }
}

/** Who lives on each node, as its events say; asked while going through them. */
export class Living {
  readonly #alive = new Set<string>();
  readonly #ended = new Map<string, string>();

  /** Takes note of the next event. */
  see(event: TraceEvent): void {
    if (event.kind === "spawn") {
      this.#alive.add(event.pid);
      this.#ended.delete(event.pid);
    } else if (event.kind === "exit") {
      this.#alive.delete(event.pid);
      this.#ended.set(event.pid, event.reason);
    } else if (event.kind === "boot") {
      for (const pid of this.#alive) if (isNode(homeOf(pid), event.node)) this.#alive.delete(pid);
      for (const pid of this.#ended.keys()) if (isNode(homeOf(pid), event.node)) this.#ended.delete(pid);
    }
  }

  /** Whether it was seen to start and not to end. */
  has(pid: string): boolean {
    return this.#alive.has(pid);
  }

  /** Why it ended, if it was seen to. */
  reasonOf(pid: string): string | undefined {
    return this.#ended.get(pid);
  }
}
