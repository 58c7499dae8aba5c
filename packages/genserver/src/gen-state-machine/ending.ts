/** The end of a state machine: `terminate`, reports, and then the exit (STATEM-9, LOG-1). */
import { isShutdownReason } from "@otp/core";

import { reasonFields, reportCrash, showTerm } from "../gen/report.ts";
import { showName } from "../gen/server-name.ts";
import { settle } from "../gen/settle.ts";
import { reasonOf } from "../gen/start.ts";
import { shownStatus } from "../sys/status.ts";
import type { MachineLoop } from "./loop.ts";

/** Ends the machine; `message` is the event that it was handling, or what told it to stop. */
export function endMachine(loop: MachineLoop, reason: unknown, message: unknown): unknown {
  const { machine, state: inside } = loop;
  return settle(() => machine.terminate?.(reason, inside.state, inside.data), {
    returned: () => conclude(loop, reason, message),
    // What is thrown and no error counts as returned.
    threw: (thrown) => conclude(loop, thrown instanceof Error ? reasonOf(thrown) : reason, message),
  });
}

function conclude(loop: MachineLoop, reason: unknown, message: unknown): void {
  const { self, origin } = loop;
  if (!self.isAlive) return;
  if (!isShutdownReason(reason)) report(loop, reason, message);
  reportCrash(self, origin, reason);
  self.terminate(reason);
}

function report(loop: MachineLoop, reason: unknown, message: unknown): void {
  const { self, origin } = loop;
  const shown = shownStatus({ state: loop.state, message, reason }, (status) => loop.formatStatus(status));
  const name = origin.name === null ? String(self.pid) : showName(origin.name);
  self.kernel.report({
    kind: "custom",
    pid: self.pid,
    level: "error",
    message: `State machine ${name} terminating`,
    fields: {
      event: "state_machine_terminate",
      name,
      pid: String(self.pid),
      ...reasonFields(shown.reason),
      lastEvent: showTerm(shown.message),
      state: showTerm(shown.state),
    },
  });
}
