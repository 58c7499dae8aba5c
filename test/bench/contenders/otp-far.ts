/** What both sides of our rows between nodes know. */
import { Node, type Pid, type Process, remote } from "@otp/core";
import type { Runtime } from "@otp/core/runtime";
import { type Call, GenServer, noreply, ok, reply } from "@otp/genserver";
import { nats } from "@otp/transport-nats";

import { natsUrl } from "./peer-process.ts";

/** What the server on the other node understands. */
export interface FarProtocol {
  call: Call<"echo", Uint8Array, { bytes: Uint8Array }> | Call<"count", number>;
  cast: { type: "add"; bytes: Uint8Array };
}

/** Echoes what it is asked, counts what it is told. */
export class FarServer extends GenServer<number, FarProtocol> {
  override init() {
    return ok(0);
  }

  override handleCall(request: FarProtocol["call"], _from: unknown, count: number) {
    return request.type === "echo" ? reply(request.bytes, count) : reply(count, count);
  }

  override handleCast(_message: FarProtocol["cast"], count: number) {
    return noreply(count + 1);
  }
}

/** Tells its spawner that it has run. */
export const report = remote("bench/report", (self: Process, to: Pid) => {
  self.send(to, { type: "ran" });
});

/** In what a node may differ from those of users, for comparison. */
export interface NodeSettings {
  readonly runtime?: Runtime;
  readonly stretch?: { readonly N: number; readonly r: number; readonly p: number };
}

/** Starts a node of the cluster in which the rows are run. */
export function startNode(name: string, cluster: string, settings: NodeSettings = {}): Promise<Node> {
  const transport = nats({ servers: natsUrl(), cluster });
  return Node.start({ name, cookie: "the cookie of the benchmarks", transport, ...settings });
}
