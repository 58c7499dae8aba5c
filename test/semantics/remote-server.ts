/** A server that is used from other nodes. */
import type { Node, Pid } from "@otp/core";
import { type From, GenServer, globalName, noreply, ok, reply, stopWith } from "@otp/genserver";

import { cluster } from "../support/clusters.ts";

/** What it can be told: data only. */
export type Request =
  | { type: "echo"; value: unknown }
  | { type: "never" }
  | { type: "raise" }
  | { type: "stop"; reason: unknown }
  | { type: "sleep"; ms: number }
  | { type: "pass"; to: Pid };

/** A server for other nodes: it can be told everything by data. */
export class Remote extends GenServer<unknown> {
  static readonly global = globalName<typeof Remote>("remote");
  override init() {
    return ok([]);
  }
  override async handleCall(request: Request, from: From, state: unknown) {
    switch (request.type) {
      case "echo":
        return reply(request.value, state);
      case "never":
        return noreply(state);
      case "raise":
        throw new TypeError("boom");
      case "stop":
        return stopWith(request.reason, state);
      case "sleep":
        await this.self.sleep(request.ms);
        return reply("slept", state);
      case "pass":
        this.self.send(request.to, { from });
        return noreply(state);
    }
  }
  override handleCast(message: unknown, _state: unknown) {
    return noreply(message);
  }
}

/** Two connected nodes. */
export async function pair(): Promise<readonly [Node, Node]> {
  const [one, two] = await (await cluster()).mesh("one@localhost", "two@localhost");
  if (one === undefined || two === undefined) throw new Error("two nodes were asked for");
  return [one, two];
}
