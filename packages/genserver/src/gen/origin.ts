/** Where a process comes from: who started it, under which name, to run what (PLIB-4). */
import type { Pid } from "@otp/core";
import type { ProcessControl } from "@otp/core/internal";

import type { ServerName } from "./server-name.ts";

/** An ancestor, by its local name where it had one when it started the child. */
export type Ancestor = Pid | string;

/** What a process knows of its start. */
export interface Origin {
  /** The process that started it; null when that was code outside any process. */
  readonly parent: Pid | null;
  /** The parent first. */
  readonly ancestors: readonly Ancestor[];
  readonly name: ServerName | null;
  /** What it was started to run, such as `Counter.init`. */
  readonly initialCall: string;
}

/** The origin of a process that `parent` is about to start. */
export function originFrom(
  parent: ProcessControl | null,
  { name, initialCall }: { readonly name: ServerName | null; readonly initialCall: string },
): Origin {
  if (parent === null) return { parent: null, ancestors: [], name, initialCall };
  const ancestors = [parent.parts?.name ?? parent.pid, ...ancestorsOf(parent)];
  return { parent: parent.pid, ancestors, name, initialCall };
}

/** What the dictionary of a process of that origin begins with. */
export function seedOf(origin: Origin): readonly (readonly [unknown, unknown])[] {
  return [
    ["$ancestors", origin.ancestors],
    ["$initial_call", origin.initialCall],
  ];
}

function ancestorsOf(process: ProcessControl): readonly Ancestor[] {
  // Asking for the dictionary would make one.
  const entries = process.parts?.dictionary?.entries() ?? process.body?.seed?.() ?? [];
  const held = entries.find(([key]) => key === "$ancestors")?.[1];
  return Array.isArray(held) ? held : [];
}
