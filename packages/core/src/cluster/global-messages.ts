/** What the name services of two nodes say to each other, and the check of what comes in. */
import { Pid } from "../term/pid.ts";
import { isRemoteFunction } from "../term/remote-function.ts";
import { type Check, fits, type Shapes } from "./message-shape.ts";

/** A function that decides whose a name is; it stands on this node, or travels by its name. */
export type Resolver = (...args: never) => unknown;

/** What one node may ask another to do with a process or name of the other's. */
export type GlobalOp = "register" | "reRegister" | "unregister";

/** A message between the name services of two nodes; `id` numbers what its sender waits for. */
export type GlobalMessage =
  /** A process of mine shall have that name; refuse, or note it. */
  | {
      readonly type: "claim";
      readonly id: number;
      readonly name: unknown;
      readonly pid: Pid;
      readonly replace: boolean;
    }
  /** All complete registrations of mine, for a node that I have just met. */
  | { readonly type: "names"; readonly entries: readonly (readonly [name: unknown, pid: Pid])[] }
  /** That process of mine has the name no more; with an `id` to be answered. */
  | { readonly type: "gone"; readonly name: unknown; readonly pid: Pid; readonly id: number | null }
  /** The name was ours on both sides; this is how I have settled it. */
  | {
      readonly type: "verdict";
      readonly name: unknown;
      readonly mine: Pid;
      readonly yours: Pid;
      readonly winner: Pid | null;
    }
  | {
      readonly type: "request";
      readonly id: number;
      readonly op: GlobalOp;
      readonly name: unknown;
      readonly pid: Pid;
      readonly resolver: Resolver | null;
    }
  /** Tell me when no name is in dispute between us. */
  | { readonly type: "ping"; readonly id: number }
  /** Do you still wait for a claim of that name? Tell me at once: what you have said before is then known to me as well. */
  | { readonly type: "check"; readonly id: number; readonly name: unknown }
  | {
      readonly type: "lock";
      readonly id: number;
      readonly resource: unknown;
      readonly requester: unknown;
      readonly holder: Pid;
    }
  | {
      readonly type: "unlock";
      readonly id: number;
      readonly resource: unknown;
      readonly requester: unknown;
      readonly holder: Pid;
    }
  /** That process of mine has ended: all its locks are free. */
  | { readonly type: "unlockAll"; readonly holder: Pid }
  /** What you asked under that number: done, or not. */
  | { readonly type: "answer"; readonly id: number; readonly isYes: boolean };

const isId: Check = (value) => Number.isSafeInteger(value);
const isPid: Check = (value) => value instanceof Pid;
const isBoolean: Check = (value) => typeof value === "boolean";
const isAnything: Check = () => true;
const isIdOrNull: Check = (value) => value === null || isId(value);
const isPidOrNull: Check = (value) => value === null || isPid(value);
const isRemoteOrNull: Check = (value) => value === null || isRemoteFunction(value);
const isOneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === "string" && values.includes(value);
const isEntries: Check = (value) =>
  Array.isArray(value) && value.every((entry) => Array.isArray(entry) && entry.length === 2 && isPid(entry[1]));

const lock = { id: isId, resource: isAnything, requester: isAnything, holder: isPid };

/** The fields of each message. */
export const globalShapes: Shapes & Readonly<Record<GlobalMessage["type"], unknown>> = {
  claim: { id: isId, name: isAnything, pid: isPid, replace: isBoolean },
  names: { entries: isEntries },
  gone: { name: isAnything, pid: isPid, id: isIdOrNull },
  verdict: { name: isAnything, mine: isPid, yours: isPid, winner: isPidOrNull },
  request: {
    id: isId,
    op: isOneOf("register", "reRegister", "unregister"),
    name: isAnything,
    pid: isPid,
    resolver: isRemoteOrNull,
  },
  ping: { id: isId },
  check: { id: isId, name: isAnything },
  lock,
  unlock: lock,
  unlockAll: { holder: isPid },
  answer: { id: isId, isYes: isBoolean },
};

/** Whether a message from another node is one of ours. */
export function isGlobalMessage(message: unknown): message is GlobalMessage {
  return fits(message, globalShapes);
}
