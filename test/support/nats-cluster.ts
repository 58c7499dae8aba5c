/** Three nats-servers that form one cluster; each can be killed, frozen and restarted on its ports. */
import { createServer } from "node:net";

import { startLocalServer } from "@otp/transport-nats/local-server";
import { vi } from "vitest";

type LocalServer = Awaited<ReturnType<typeof startLocalServer>>;

/** Starts `count` servers and waits until each has a route to all others. */
export async function natsCluster(count: number): Promise<readonly LocalServer[]> {
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const routes = ports.map((port) => `"nats-route://127.0.0.1:${String(port)}"`).join(", ");
  const servers = await Promise.all(
    ports.map((port) =>
      startLocalServer({
        config: `cluster { name: fire, listen: "127.0.0.1:${String(port)}", no_advertise: true, routes: [${routes}] }`,
      }),
    ),
  );
  await vi.waitFor(
    () => {
      for (const { log } of servers) {
        const peers = new Set(log.join("\n").match(/rid:\d+ - Route connection created/gu));
        if (peers.size < count - 1) throw new Error("the servers do not know each other yet");
      }
    },
    { timeout: 60_000, interval: 50 },
  );
  return servers;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === "object" && address !== null ? address.port : 0;
}
