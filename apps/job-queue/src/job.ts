/** Jobs: what they are in the file, and the functions that do them, registered so that another node can do them, too. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

import { type Process, remote, type RemoteFunction } from "@otp/core";

/** A job, as a line of the file holds it: `{"id":"a","fn":"hash","args":["README.md"]}`. */
export interface Job {
  /** Names its result, so a file name. */
  readonly id: string;
  readonly fn: string;
  readonly args: readonly unknown[];
}

/** Does a job; `attempt` is 1 at first. What it gives goes into the result, as JSON. */
export type JobFunction = RemoteFunction<(self: Process, attempt: number, ...args: readonly unknown[]) => unknown>;

/** What jobs can ask for. */
export const functions: ReadonlyMap<string, JobFunction> = new Map<string, JobFunction>([
  [
    "hash",
    remote("job/hash", async (self: Process, _attempt: number, file: unknown) => {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(String(file), { signal: self.signal })) {
        // Bytes, since no encoding was asked for.
        if (chunk instanceof Uint8Array) hash.update(chunk);
      }
      return hash.digest("hex");
    }),
  ],
  [
    "sleep",
    remote("job/sleep", async (self: Process, _attempt: number, ms: unknown) => {
      await self.sleep(Number(ms));
      return `slept on ${self.node.name}`;
    }),
  ],
  [
    "fail",
    remote("job/fail", (_self: Process, attempt: number, times: unknown) => {
      if (attempt <= Number(times)) throw new Error(`attempt ${attempt} was to fail`);
      return attempt;
    }),
  ],
]);

/** Understands a line; a text says what is wrong with it. */
export function parseJob(line: string): Job | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return `expected JSON: ${error.message}`;
    throw error;
  }
  if (typeof value !== "object" || value === null || !("id" in value) || !("fn" in value)) {
    return 'expected a job such as {"id":"a","fn":"sleep","args":[10]}';
  }
  const { id, fn } = value;
  if (typeof id !== "string" || !/^\w[\w.-]{0,99}$/u.test(id)) return "expected an id of letters, digits, _, . and -";
  if (typeof fn !== "string" || !functions.has(fn))
    return `expected fn to be one of ${[...functions.keys()].join(", ")}`;
  const args: unknown = "args" in value ? value.args : [];
  return Array.isArray(args) ? { id, fn, args } : "expected args to be an array";
}
