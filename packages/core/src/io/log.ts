/** Turning what the kernel reports into log lines (LOG-2, LOG-6). */
import { type Logger, pino } from "pino";

import { show } from "../base/show.ts";
import { formatReason } from "../process/format-reason.ts";
import type { Report } from "../process/report.ts";
import { formatRecord } from "./report.ts";

/** Where the logger of a node that was given none writes to. */
export interface LogPlace {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether stderr is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * The logger of a node that was given none, to stderr: JSON lines, or, in a terminal, text for people. The level is that of
 * `OTP_LOG`, `info` by default; `OTP_LOG_FORMAT` is `json` or `text`, `NO_COLOR` takes the colours away.
 */
export function defaultLogger({ environment, isTerminal }: LogPlace): Logger {
  const asked = environment["OTP_LOG"] ?? "info";
  const level = asked === "silent" || asked in pino.levels.values ? asked : "info";
  const stderr = pino.destination({ dest: 2, sync: true });
  const format = environment["OTP_LOG_FORMAT"] ?? (isTerminal ? "text" : "json");
  if (format !== "text") return pino({ level }, stderr);
  const colors = isTerminal && (environment["NO_COLOR"] ?? "") === "";
  return pino({ level, base: null }, { write: (line) => stderr.write(formatRecord(line, { colors })) });
}

/** Writes `report` to `logger`. */
export function logReport(logger: Logger, report: Report): void {
  if (report.kind === "custom") {
    logger[report.level](report.fields, report.message);
    return;
  }
  const { pid, name, label, reason } = report;
  const error = reason instanceof Error ? { err: reason } : {};
  logger.error(
    {
      event: "process_error",
      pid: String(pid),
      ...(name === undefined ? {} : { name }),
      ...(label === undefined ? {} : { label: show(label) }),
      reason: formatReason(reason),
      ...error,
    },
    `Process ${name ?? String(pid)} raised an exception`,
  );
}
