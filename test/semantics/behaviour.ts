/** What tests of behaviours need besides a world: logs that can be read, and failures as values. */
import { CallError, type Process, StartError } from "@otp/core";
import { pino, type Logger } from "pino";

/** One line of a log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** A logger that keeps its lines in `lines`. */
export function keptLog(lines: LogLine[]): Logger {
  const write = (line: string): void => {
    const parsed: LogLine = JSON.parse(line);
    lines.push(parsed);
  };
  return pino({ level: "debug" }, { write });
}

/** The error of a call that has to fail. */
export async function callFailure(promise: Promise<unknown>): Promise<CallError> {
  const error = await failure(promise);
  if (error instanceof CallError) return error;
  throw error;
}

/** The reason of a start that has to fail. */
export async function startFailure(promise: Promise<unknown>): Promise<unknown> {
  const error = await failure(promise);
  if (error instanceof StartError) return error.reason;
  throw error;
}

/** What a promise that has to be rejected is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a failure. Got: ${JSON.stringify(value)}`);
}

/** What a process started by `body` tells by its value or its error, both sent to the tester. */
export async function inAnother<Value>(self: Process, body: (other: Process) => Promise<Value>): Promise<unknown> {
  const ref = self.makeRef();
  const to = self.pid;
  self.spawn(async (other: Process) => {
    const settled = await body(other).then(
      (value: unknown) => ({ value }),
      (error: unknown) => ({ error }),
    );
    other.send(to, { ref, settled });
  });
  const { settled } = await self.receive({ ref });
  if (typeof settled === "object" && settled !== null && "error" in settled) throw settled.error;
  return typeof settled === "object" && settled !== null && "value" in settled ? settled.value : undefined;
}
