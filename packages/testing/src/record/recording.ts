/** A record of what a node does, kept as lines that can be written to a file and checked later, anywhere. */
import { ArgumentError, type Node } from "@otp/core";
import { Node as Inner } from "@otp/core/internal";

import { checkLaws } from "../laws/laws.ts";
import type { TraceEvent } from "../simulation/trace.ts";
import { tellRest } from "./rest.ts";
import { watchKernel } from "./watch-kernel.ts";
import type { Watch } from "./watch.ts";

/**
 * How a record is kept.
 *
 * @see record
 */
export interface RecordOptions {
  /** Takes each event as one line of JSON, as it happens; by default they are kept in `events`. */
  readonly write?: (line: string) => void;
}

/**
 * A record in progress.
 *
 * @see record
 */
export class Recording implements Disposable {
  /** What happened, oldest first; empty when lines are written elsewhere. */
  readonly events: TraceEvent[] = [];
  readonly #watch: Watch;
  readonly #node: Node;
  readonly #keep: (event: TraceEvent) => void;

  constructor(node: Node, { write }: RecordOptions = {}) {
    const kernel = Inner.kernelOf(node);
    this.#node = node;
    this.#keep = write === undefined ? (event) => this.events.push(event) : (event) => write(JSON.stringify(event));
    this.#watch = watchKernel(
      kernel,
      (happening) => this.#keep({ ...happening, at: kernel.runtime.now(), node: node.name }),
      true,
    );
  }

  /** The record so far, a line of JSON per event. */
  get lines(): string[] {
    return this.events.map((event) => JSON.stringify(event));
  }

  /**
   * Writes down what the node's tables hold. To be called when nothing is under way any more: what must be so at rest can
   * only be checked then. Where several nodes are recorded, each has to be asked before any goes on.
   */
  settle(): void {
    tellRest(this.#watch, this.#node);
    this.#watch.tell({ kind: "settled" });
  }

  /** Ends the record; the node goes on as if it had never been watched. */
  stop(): void {
    this.#watch.end();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/**
 * Records what `node` does from now on: spawns, signals, messages, timers, calls, names, connections, supervisors. A node that
 * is not recorded pays nothing for it; one that is does a few times as much work per message.
 *
 * @example
 * import { Node } from "@otp/core";
 *
 * const node = await Node.start();
 * const lines: string[] = [];
 * using recording = record(node, { write: (line) => lines.push(line) });
 * node.spawn(async (self) => self.send(self.pid, "hello"));
 * await node.stop();
 * recording.stop();
 * checkRecording(lines); // => []
 */
export function record(node: Node, options: RecordOptions = {}): Recording {
  return new Recording(node, options);
}

/**
 * The events of lines that a recording wrote; empty lines are skipped.
 *
 * @throws ArgumentError for a line that is no event.
 *
 * ```ts continues
 * readRecording(['{"kind":"turn","pid":"a.1","at":1,"node":"a"}', ""]).length; // => 1
 * readRecording(["no event"]); // => throws ArgumentError
 * ```
 */
export function readRecording(lines: Iterable<string>): TraceEvent[] {
  const events: TraceEvent[] = [];
  let count = 0;
  for (const line of lines) {
    count += 1;
    if (line.trim() === "") continue;
    const event = parsed(line);
    if (!isEvent(event))
      throw new ArgumentError(`expected an event in line ${String(count)}. Got: ${line.slice(0, 100)}`);
    events.push(event);
  }
  return events;
}

/**
 * What a recording says against the laws; nothing, always. Lines of several nodes of one cluster may follow each other in any
 * way that keeps those of each node in order.
 *
 * @example
 * const lines = ['{"kind":"exit","pid":"a.1","reason":"normal","at":1,"node":"a"}', '{"kind":"exit","pid":"a.1","reason":"normal","at":2,"node":"a"}'];
 * checkRecording(lines); // => ["K9: a.1 ended twice"]
 */
export function checkRecording(lines: Iterable<string>): readonly string[] {
  return checkLaws(readRecording(lines));
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** What was recorded is trusted to be whole when it says what, where and when. */
function isEvent(value: unknown): value is TraceEvent {
  if (typeof value !== "object" || value === null) return false;
  return "kind" in value && typeof value.kind === "string" && "node" in value && "at" in value;
}
