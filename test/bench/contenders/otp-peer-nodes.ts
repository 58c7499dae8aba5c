/** The other side of our rows: one or more nodes in a process of their own, each with a server and processes for the fan-out. */
import type { Pid, Process } from "@otp/core";
import { start } from "@otp/genserver";

import { FarServer, type NodeSettings, startNode } from "./otp-far.ts";
import { serveContender } from "./peer-process.ts";

/** Starts the nodes that the arguments name: cluster first. */
export async function servePeer(options: NodeSettings = {}): Promise<void> {
  const [cluster = "", ...names] = process.argv.slice(2);

  for (const name of names) {
    const node = await startNode(name, cluster, options);
    await start(node, FarServer, undefined, { name: "server" });
    const listener = node.spawn(async (self: Process) => {
      for (;;) {
        const { from, size } = await self.receive(isAudience);
        let heard = 0;
        const listen = async (one: Process): Promise<void> => {
          for (;;) {
            await one.receive();
            heard += 1;
            if (heard % size === 0) one.send(from, { type: "heard", heard });
          }
        };
        self.send(from, { type: "audience", pids: Array.from({ length: size }, () => self.spawn(listen)) });
      }
    });
    node.register("listener", listener);
  }
  serveContender();
}

function isAudience(message: unknown): message is { readonly from: Pid; readonly size: number } {
  return typeof message === "object" && message !== null && "from" in message && "size" in message;
}
