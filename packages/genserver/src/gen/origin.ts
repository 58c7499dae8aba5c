/** Where a process comes from: who started it, under which name, to run what (PLIB-4). */
import { Pid } from "@otp/core";
import type { ProcessControl } from "@otp/core/internal";

import type { ServerName } from "./server-name.ts";

/** An ancestor, by its local name where it had one when it started the child. */
export type Ancestor = Pid | string;

/** What a process knows of its start. */
export interface Origin {
  /** The process that started it with a link or a monitor: its exit ends a behaviour that traps exits (GS-15). */
  readonly parent: Pid | null;
  /** The parent first. */
  readonly ancestors: readonly Ancestor[];
  readonly name: ServerName | null;
  /** What it was started to run, such as `Counter.init`. */
  readonly initialCall: string;
}

const none: readonly Ancestor[] = [];

/** The origin of a process that `starter`, or code outside any process, is about to start. */
export function originFrom(
  starter: ProcessControl | null,
  {
    name,
    initialCall,
    hasParent,
  }: { readonly name: ServerName | null; readonly initialCall: string; readonly hasParent: boolean },
): Origin {
  if (starter === null) return { parent: null, ancestors: [], name, initialCall };
  return { parent: hasParent ? starter.pid : null, ancestors: lineageOf(starter), name, initialCall };
}

/** The ancestors of the children of `starter`; one list for all of them, as long as its name and its own ancestors stay. */
function lineageOf(starter: ProcessControl): readonly Ancestor[] {
  const parts = starter.needParts();
  const first = parts.name ?? starter.pid;
  const { lineage } = parts;
  if (lineage !== null && lineage[0] === first && parts.dictionary === null) return lineage;
  const made = Object.freeze([first, ...ancestorsOf(starter)]);
  // Whoever has touched the dictionary may change there what the next children are told.
  parts.lineage = parts.dictionary === null ? made : null;
  return made;
}

/** What the dictionary of a process of that origin begins with. */
export function seedOf(origin: Origin): readonly (readonly [unknown, unknown])[] {
  return [
    ["$ancestors", origin.ancestors],
    ["$initial_call", origin.initialCall],
  ];
}

function ancestorsOf(process: ProcessControl): readonly Ancestor[] {
  const { parts, body } = process;
  if ((parts === null || parts.dictionary === null) && body === null) return none;
  // Asking for the dictionary would make one.
  const entries = parts?.dictionary?.entries() ?? body?.seed?.() ?? [];
  const held = entries.find(([key]) => key === "$ancestors")?.[1];
  const given: readonly unknown[] = Array.isArray(held) ? held : [];
  return given.filter((ancestor): ancestor is Ancestor => typeof ancestor === "string" || ancestor instanceof Pid);
}
