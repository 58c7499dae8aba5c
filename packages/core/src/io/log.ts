/** Turning what the kernel reports into log lines (LOG-2, LOG-6). */
import { type Logger, pino } from "pino";

import { formatReason } from "../process/format-reason.ts";
import type { Report } from "../process/report.ts";

/** The logger of a node that was given none: JSON lines on stderr, level from `OTP_LOG`, `info` by default. */
export function defaultLogger(environment: Readonly<Record<string, string | undefined>>): Logger {
  const level = environment["OTP_LOG"] ?? "info";
  const known = level === "silent" || level in pino.levels.values;
  return pino({ level: known ? level : "info" }, pino.destination({ dest: 2, sync: true }));
}

/** Writes `report` to `logger`. */
export function logReport(logger: Logger, report: Report): void {
  if (report.kind === "custom") {
    logger[report.level](report.fields, report.message);
    return;
  }
  const { pid, name, reason } = report;
  const error = reason instanceof Error ? { err: reason } : {};
  logger.error(
    {
      event: "process_error",
      pid: String(pid),
      ...(name === undefined ? {} : { name }),
      reason: formatReason(reason),
      ...error,
    },
    `Process ${name ?? String(pid)} raised an exception`,
  );
}
