/** Exit reasons in words, as Elixir's `Exception.format_exit` gives them. */
import { inspectSafely, show } from "../base/show.ts";

const words: Readonly<Record<string, string>> = {
  noproc: "no process: the process is not alive or there's no process currently associated with the given name",
  noconnection: "no connection",
  timeout: "time out",
  calling_self: "process attempted to call itself",
};

/** A reason as people read it. */
export function formatReason(reason: unknown): string {
  try {
    return inWords(reason);
  } catch {
    // A reason is any value, also one whose own code fails when it is looked at.
    return show(reason);
  }
}

function inWords(reason: unknown): string {
  if (typeof reason === "string") return words[reason] ?? reason;
  if (reason instanceof Error) return `${reason.name}: ${reason.message}`;
  if (typeof reason === "object" && reason !== null && Object.keys(reason).length === 1) {
    if ("shutdown" in reason) return `shutdown: ${inspectSafely(reason.shutdown, {})}`;
    if ("nodedown" in reason) return `no connection to ${String(reason.nodedown)}`;
    if ("badReturnValue" in reason) return `bad return value: ${inspectSafely(reason.badReturnValue, {})}`;
    if ("nocatch" in reason) return `an uncaught throw: ${inspectSafely(reason.nocatch, {})}`;
  }
  return inspectSafely(reason, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
}
