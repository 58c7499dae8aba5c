/** The bare nats client: one publish there, one back. */
import { connect } from "nats";

import { type Measure, timedCalls } from "./in-flight.ts";
import { natsUrl, startPeer } from "./peer-process.ts";
import { complete, perSecond, serve, type Workload } from "./serve.ts";

const id = String(process.pid);
const connection = await connect({ servers: natsUrl() });
const waiting: ((bytes: Uint8Array) => void)[] = [];
connection.subscribe(`reply.${id}`, {
  callback: (_error, message) => {
    // Replies come in the order of the requests.
    waiting.shift()?.(message.data);
  },
});
await connection.flush();
await startPeer("./nats-peer.js", [id]);

const ask = (subject: string, payload: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve) => {
    waiting.push(resolve);
    connection.publish(`${subject}.${id}`, payload);
  });

const calls =
  (bytes: number, inFlight: number, measure: Measure): Workload =>
  (size) => {
    const payload = new Uint8Array(bytes);
    return timedCalls(size, { inFlight, measure }, async () => (await ask("echo", payload)).length === bytes);
  };

const casts =
  (bytes: number): Workload =>
  async (size) => {
    const payload = new Uint8Array(bytes);
    // What is in flight has to fit the server's buffer for a slow consumer.
    const window = Math.max(1, Math.floor(8_000_000 / bytes));
    const started = performance.now();
    for (let i = 1; i <= size; i += 1) {
      connection.publish(`add.${id}`, payload);
      if (i % window === 0) await ask("echo", payload);
    }
    const { buffer, byteOffset } = await ask("count", new Uint8Array(0));
    const counted = new DataView(buffer, byteOffset).getUint32(0);
    const outcome = perSecond(size, started);
    complete(counted, size, "messages");
    return outcome;
  };

await serve({
  remote_call_1: calls(16, 1, "p50"),
  remote_call_1_1k: calls(1_024, 1, "p50"),
  remote_call_100: calls(16, 100, "rate"),
  remote_call_100_1k: calls(1_024, 100, "rate"),
  remote_cast_16: casts(16),
  remote_cast_128: casts(128),
  remote_cast_1k: casts(1_024),
  remote_cast_16k: casts(16_384),
});
