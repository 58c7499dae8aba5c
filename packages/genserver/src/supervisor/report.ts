/** What supervisors report: ends, failed starts, late stops, giving up, and progress (LOG-5). */
import { formatReason, type Pid } from "@otp/core";
import { type ProcessControl, show } from "@otp/core/internal";

import type { CompleteSpec } from "./child-spec.ts";

/** What went wrong with a child. */
export type Trouble =
  /** It ended though it should run, or failed. */
  | "child_terminated"
  /** Its start function failed. */
  | "start_error"
  /** It did not stop as told. */
  | "shutdown_error"
  /** One restart too many: it takes its supervisor with it. */
  | "shutdown";

/** A child as reports show it; `pid` is its last one. */
export interface ReportedChild {
  readonly spec: CompleteSpec;
  readonly pid: Pid | null;
}

const wording: Readonly<Record<Trouble, string>> = {
  child_terminated: "terminated",
  start_error: "failed to start",
  shutdown_error: "shut down abnormally",
  shutdown: "caused shutdown",
};

/** Reports trouble with a child, at error level. */
export function reportTrouble(
  self: ProcessControl,
  context: Trouble,
  { child, reason }: { readonly child: ReportedChild; readonly reason: unknown },
): void {
  const supervisor = nameOf(self);
  self.kernel.report({
    kind: "custom",
    level: "error",
    message: `Child ${showId(child.spec.id)} of Supervisor ${supervisor} ${wording[context]}`,
    fields: {
      event: "supervisor_report",
      // As in Elixir, whoever finds these too many can tell them apart.
      domain: ["otp", "sasl"],
      supervisor,
      context,
      reason: formatReason(reason),
      ...(reason instanceof Error ? { err: reason } : {}),
      child: childFields(child),
    },
  });
}

/**
 * Reports that a child runs. That is at debug level here: Erlang's `info`, too, is the level below the one that is shown
 * unless it is asked for.
 */
export function reportProgress(self: ProcessControl, child: ReportedChild): void {
  const supervisor = nameOf(self);
  self.kernel.report({
    kind: "custom",
    level: "debug",
    message: `Child ${showId(child.spec.id)} of Supervisor ${supervisor} started`,
    fields: { event: "progress", domain: ["otp", "sasl"], supervisor, child: childFields(child) },
  });
}

/** Reports a message that no supervisor expects; it is dropped (SUP-24). */
export function reportUnexpected(self: ProcessControl, kind: string, message: unknown): void {
  self.kernel.report({
    kind: "custom",
    level: "error",
    message: `${kind} received unexpected message: ${show(message)}`,
    fields: { event: "unexpected_message", supervisor: nameOf(self), received: show(message) },
  });
}

/** How a supervisor is called in reports: by its local name, else by its pid. */
function nameOf(self: ProcessControl): string {
  return self.parts?.name ?? String(self.pid);
}

function showId(id: unknown): string {
  return typeof id === "string" ? id : show(id);
}

function childFields({ spec, pid }: ReportedChild): Readonly<Record<string, unknown>> {
  const { id, start, restart, shutdown, type } = spec;
  return { id: showId(id), pid: pid === null ? undefined : String(pid), start: start.name, restart, shutdown, type };
}
