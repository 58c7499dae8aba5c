/** Completion: names of nodes and processes inside quotes; everything else is left to the prompt's own completer. */
import type { Node } from "@otp/core";

/** What `readline` calls back with: the candidates, and the part of the line that they replace. */
export type Completed = readonly [candidates: string[], part: string];

/** Candidates for a line that ends within quotes; undefined for others. */
export function completeQuoted(node: Node, line: string): Completed | undefined {
  const open = /(?:^|[^\w"'])["']([\w@.:+=~-]*)$/u.exec(line);
  const part = open?.[1];
  if (part === undefined) return undefined;
  const names = [...node.list("connected"), node.name, ...node.registered(), ...node.global.registeredNames()];
  const texts = names.filter((name) => typeof name === "string");
  return [[...new Set(texts)].filter((name) => name.startsWith(part)), part];
}
