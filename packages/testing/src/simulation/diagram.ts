/** The last things that happened as a diagram of messages between processes, time running downwards. */
import type { TraceEvent } from "./trace.ts";

const width = 11;
const columnsMax = 7;

interface Drawn {
  readonly at: number;
  readonly words: string;
  /** Marks by column. */
  readonly marks: ReadonlyMap<string, string>;
  readonly arrow: readonly [from: string, to: string] | null;
}

/**
 * Draws the latest `count` events. `o──▶` is a send, `●` an arrival, `+` a birth, `✕` an end, `!` a DOWN or an exit signal.
 *
 * @example
 * const lines = diagramOf([{ kind: "send", from: "a.1", to: "a.2", message: "hello", at: 3, node: "a" }]);
 * lines[1]?.endsWith("hello"); // => true
 */
export function diagramOf(events: readonly TraceEvent[], count: number = 30): readonly string[] {
  const drawn = events.flatMap((event) => drawnOf(event) ?? []).slice(-count);
  const seen = new Set<string>();
  for (const { marks, arrow } of drawn.toReversed())
    for (const actor of [...marks.keys(), ...(arrow ?? [])]) seen.add(actor);
  const actors = [...seen].slice(0, columnsMax).toSorted();
  const header = `          ${actors.map((actor) => actor.slice(0, width - 1).padEnd(width)).join("")}`;
  return [header.trimEnd(), ...drawn.map((line) => `${stamp(line.at)}  ${rowOf(line, actors)}${line.words}`.trimEnd())];
}

function rowOf({ marks, arrow }: Drawn, actors: readonly string[]): string {
  const cells = Array.from(actors.map(() => `│${" ".repeat(width - 1)}`).join(""));
  for (const [actor, mark] of marks) {
    const at = actors.indexOf(actor);
    if (at >= 0) cells[at * width] = mark;
  }
  const [from = -1, to = -1] = arrow === null ? [] : arrow.map((actor) => actors.indexOf(actor));
  if (from >= 0 && to >= 0 && from !== to) {
    const step = from < to ? 1 : -1;
    for (let at = from * width + step; at !== to * width; at += step) cells[at] = "─";
    cells[to * width - step] = step > 0 ? "▶" : "◀";
  }
  return cells.join("");
}

function drawnOf(event: TraceEvent): Drawn | undefined {
  const line = (words: string, ...marks: readonly (readonly [string, string])[]): Drawn => ({
    at: event.at,
    words,
    marks: new Map(marks),
    arrow: null,
  });
  switch (event.kind) {
    case "send":
      return { ...line(cut(event.message), [event.from, "o"]), arrow: [event.from, event.to] };
    case "deliver":
      return line(cut(event.message), [event.to, "●"]);
    case "spawn":
      return event.isOld === true ? undefined : line("", [event.pid, "+"]);
    case "exit":
      return line(`ends: ${cut(event.reason)}`, [event.pid, "✕"]);
    case "down":
      return line(`DOWN of ${event.object}: ${cut(event.reason)}`, [event.to, "!"]);
    case "signal":
      return line(`exit signal of ${event.from}: ${cut(event.reason)}`, [event.to, "!"]);
    case "register":
      return line(`is now ${event.name}`, [event.pid, "="]);
    case "nodedown":
      return line(`${event.node} has lost ${event.peer}`);
    case "fault":
      return line(`(${event.what})`);
    default:
      return undefined;
  }
}

function cut(words: string): string {
  return words.length > 60 ? `${words.slice(0, 59)}…` : words;
}

function stamp(at: number): string {
  return `${at.toFixed(0).padStart(5)} ms`;
}
