/** What the group services of two nodes say to each other, and the check of what comes in. */
import { Pid } from "../term/pid.ts";
import { fits, type Shapes } from "./message-shape.ts";

/** A group with the members that live on the sender. */
type ToldGroup = readonly [group: unknown, pids: readonly Pid[]];

/** A message about one scope. */
export type PgMessage =
  /** I have begun to run the scope, without members: tell me yours. */
  | { readonly type: "discover"; readonly scope: string }
  /** These are all members of mine. */
  | { readonly type: "sync"; readonly scope: string; readonly groups: readonly ToldGroup[] }
  /** I do not run the scope (any more). */
  | { readonly type: "absent"; readonly scope: string }
  | { readonly type: "join"; readonly scope: string; readonly group: unknown; readonly pids: readonly Pid[] }
  | { readonly type: "leave"; readonly scope: string; readonly group: unknown; readonly pids: readonly Pid[] };

const isScope = (value: unknown): boolean => typeof value === "string";
const isAnything = (): boolean => true;
const arePids = (value: unknown): boolean => Array.isArray(value) && value.every((pid) => pid instanceof Pid);
const areGroups = (value: unknown): boolean =>
  Array.isArray(value) && value.every((entry) => Array.isArray(entry) && entry.length === 2 && arePids(entry[1]));

/** The fields of each message. */
export const pgShapes: Shapes & Readonly<Record<PgMessage["type"], unknown>> = {
  discover: { scope: isScope },
  sync: { scope: isScope, groups: areGroups },
  absent: { scope: isScope },
  join: { scope: isScope, group: isAnything, pids: arePids },
  leave: { scope: isScope, group: isAnything, pids: arePids },
};

/** Whether a message from another node is one of ours. */
export function isPgMessage(message: unknown): message is PgMessage {
  return fits(message, pgShapes);
}
