/** What nodes say to each other so that no two of them are connected to a third that only one of them knows. */
import { type Check, fits, type Shapes } from "./message-shape.ts";

/** A node that was lost, in the incarnation that was known; null for one that could not be connected to at all. */
export type Loss = readonly [node: string, creation: number | null];

/** Who has lost whom: said by the one that has, and passed on where that changes something. */
export interface LostMessage {
  readonly type: "lost";
  /** Who has lost them, and its incarnation. */
  readonly by: string;
  readonly creation: number;
  /** Grows with each such message of that incarnation. */
  readonly serial: number;
  readonly nodes: readonly Loss[];
}

/** A message between the nodes of a cluster about overlapping partitions. */
export type OverlapMessage =
  | LostMessage
  /** Give up the connection to me: somebody whom I know has lost you. */
  | { readonly type: "remove" }
  /** I am doing so now. */
  | { readonly type: "removed" };

const mostNodes = 10_000;
const mostLetters = 255;

const isName: Check = (value) => typeof value === "string" && value.length <= mostLetters;
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isLoss: Check = (value) =>
  Array.isArray(value) && value.length === 2 && isName(value[0]) && (value[1] === null || isCount(value[1]));
const isLosses: Check = (value) =>
  Array.isArray(value) && value.length <= mostNodes && value.every((entry) => isLoss(entry));

/** The fields of each message. */
export const overlapShapes: Shapes & Readonly<Record<OverlapMessage["type"], unknown>> = {
  lost: { by: isName, creation: isCount, serial: isCount, nodes: isLosses },
  remove: {},
  removed: {},
};

/** Whether a message from another node is one of ours. */
export function isOverlapMessage(message: unknown): message is OverlapMessage {
  return fits(message, overlapShapes);
}
