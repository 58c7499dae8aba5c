/**
 * A plugin for Vite and Vitest that makes every `await` of the modules under test a decision of the schedule.
 *
 * Without it only turns of processes are reordered: what a process does between two waits for the kernel, it does at once, plain
 * `await`s included. In production others run meanwhile, so a check and an act with a plain `await` between them are a race that
 * a simulation does not see. With it `await x` is a point where others may have a turn first.
 */
import { pointsKey } from "./simulation/points.ts";

/** Which modules are meant. */
export interface AwaitPointsOptions {
  /** Modules whose path matches; the code under test, never dependencies or the framework. */
  readonly include: RegExp;
}

/** The part of a plugin's context that is needed: the bundler's own parser. */
interface ParserContext {
  parse(code: string): unknown;
}

/** A plugin, as Vite, Rollup and Rolldown take it. */
export interface AwaitPointsPlugin {
  readonly name: string;
  readonly enforce: "post";
  transform(this: ParserContext, code: string, id: string): { readonly code: string; readonly map: null } | undefined;
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

const pointName = "__otpAwaitPoint";
// On one line, at the end: lines stay where they are.
const prologue = `\nfunction ${pointName}(value) { const points = globalThis[Symbol.for(${JSON.stringify(pointsKey)})]; return points === undefined || points.current === null ? value : points.current(value); }\n`;

/**
 * The plugin, to be put into `plugins` of a Vitest configuration:
 *
 * ```ts ignore
 * // A configuration file.
 * export default defineConfig({ plugins: [awaitPoints({ include: /\/src\/orders\// })] });
 * ```
 */
export function awaitPoints({ include }: AwaitPointsOptions): AwaitPointsPlugin {
  return {
    name: "otp-await-points",
    enforce: "post",
    transform(code, id) {
      const path = id.split("?")[0] ?? id;
      if (!include.test(path) || path.includes("/node_modules/") || !code.includes("await")) return undefined;
      const insertions: Insertion[] = [];
      collect(this.parse(code), insertions);
      if (insertions.length === 0) return undefined;
      return { code: withInsertions(code, insertions) + prologue, map: null };
    },
  };
}

/** Finds what is awaited, anywhere in the tree. */
function collect(node: unknown, insertions: Insertion[]): void {
  if (typeof node !== "object" || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) collect(item, insertions);
    return;
  }
  if (Reflect.get(node, "type") === "AwaitExpression") {
    const argument: unknown = Reflect.get(node, "argument");
    const [start, end] = [placeIn(argument, "start"), placeIn(argument, "end")];
    insertions.push({ at: start, text: `${pointName}(` }, { at: end, text: ")" });
  }
  for (const member of Object.values(node)) collect(member, insertions);
}

function placeIn(node: unknown, edge: "start" | "end"): number {
  const place: unknown = typeof node === "object" && node !== null ? Reflect.get(node, edge) : undefined;
  if (typeof place !== "number") throw new Error("expected a parser that says where an expression starts and ends");
  return place;
}

function withInsertions(code: string, insertions: readonly Insertion[]): string {
  let text = "";
  let from = 0;
  for (const { at, text: inserted } of insertions.toSorted((a, b) => a.at - b.at)) {
    text += code.slice(from, at) + inserted;
    from = at;
  }
  return text + code.slice(from);
}
