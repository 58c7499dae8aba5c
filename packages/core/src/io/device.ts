/** How a process is a device: it takes requests one by one and answers each. */
import { CodecError } from "../base/errors.ts";
import type { Process } from "../process/process.ts";
import { type IoRequestMessage, isIoRequest } from "./protocol.ts";

/**
 * What a device does with one request: its next state and the answer, and `"stop"` when it was its last. Unknown requests
 * are answered by `{ error: "request" }` (IO-6).
 */
export type DeviceStep<State> = (
  state: State,
  message: IoRequestMessage,
) => readonly [state: State, reply: unknown] | readonly [state: State, reply: unknown, next: "stop"];

/**
 * Makes the calling process a device, until `step` says stop; resolves with the last state. Messages that are no requests
 * stay in the mailbox.
 *
 * @example
 * const loud = self.spawnLink((device) =>
 *   IO.serve(device, "", (said, { request }) => {
 *     const isText = typeof request === "object" && request !== null && "data" in request;
 *     return isText ? [said + String(request.data).toUpperCase(), "ok"] : [said, { error: "request" }];
 *   }),
 * );
 * await IO.puts(self, loud, "hello");
 */
export async function serve<State>(self: Process, initial: State, step: DeviceStep<State>): Promise<State> {
  for (let state = initial; ;) {
    const message = await self.receive(isIoRequest);
    const [after, reply, next] = step(state, message);
    state = after;
    answer(self, message, reply);
    if (next === "stop") return state;
  }
}

/** Sends the answer to a request; one that cannot cross to the client's node becomes `{ error: "badarg" }`. */
export function answer(self: Process, { from, replyAs }: IoRequestMessage, reply: unknown): void {
  try {
    self.send(from, { type: "io_reply", replyAs, reply });
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    self.send(from, { type: "io_reply", replyAs, reply: { error: "badarg" } });
  }
}
