/** What a state machine is told, and what it may ask for besides a new state (STATEM-1, STATEM-5 … STATEM-7). */
import type { AnyProtocol, CallOf, CastOf, InfoOf, ReplyTo } from "../gen-server/protocol.ts";
import { type From, replyTo } from "../gen/from.ts";

/** Something that happens to a machine. */
export type MachineEvent<State = unknown, P = AnyProtocol> =
  /** A request that waits for a reply action. */
  | { readonly type: "call"; readonly from: From<ReplyTo<CallOf<P>>>; readonly request: CallOf<P> }
  | { readonly type: "cast"; readonly message: CastOf<P> }
  /** Any other message. */
  | { readonly type: "info"; readonly message: InfoOf<P> }
  /** An event that the machine has inserted for itself. */
  | { readonly type: "internal"; readonly content: unknown }
  /** Nothing has happened for as long as an event timeout said. */
  | { readonly type: "timeout"; readonly content: unknown }
  /** The state has not changed for as long as a state timeout said. */
  | { readonly type: "stateTimeout"; readonly content: unknown }
  /** A generic timeout of that name is over. */
  | { readonly type: "genericTimeout"; readonly name: unknown; readonly content: unknown }
  /** The state has been entered, where the machine wants to know (STATEM-8). */
  | { readonly type: "enter"; readonly oldState: State };

/** Which of a machine's timers is meant. */
export type TimeoutKind = "timeout" | "stateTimeout" | "genericTimeout";

/** Starts, stops or changes a timer. */
export interface TimeoutAction {
  readonly type: TimeoutKind;
  /** Of a generic timeout; there may be one timer per name. */
  readonly name?: unknown;
  /**
   * Milliseconds; 0 comes before anything in the mailbox. `"infinity"` and `"cancel"` stop the timer, `"update"` changes only
   * its content (STATEM-7).
   */
  readonly ms: number | "infinity" | "cancel" | "update";
  readonly content?: unknown;
  /** `ms` is a point on the node's monotonic clock. */
  readonly abs?: boolean;
}

/** What a callback may ask for besides a new state; actions are done in their order. */
export type Action =
  | { readonly type: "reply"; readonly send: () => void }
  /** Tries the event again after the next change of state (STATEM-4). */
  | { readonly type: "postpone" }
  /** Inserts an event, to be handled before everything that waits (STATEM-5). */
  | { readonly type: "nextEvent"; readonly event: MachineEvent }
  /** Accepted for familiarity. */
  | { readonly type: "hibernate" }
  | TimeoutAction;

/** A reply among actions. */
export type ReplyAction = Extract<Action, { readonly type: "reply" }>;

/** The reply to a call, as an action. */
export function replyAction<Reply>(from: From<Reply>, value: Reply): ReplyAction {
  return {
    type: "reply",
    send: () => {
      replyTo(from, value);
    },
  };
}
