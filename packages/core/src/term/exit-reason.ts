/** Why a process ended: any value, with a few that have a meaning of their own (EXIT-14). */
import { CallError } from "../base/errors.ts";

/** The reasons the framework itself gives or interprets. Every other value is a reason, too, and passed on unchanged. */
export type KnownExitReason =
  | "normal"
  | "shutdown"
  | { readonly shutdown: unknown }
  | "kill"
  | "killed"
  | "noproc"
  | "noconnection"
  | "timeout"
  | { readonly nocatch: unknown }
  | Error;

/** The reason of an exit: a `KnownExitReason` or any other value. */
export type ExitReason = unknown;

/**
 * True for `"normal"`, `"shutdown"` and `{ shutdown: … }`: reasons that are no crash (PLIB-6). A call that failed because
 * its server was shut down counts, too: in Erlang its reason is `{shutdown, {gen_server, call, …}}`.
 */
export function isShutdownReason(reason: ExitReason): boolean {
  if (reason === "normal" || reason === "shutdown") return true;
  if (typeof reason !== "object" || reason === null) return false;
  if (reason instanceof CallError) return reason.reason === "shutdown";
  return !(reason instanceof Error) && "shutdown" in reason;
}
