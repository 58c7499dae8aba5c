/**
 * The receiving half of `sys`: what every behaviour does with a system message (SYS-1).
 *
 * A behaviour's body implements `SystemTarget`, passes every message that `isSystemMessage` recognises to `handleSystem`,
 * and lets its `accepts` be set by `setSuspended`.
 */
import { ArgumentError } from "@otp/core";
import { PendingCall, type ProcessControl } from "@otp/core/internal";

import { type From, isRemoteFrom, replyTo } from "../gen/from.ts";
import type { Origin } from "../gen/origin.ts";
import { settle } from "../gen/settle.ts";
import { Debug, type DebugFunction, logLimit } from "./debug.ts";
import { type ShownStatus, shownStatus, type Status } from "./status.ts";

/** What a system message may ask for. */
export type SystemRequest =
  | { readonly type: "getState" }
  | { readonly type: "replaceState"; readonly change: (state: unknown) => unknown }
  | { readonly type: "getStatus" }
  | { readonly type: "suspend" }
  | { readonly type: "resume" }
  | { readonly type: "statistics"; readonly flag: boolean | "get" }
  | { readonly type: "log"; readonly flag: boolean | number | "get" }
  | { readonly type: "trace"; readonly flag: boolean }
  | { readonly type: "install"; readonly id: unknown; readonly fn: DebugFunction; readonly state: unknown }
  | { readonly type: "remove"; readonly id: unknown }
  | { readonly type: "changeCode"; readonly module: unknown; readonly oldVersion: unknown; readonly extra: unknown }
  /** Answers, then ends the process (SYS-8). */
  | { readonly type: "terminate"; readonly reason: unknown }
  /** Ends the process; its end is the answer (CALL-14). */
  | { readonly type: "stop"; readonly reason: unknown };

/** A request of `sys` or of `stop` as it stands in the mailbox. */
export interface SystemMessage {
  readonly type: "$system";
  readonly from: From;
  readonly request: SystemRequest;
}

/** What a system request is answered with; errors become the reason of the caller's `CallError`. */
export type SystemReply = { readonly ok: unknown } | { readonly error: unknown };

/** A behaviour, as `sys` sees it. */
export interface SystemTarget {
  readonly self: ProcessControl;
  readonly origin: Origin;
  /** What is shown and given out as the state. */
  readonly state: unknown;
  debug: Debug | null;
  /** Null unless suspended. */
  readonly accepts: ((message: unknown) => boolean) | null;
  /** Sets the state to what `change` makes of it and returns what to show; lets through what `change` throws. */
  changeState(change: (state: unknown) => unknown): unknown;
  /** `"ok"` or `{ error }`, or the promise of one; may throw. */
  changeCode(oldVersion: unknown, extra: unknown): unknown;
  setSuspended(on: boolean): void;
  /** Ends the process as a stop result does; `message` is what is reported as the last one. */
  stop(reason: unknown, message: unknown): unknown;
  formatStatus(status: Status): ShownStatus;
}

/** True for requests of `sys` and of `stop`. */
export function isSystemMessage(message: unknown): message is SystemMessage {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "$system" &&
    "from" in message &&
    (message.from instanceof PendingCall || isRemoteFrom(message.from)) &&
    "request" in message &&
    typeof message.request === "object" &&
    message.request !== null &&
    "type" in message.request
  );
}

/** What a suspended process takes: system messages, and its parent's exit (SYS-2, SYS-9). */
export function acceptsWhileSuspended(message: unknown, { parent }: Origin): boolean {
  if (isSystemMessage(message)) return true;
  if (typeof message !== "object" || message === null || parent === null) return false;
  return "type" in message && message.type === "EXIT" && "from" in message && message.from === parent;
}

/** Does what a system message asks for, and answers it. */
export function handleSystem(target: SystemTarget, { from, request }: SystemMessage): unknown {
  switch (request.type) {
    case "terminate":
      answer(from, { ok: "ok" });
      return target.stop(request.reason, []);
    case "stop":
      return target.stop(request.reason, []);
    case "changeCode":
      return changeCode(target, from, request);
    case "replaceState":
      answer(from, replaceState(target, request.change));
      return undefined;
    default:
      answer(from, { ok: perform(target, request) });
      return undefined;
  }
}

type Simple = Exclude<SystemRequest, { readonly type: "terminate" | "stop" | "changeCode" | "replaceState" }>;

function perform(target: SystemTarget, request: Simple): unknown {
  const { self } = target;
  switch (request.type) {
    case "getState":
      return target.state;
    case "getStatus":
      return statusOf(target);
    case "suspend":
      target.setSuspended(true);
      return "ok";
    case "resume":
      target.setSuspended(false);
      return "ok";
    case "statistics":
      if (request.flag === "get") return target.debug?.statistics(self) ?? "no_statistics";
      debugOf(target).switchStatistics(self, request.flag);
      return "ok";
    case "log":
      if (request.flag === "get") return target.debug?.events() ?? [];
      debugOf(target).switchLog(self, request.flag === false ? 0 : logLimit(request.flag));
      return "ok";
    case "trace":
      debugOf(target).switchTrace(self, request.flag);
      return "ok";
    case "install":
      debugOf(target).install(self, request.id, { fn: request.fn, state: request.state });
      return "ok";
    case "remove":
      target.debug?.remove(request.id);
      return "ok";
  }
}

function answer(from: From, reply: SystemReply): void {
  try {
    replyTo(from, reply);
  } catch (error) {
    // What is in the state may be no matter for other nodes; whoever asks is told.
    replyTo(from, { error });
  }
}

function debugOf(target: SystemTarget): Debug {
  const debug = target.debug ?? new Debug();
  target.debug = debug;
  return debug;
}

/** The state is changed all or not at all (SYS-3). */
function replaceState(target: SystemTarget, change: (state: unknown) => unknown): SystemReply {
  try {
    return { ok: target.changeState(change) };
  } catch (error) {
    return { error: { callbackFailed: error } };
  }
}

function changeCode(
  target: SystemTarget,
  from: From,
  { oldVersion, extra }: Extract<SystemRequest, { readonly type: "changeCode" }>,
): unknown {
  if (target.accepts === null) {
    // Erlang takes it for an unknown system message (SYS-7).
    answer(from, { ok: { error: new ArgumentError("changeCode works only while the process is suspended") } });
    return undefined;
  }
  return settle(() => target.changeCode(oldVersion, extra), {
    returned: (result) => answer(from, { ok: result }),
    threw: (error) => answer(from, { ok: { error } }),
  });
}

function statusOf(target: SystemTarget): unknown {
  const { self, origin, state, debug, accepts } = target;
  const shown = shownStatus({ state, log: debug?.events() ?? [] }, (status) => target.formatStatus(status));
  return {
    type: "status",
    pid: self.pid,
    module: origin.initialCall.split(".")[0],
    dictionary: self.parts?.dictionary?.entries() ?? self.body?.seed?.() ?? [],
    status: accepts === null ? "running" : "suspended",
    parent: origin.parent,
    debug: debug?.describe() ?? [],
    state: shown.state,
    log: shown.log,
  };
}
