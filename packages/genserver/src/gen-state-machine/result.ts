/** What the callbacks of a state machine return (STATEM-2, STATEM-10); made by functions only, as those of a GenServer. */
import type { Action, ReplyAction } from "./event.ts";

/** The names of the results. */
export type MachineResultKind = "next" | "keep" | "repeat" | "stop";

/** A result of a callback. */
export class MachineResult<out State = unknown, out Data = unknown> {
  readonly kind: MachineResultKind;
  /** The new state, for `next`; null otherwise. */
  readonly state: { readonly value: State } | null;
  /** The new data; null to keep what there is. */
  readonly data: { readonly value: Data } | null;
  readonly actions: readonly Action[];
  readonly reason: unknown;

  constructor(
    kind: MachineResultKind,
    parts: {
      readonly state?: { readonly value: State };
      readonly data?: { readonly value: Data };
      readonly actions?: readonly Action[];
      readonly reason?: unknown;
    },
  ) {
    this.kind = kind;
    this.state = parts.state ?? null;
    this.data = parts.data ?? null;
    this.actions = parts.actions ?? [];
    this.reason = parts.reason;
  }
}

/** Goes to `state`, which may be the present one, with new data. From `init`: begins there. */
export function nextState<State, Data>(
  state: State,
  data: Data,
  ...actions: readonly Action[]
): MachineResult<State, Data> {
  return new MachineResult("next", { state: { value: state }, data: { value: data }, actions });
}

/** Stays in the state, with new data. */
export function keepState<Data>(data: Data, ...actions: readonly Action[]): MachineResult<never, Data> {
  return new MachineResult("keep", { data: { value: data }, actions });
}

/** Stays in the state, and keeps the data. */
export function keepStateAndData(...actions: readonly Action[]): MachineResult<never, never> {
  return new MachineResult("keep", { actions });
}

/** Like `keepState`, but the state is entered anew (STATEM-8). */
export function repeatState<Data>(data: Data, ...actions: readonly Action[]): MachineResult<never, Data> {
  return new MachineResult("repeat", { data: { value: data }, actions });
}

/** Like `keepStateAndData`, but the state is entered anew. */
export function repeatStateAndData(...actions: readonly Action[]): MachineResult<never, never> {
  return new MachineResult("repeat", { actions });
}

/** Ends the machine with `reason`, by default `"normal"`, after `terminate`. From `init`: the start fails with it. */
export function stopMachine(reason?: unknown): MachineResult<never, never>;
/** The same with new data, which `terminate` gets. */
export function stopMachine<Data>(reason: unknown, data: Data): MachineResult<never, Data>;
/** Both. */
export function stopMachine(...given: readonly [reason?: unknown, data?: unknown]): MachineResult<never> {
  const [reason = "normal", data] = given;
  return new MachineResult("stop", { reason, ...(given.length < 2 ? {} : { data: { value: data } }) });
}

/** Sends the replies, then ends the machine (STATEM-9). */
export function stopAndReply(reason: unknown, ...replies: readonly ReplyAction[]): MachineResult<never, never> {
  return new MachineResult("stop", { reason, actions: replies });
}
