/** What nodes that have nothing to say cost: bytes and CPU time of a cluster in which each is connected to each. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";

import { startNode } from "./otp-far.ts";
import type { Outcome } from "./serve.ts";

const count = 50;

/** A cluster that does nothing. */
export interface Idle {
  /** Watches it for so many ms: bytes per second and node. */
  watch(ms: number): Promise<Outcome>;
}

/** Starts 50 nodes in this process, each with its own connection to the server, and connects each with each. */
export async function startIdle(cluster: string): Promise<Idle> {
  const sockets: Socket[] = [];
  const note = (event: unknown): void => {
    if (typeof event === "object" && event !== null && "socket" in event && event.socket instanceof Socket)
      sockets.push(event.socket);
  };
  subscribe("net.client.socket", note);
  const nodes = await Promise.all(
    // What the cookie costs is over when a node has nothing to do.
    Array.from({ length: count }, (_, i) =>
      startNode(`idle_${String(i)}@localhost`, `${cluster}_idle`, { stretch: { N: 1_024, r: 8, p: 1 } }),
    ),
  );
  unsubscribe("net.client.socket", note);
  const [hub] = nodes;
  for (const node of nodes) if (node !== hub) await hub?.connect(node.name);
  while (nodes.some((node) => node.list().length < count - 1)) await pause(20);
  // What the meeting has left to do is done.
  await pause(1_000);
  const carried = (): number => sockets.reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
  return {
    async watch(ms) {
      const [bytes, cpu] = [carried(), process.cpuUsage()];
      await pause(ms);
      const { user, system } = process.cpuUsage(cpu);
      const perNodeSecond = 1_000 / (ms * count);
      return {
        value: (carried() - bytes) * perNodeSecond,
        extra: { cpuMsPerNodeSecond: ((user + system) / 1_000) * perNodeSecond },
      };
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
