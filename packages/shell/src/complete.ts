/** Completion: names of nodes and processes inside quotes; helpers, bindings and properties everywhere else. */
import type { Node } from "@otp/core";

import type { Scope } from "./scope.ts";

/** What `readline` calls back with: the candidates, and the part of the line that they replace. */
export type Completed = readonly [candidates: string[], part: string];

/** Where names come from. */
export interface Known {
  readonly node: Node;
  readonly scope: Scope;
}

/** Candidates for the end of a line. */
export async function completeIn({ node, scope }: Known, line: string): Promise<Completed> {
  const open = /(?:^|[^\w"'])["']([\w@.:+=~-]*)$/u.exec(line)?.[1];
  if (open !== undefined) return starting(await quotable(node), open);
  const part = /[\w$.]*$/u.exec(line)?.[0] ?? "";
  const at = part.lastIndexOf(".");
  if (at === -1) return starting([...propertiesOf(scope.names), ...propertiesOf(globalThis)], part);
  const [first = "", ...path] = part.slice(0, at).split(".");
  let value: unknown =
    first in globalThis || Object.hasOwn(scope.names, first) ? Reflect.get(scope.names, first) : undefined;
  for (const name of path) {
    const inner: unknown = isObject(value) ? Reflect.get(value, name) : undefined;
    value = inner;
  }
  const head = part.slice(0, at + 1);
  const found = propertiesOf(value).map((name) => `${head}${name}`);
  return starting(found, part);
}

/** Nodes that can be seen, and names of processes. */
async function quotable(node: Node): Promise<string[]> {
  const seen = await node.discover();
  const names = [...seen, ...node.list("connected"), node.name, ...node.registered(), ...node.global.registeredNames()];
  return names.filter((name) => typeof name === "string");
}

function starting(names: readonly string[], part: string): Completed {
  return [[...new Set(names)].filter((name) => name.startsWith(part)).toSorted(), part];
}

/** The names of a value's properties that can be typed behind a dot; those that every object has are left out. */
function propertiesOf(value: unknown): string[] {
  const names: string[] = [];
  for (let at = value; isObject(at) && at !== Object.prototype && at !== Function.prototype;) {
    names.push(...Object.getOwnPropertyNames(at));
    at = Object.getPrototypeOf(at);
  }
  return names.filter((name) => /^[A-Za-z$][\w$]*$/u.test(name) && name !== "constructor");
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
