/** What a stream may be told, with its defaults; nonsense is refused when the stream is built (STREAM-5). */
import { availableParallelism } from "node:os";

import { ArgumentError, type Duration } from "@otp/core";
import { show } from "@otp/core/internal";

import { checkDuration } from "../gen/duration.ts";
import type { Shutdown } from "../gen-server/child-spec.ts";

/** Options of a stream of tasks. */
export interface StreamOptions {
  /** How many tasks run at a time. Default: as many as there are cores. */
  readonly maxConcurrency?: number;
  /** Whether results come in the order of the input (the default) or in that of their completion, which needs no buffer. */
  readonly ordered?: boolean;
  /** Milliseconds for each element. Default 5,000. */
  readonly timeout?: Duration;
  /** What a late element does: ends the stream with an error (`"exit"`, the default), or only itself. */
  readonly onTimeout?: "exit" | "kill_task";
  /** Whether outcomes without a result carry the element as `input`. Default false. */
  readonly zipInputOnExit?: boolean;
  /** How long a supervised task gets to end when its supervisor stops it. Default 5,000. */
  readonly shutdown?: Shutdown;
}

/** Options with every default. */
export type CheckedStreamOptions = Required<Omit<StreamOptions, "shutdown">> & Pick<StreamOptions, "shutdown">;

const known: ReadonlySet<string> = new Set<keyof StreamOptions>([
  "maxConcurrency",
  "ordered",
  "timeout",
  "onTimeout",
  "zipInputOnExit",
  "shutdown",
]);

/** Fills in the defaults. @throws ArgumentError for options that make no sense. */
export function checkStreamOptions(options: StreamOptions): CheckedStreamOptions {
  const stranger = Object.keys(options).find((option) => !known.has(option));
  if (stranger !== undefined) {
    throw new ArgumentError(`expected options of a stream out of ${[...known].join(", ")}. Got: ${stranger}`);
  }
  const { maxConcurrency = availableParallelism(), onTimeout = "exit", timeout = 5_000, shutdown } = options;
  if (!(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
    throw new ArgumentError(`expected maxConcurrency to be a whole number from 1. Got: ${show(maxConcurrency)}`);
  }
  if (onTimeout !== "exit" && onTimeout !== "kill_task") {
    throw new ArgumentError(`expected onTimeout to be "exit" or "kill_task". Got: ${show(onTimeout)}`);
  }
  if (shutdown !== undefined && shutdown !== "brutal_kill") checkDuration(shutdown, "a shutdown");
  return {
    maxConcurrency,
    onTimeout,
    timeout: checkDuration(timeout, "a timeout"),
    ordered: checkFlag("ordered", options.ordered ?? true),
    zipInputOnExit: checkFlag("zipInputOnExit", options.zipInputOnExit ?? false),
    ...(shutdown === undefined ? {} : { shutdown }),
  };
}

function checkFlag(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new ArgumentError(`expected ${name} to be true or false. Got: ${show(value)}`);
}
