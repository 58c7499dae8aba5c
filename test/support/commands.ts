/** What a test tells the program that hosts nodes for it, and what comes back. */
import type { NodeOptions } from "@otp/core";
import type { NatsOptions } from "@otp/transport-nats";

/** A record that a node has logged. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** How many lines of a node's log are kept; the oldest go first. */
const keptLines = 5_000;

/** Writes lines of a log down. */
export function keepLines(logs: LogLine[]): { write(line: string): void } {
  return {
    write(line) {
      logs.push(JSON.parse(line));
      if (logs.length > keptLines) logs.splice(0, keptLines / 2);
    },
  };
}

/** The part of the options of a node that can be written down. */
export type PlainOptions = Pick<
  NodeOptions,
  | "cookie"
  | "tickTimeMs"
  | "goneAfterMs"
  | "setupTimeMs"
  | "connectAll"
  | "hidden"
  | "autoConnect"
  | "discover"
  | "maxMessageBytes"
  | "maxBufferBytes"
  | "highWaterBytes"
  | "stretch"
>;

/** Something to be done with a node. */
export type Command = { readonly id: number; readonly node: string } & (
  | { readonly do: "start"; readonly options: PlainOptions; readonly medium: NatsOptions }
  | { readonly do: "ask"; readonly fn: string; readonly args: readonly unknown[] }
  | { readonly do: "logs" }
  | { readonly do: "stop" }
);

/** What became of it. */
export interface Outcome {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Whether a message of the operating system's channel is one. */
export function isCommand(message: unknown): message is Command {
  return typeof message === "object" && message !== null && "do" in message && "id" in message;
}

/** Whether a message is the outcome of the command with that number. */
export function isOutcomeOf(id: number): (message: unknown) => message is Outcome {
  return (message): message is Outcome =>
    typeof message === "object" && message !== null && "id" in message && message.id === id;
}
