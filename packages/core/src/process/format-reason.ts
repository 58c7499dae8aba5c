/** Exit reasons in words, as Elixir's `Exception.format_exit` gives them. */
import { inspect } from "node:util";

const words: Readonly<Record<string, string>> = {
  noproc: "no process: the process is not alive or there's no process currently associated with the given name",
  noconnection: "no connection",
  timeout: "time out",
  calling_self: "process attempted to call itself",
};

/** A reason as people read it. */
export function formatReason(reason: unknown): string {
  if (typeof reason === "string") return words[reason] ?? reason;
  if (reason instanceof Error) return `${reason.name}: ${reason.message}`;
  if (typeof reason === "object" && reason !== null && Object.keys(reason).length === 1) {
    if ("shutdown" in reason) return `shutdown: ${inspect(reason.shutdown)}`;
    if ("nodedown" in reason) return `no connection to ${String(reason.nodedown)}`;
    if ("badReturnValue" in reason) return `bad return value: ${inspect(reason.badReturnValue)}`;
    if ("nocatch" in reason) return `an uncaught throw: ${inspect(reason.nocatch)}`;
  }
  return inspect(reason, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}
