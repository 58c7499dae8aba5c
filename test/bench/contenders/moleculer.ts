/** moleculer: two brokers over NATS, an action on the other one. */
import { ServiceBroker } from "moleculer";

import { type Measure, timedCalls } from "./in-flight.ts";
import { natsUrl, startPeer } from "./peer-process.ts";
import { serve, type Workload } from "./serve.ts";

const namespace = `bench_${String(process.pid)}`;
const broker = new ServiceBroker({ nodeID: "one", namespace, transporter: natsUrl(), logger: false });
await broker.start();
await startPeer("./moleculer-peer.js", [namespace]);
await broker.waitForServices("echo", 20_000);

const calls =
  (bytes: number, inFlight: number, measure: Measure): Workload =>
  (size) => {
    const text = "x".repeat(bytes);
    return timedCalls(size, { inFlight, measure }, async () => {
      const echo: unknown = await broker.call("echo.run", { text });
      return echo === text;
    });
  };

await serve({
  remote_call_1: calls(16, 1, "p50"),
  remote_call_1_1k: calls(1_024, 1, "p50"),
  remote_call_100: calls(16, 100, "rate"),
  remote_call_100_1k: calls(1_024, 100, "rate"),
});
