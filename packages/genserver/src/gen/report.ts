/** Crash reports: what is known about a process that ends by a reason that is no shutdown (LOG-1, LOG-4, PLIB-6). */
import { formatReason, isShutdownReason, type Pid } from "@otp/core";
import { inspectSafely, type ProcessControl } from "@otp/core/internal";

import type { Origin } from "./origin.ts";

/** A value of a user's in a log record: in full, but on one line and within bounds. */
export function showTerm(value: unknown): string {
  const text = inspectSafely(value, { depth: 8, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 100 });
  return text.length > 10_000 ? `${text.slice(0, 10_000)}…` : text;
}

/** The fields of a record that say why: the reason in words, and the error behind it with its stack. */
export function reasonFields(reason: unknown): Readonly<Record<string, unknown>> {
  return reason instanceof Error ? { reason: formatReason(reason), err: reason } : { reason: formatReason(reason) };
}

/** Reports the end of a process, before it ends; nothing for the shutdown reasons. */
export function reportCrash(self: ProcessControl, origin: Origin, reason: unknown): void {
  if (isShutdownReason(reason)) return;
  const { parts, pid } = self;
  const links = [...(self.links ?? [])].filter(([, state]) => state === 0).map(([linked]) => linked);
  self.kernel.report({
    kind: "custom",
    pid,
    level: "error",
    message: `Process ${parts?.name === null || parts === null ? pid : `${parts.name} (${pid})`} terminating`,
    fields: {
      event: "crash_report",
      // As in Elixir, whoever finds these too many can tell them apart.
      domain: ["otp", "sasl"],
      pid: String(pid),
      name: parts?.name ?? undefined,
      ...reasonFields(reason),
      initialCall: origin.initialCall,
      ancestors: origin.ancestors.map(String),
      label: parts?.label === undefined ? undefined : showTerm(parts.label),
      messageQueueLen: self.mailbox?.size ?? 0,
      messages: (self.mailbox?.messages() ?? []).slice(0, 20).map(showTerm),
      links: links.map(String),
      dictionary: (parts?.dictionary?.entries() ?? []).map(([key, value]) => `${showTerm(key)}: ${showTerm(value)}`),
      trapExit: self.isTrapping,
      status: "running",
      neighbours: links.filter((linked) => isNeighbour(self, linked)).map(String),
    },
  });
}

/** Linked processes that this end takes with it. */
function isNeighbour(self: ProcessControl, linked: Pid): boolean {
  const other = self.kernel.find(linked);
  return other !== null && !other.isTrapping;
}
