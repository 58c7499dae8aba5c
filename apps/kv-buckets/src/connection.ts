/** One connection: a process that reads lines and answers them, one after the other. What breaks it breaks nothing else. */
import type { Socket } from "node:net";

import type { Process } from "@otp/core";

import { answer } from "./command.ts";

/** Nobody needs longer lines; who sends them is no client of ours. */
const longestLine = 64 * 1024;

/** Serves a client until it leaves. */
export async function serve(self: Process, socket: Socket, nodes: readonly string[]): Promise<void> {
  self.signal.addEventListener("abort", () => socket.destroy());
  socket.setEncoding("utf8");
  let rest = "";
  // Reading waits for answering, so a client that sends faster is slowed down by its own connection.
  for await (const chunk of socket) {
    const lines = `${rest}${String(chunk)}`.split(/\r?\n/u);
    rest = lines.pop() ?? "";
    for (const line of lines) await write(socket, await answer(self, line, nodes));
    if (rest.length > longestLine) throw new RangeError(`expected lines of up to ${longestLine} characters`);
  }
}

function write(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    // A client that is gone is noticed by reading.
    socket.write(`${text}\r\n`, () => resolve());
  });
}
