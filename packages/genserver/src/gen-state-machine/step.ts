/**
 * What follows from a callback's result: the new state and data, which events come next, and what has to be done (STATEM-3 …
 * STATEM-5). Pure: the loop carries it out.
 */
import { isDeepStrictEqual } from "node:util";

import type { Action, MachineEvent, ReplyAction, TimeoutAction } from "./event.ts";
import { MachineResult } from "./result.ts";

/** Where a machine is. */
export interface Position {
  readonly state: unknown;
  readonly data: unknown;
  /** Events to be handled before the mailbox, first one first. */
  readonly queue: readonly MachineEvent[];
  /** Postponed events, oldest first. */
  readonly postponed: readonly MachineEvent[];
}

/** What is to be done. */
export type Effect =
  | { readonly type: "reply"; readonly action: ReplyAction }
  | { readonly type: "timer"; readonly action: TimeoutAction }
  /** The state has changed: its timeout is void. */
  | { readonly type: "leave" }
  | { readonly type: "enter"; readonly oldState: unknown };

/** What a result means. */
export type Step =
  | { readonly kind: "go"; readonly position: Position; readonly effects: readonly Effect[] }
  | {
      readonly kind: "stop";
      readonly reason: unknown;
      readonly data: unknown;
      readonly replies: readonly ReplyAction[];
    };

/** What was called. */
export interface Called {
  /** The event that was handled; null for `init`. */
  readonly event: MachineEvent | null;
  /** Whether the machine wants to be told of entered states. */
  readonly entersStates: boolean;
}

/** Takes `result`, which a callback has returned for an event, apart. */
export function takeStep(position: Position, result: unknown, { event, entersStates }: Called): Step {
  const isEnter = event?.type === "enter";
  const badReturn = isEnter ? "badStateEnterReturnFromStateFunction" : "badReturnFromStateFunction";
  const badAction = isEnter ? "badStateEnterActionFromStateFunction" : "badActionFromStateFunction";
  const stop = (reason: unknown): Step => ({ kind: "stop", reason, data: position.data, replies: [] });
  if (!(result instanceof MachineResult)) return stop({ [badReturn]: result });
  const sorted = sortActions(result.actions, isEnter);
  if ("bad" in sorted) return stop({ [badAction]: sorted.bad });
  const data: unknown = result.data === null ? position.data : result.data.value;
  if (result.kind === "stop") return { kind: "stop", reason: result.reason, data, replies: sorted.replies };
  const state: unknown = result.state === null ? position.state : result.state.value;
  const isChanged = event !== null && !isDeepStrictEqual(state, position.state);
  if (isEnter && isChanged) return stop({ [badReturn]: result });
  const postponed = sorted.postpone && event !== null ? [...position.postponed, event] : position.postponed;
  const effects: Effect[] = sorted.replies.map((action) => ({ type: "reply", action }));
  if (isChanged) effects.push({ type: "leave" });
  for (const action of sorted.timers) effects.push({ type: "timer", action });
  if (entersStates && (isChanged || result.kind === "repeat")) {
    effects.push({ type: "enter", oldState: position.state });
  }
  return {
    kind: "go",
    position: {
      state,
      data,
      queue: [...sorted.events, ...(isChanged ? postponed : []), ...position.queue],
      postponed: isChanged ? [] : postponed,
    },
    effects,
  };
}

interface Sorted {
  readonly replies: readonly ReplyAction[];
  readonly timers: readonly TimeoutAction[];
  readonly events: readonly MachineEvent[];
  readonly postpone: boolean;
}

function sortActions(actions: readonly unknown[], isEnter: boolean): Sorted | { readonly bad: unknown } {
  const replies: ReplyAction[] = [];
  const timers: TimeoutAction[] = [];
  const events: MachineEvent[] = [];
  let postpone = false;
  for (const action of actions) {
    if (!isAction(action)) return { bad: action };
    switch (action.type) {
      case "reply":
        replies.push(action);
        break;
      case "postpone":
        if (isEnter) return { bad: action };
        postpone = true;
        break;
      case "nextEvent":
        if (isEnter || action.event.type === "enter") return { bad: action };
        events.push(action.event);
        break;
      case "timeout":
      case "stateTimeout":
      case "genericTimeout":
        timers.push(action);
        break;
      case "hibernate":
        break;
    }
  }
  return { replies, timers, events, postpone };
}

function isAction(value: unknown): value is Action {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  switch (value.type) {
    case "reply":
      return "send" in value && typeof value.send === "function";
    case "postpone":
    case "hibernate":
      return true;
    case "nextEvent":
      return "event" in value && typeof value.event === "object" && value.event !== null && "type" in value.event;
    case "timeout":
    case "stateTimeout":
    case "genericTimeout":
      return "ms" in value && isTime(value.ms);
    default:
      return false;
  }
}

function isTime(ms: unknown): boolean {
  if (ms === "infinity" || ms === "cancel" || ms === "update") return true;
  return typeof ms === "number" && Number.isFinite(ms);
}
