/** The error of a call that got no answer, in Elixir's words (CALL-2). */
import { type CallDetails, CallError, formatReason } from "@otp/core";
import { show } from "@otp/core/internal";

/** Makes the error for a call that ended with `reason`. */
export function callError(reason: unknown, details: CallDetails): CallError {
  return exitedIn(reason, details, `${show(details.target)}, ${show(details.request)}`);
}

/** Makes the error for any wait that ended with `reason`; `shown` is what was waited for. */
export function exitedIn(reason: unknown, details: CallDetails, shown: string): CallError {
  const { operation, timeoutMs } = details;
  const why = explain(reason).replaceAll("\n", "\n    ");
  return new CallError(reason, `exited in: ${operation}(${shown}, ${timeoutMs})\n    ** (EXIT) ${why}`, details);
}

/** A reason in a sentence; what an error says comes after a line that says it is one. */
function explain(reason: unknown): string {
  if (reason instanceof CallError) return reason.message;
  if (reason instanceof Error) return `an exception was raised:\n${formatReason(reason)}`;
  return formatReason(reason);
}
