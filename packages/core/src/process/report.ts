/** What the kernel has to say about a process that failed; a node turns it into a log line (LOG-2). */
import type { Pid } from "../term/pid.ts";

/** An event worth a log line. */
export type Report =
  /** A plain process ended by an uncaught error or throw. */
  | {
      readonly kind: "process_error";
      readonly pid: Pid;
      readonly name: string | undefined;
      /** What the process called itself (PROC-9). */
      readonly label: unknown;
      readonly reason: unknown;
    }
  /** Something that a layer above reports in its own words; `fields` go into the log record as they are. */
  | {
      readonly kind: "custom";
      /** The process it is about; the node of its group leader hears of it, too. */
      readonly pid?: Pid;
      readonly level: "debug" | "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };
