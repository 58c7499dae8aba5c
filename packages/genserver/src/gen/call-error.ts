/** The error of a call that got no answer, in Elixir's words (CALL-2). */
import { type CallDetails, CallError, formatReason } from "@otp/core";
import { show } from "@otp/core/internal";

/** Makes the error for a call that ended with `reason`. */
export function callError(reason: unknown, details: CallDetails): CallError {
  const { operation, target, request, timeoutMs } = details;
  const why = explain(reason).replaceAll("\n", "\n    ");
  const message = `exited in: ${operation}(${show(target)}, ${show(request)}, ${timeoutMs})\n    ** (EXIT) ${why}`;
  return new CallError(reason, message, details);
}

/** A reason in a sentence; what an error says comes after a line that says it is one. */
function explain(reason: unknown): string {
  if (reason instanceof CallError) return reason.message;
  if (reason instanceof Error) return `an exception was raised:\n${reason.name}: ${reason.message}`;
  return formatReason(reason);
}
