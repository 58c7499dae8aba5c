/** The end of a server: `terminate`, reports, the last reply, and then the exit, in this order (GS-14, GS-16, LOG-1). */
import { isShutdownReason } from "@otp/core";
import { PendingCall } from "@otp/core/internal";

import { reasonFields, reportCrash, showTerm } from "../gen/report.ts";
import { showName } from "../gen/server-name.ts";
import { settle } from "../gen/settle.ts";
import { reasonOf } from "../gen/start.ts";
import { shownStatus } from "../sys/status.ts";
import { describeClient, type From, isRemoteFrom } from "../gen/from.ts";
import type { ServerLoop } from "./loop.ts";

/** What the server was doing. */
export interface LastAct {
  /** The message it was handling; `[]` for none, as when it was told to stop. */
  readonly message: unknown;
  /** Gives the caller its reply, after `terminate` (GS-12). */
  readonly reply: (() => void) | undefined;
}

/** Ends the server. Its own `terminate` may be asynchronous; until it has settled the process lives. */
export function endServer(loop: ServerLoop, reason: unknown, act: LastAct): unknown {
  const { server } = loop;
  if (server.terminate === undefined) {
    conclude(loop, reason, act);
    return undefined;
  }
  return settle(() => server.terminate?.(reason, loop.state), {
    returned: () => {
      conclude(loop, reason, act);
    },
    threw: (thrown) => {
      // What is thrown and no error counts as returned (GS-16).
      conclude(loop, thrown instanceof Error ? reasonOf(thrown) : reason, act);
    },
  });
}

function conclude(loop: ServerLoop, reason: unknown, { message, reply }: LastAct): void {
  const { self, origin } = loop;
  if (!self.isAlive) return;
  let exitReason = reason;
  if (!isShutdownReason(reason)) reportEnd(loop, reason, message);
  try {
    reply?.();
  } catch (error) {
    // A reply that cannot be sent is the server's mistake, and the last one.
    exitReason = error;
    reportEnd(loop, error, message);
  }
  reportCrash(self, origin, exitReason);
  self.terminate(exitReason);
}

function reportEnd(loop: ServerLoop, reason: unknown, message: unknown): void {
  const { self, origin, state, debug } = loop;
  const from = clientOf(message);
  const last = message instanceof PendingCall ? message.request : isCall(message) ? message.request : message;
  const shown = shownStatus(
    { state, message: last, reason, ...(debug === null ? {} : { log: debug.events() }) },
    (status) => loop.formatStatus(status),
  );
  const name = origin.name === null ? String(self.pid) : showName(origin.name);
  self.kernel.report({
    kind: "custom",
    pid: self.pid,
    level: "error",
    message: `GenServer ${name} terminating`,
    fields: {
      event: "genserver_terminate",
      name,
      pid: String(self.pid),
      ...reasonFields(shown.reason),
      lastMessage: showTerm(shown.message),
      state: showTerm(shown.state),
      ...(shown.log === undefined || shown.log.length === 0 ? {} : { log: shown.log.map(showTerm) }),
      ...(from === null ? {} : describeClient(from, self.kernel.own.name)),
    },
  });
}

function clientOf(message: unknown): From | null {
  if (message instanceof PendingCall) return message;
  return isCall(message) && isRemoteFrom(message.from) ? message.from : null;
}

function isCall(message: unknown): message is { readonly from: unknown; readonly request: unknown } {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    message.type === "$gen_call" &&
    "from" in message &&
    "request" in message
  );
}
