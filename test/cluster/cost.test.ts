import { Node, type Process } from "@otp/core";
import type { Transport } from "@otp/core/transport";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { messagesThrough, monitored } from "../support/broker-traffic.ts";
import { inProcess, sleeper, until } from "../support/clusters.ts";
import { isLong, pause, patience } from "../support/fire.ts";
import { plain } from "../support/media.ts";

interface Count {
  frames: number;
  bytes: number;
}

/** `inner`, with what goes out counted. */
function counted(inner: Transport, count: Count): Transport {
  return new Proxy(inner, {
    get: (of, key) => {
      const value: unknown = Reflect.get(of, key);
      if (key === "send") {
        return (peer: string, bytes: Uint8Array) => {
          count.frames += 1;
          count.bytes += bytes.length;
          of.send(peer, bytes);
        };
      }
      return typeof value === "function" ? (...args: unknown[]) => Reflect.apply(value, of, args) as unknown : value;
    },
  });
}

async function mesh(size: number, count: Count, tickTimeMs: number) {
  const server = await startLocalServer({ config: monitored });
  onTestFinished(() => server.stop());
  const logger = pino({ level: "silent" });
  const nodes: Node[] = [];
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  });
  for (let at = 0; at < size; at += 1) {
    const transport = counted(nats({ servers: server.url, cluster: "cost" }), count);
    nodes.push(
      await Node.start({ ...plain, name: `n${String(at)}@host`, transport, logger, tickTimeMs, setupTimeMs: 60_000 }),
    );
  }
  // One look for all, as soon as everybody is there.
  const [first, ...others] = nodes;
  for (const other of others) await first?.connect(other.name);
  await until(async () => {
    await pause(2_000);
    const missing = nodes.filter((node) => node.list().length < size - 1);
    // On a busy machine an attempt may have been given up; the mesh does not make another one.
    for (const node of missing) for (const { name } of nodes) if (name !== node.name) void node.connect(name);
    return missing.length === 0;
  });
  return { nodes, server };
}

describe("fallacy: transport cost is zero", patience, () => {
  // A mesh of fifty takes its time on a busy machine.
  const timeout = 2 * patience.timeout;
  it(
    "idle traffic is a few frames per connection and tick time, whatever is linked and monitored over it",
    { timeout },
    async () => {
      const size = 50;
      const tickTimeMs = 8_000;
      const count = { frames: 0, bytes: 0 };
      const { nodes, server } = await mesh(size, count, tickTimeMs);
      const [one, two] = nodes;
      if (one === undefined || two === undefined) throw new Error("no nodes");
      // Ten thousand monitors cost nothing while nothing happens.
      const pids = Array.from({ length: 10_000 }, () => two.spawn(sleeper));
      let downs = 0;
      one.spawn(async (self: Process) => {
        for (const pid of pids) self.monitor(pid);
        for (;;) {
          await self.receive({ type: "DOWN" });
          downs += 1;
        }
      });
      await pause(3_000);
      const [before, carried] = [{ ...count }, await messagesThrough(server)];
      const forMs = isLong ? 60_000 : 6_000;
      await pause(forMs);
      const messages = (await messagesThrough(server)) - carried;
      const pairs = size * (size - 1);
      const perPairAndTick = ((count.frames - before.frames) / pairs) * (tickTimeMs / forMs);
      const bytesPerSecond = ((count.bytes - before.bytes) / size) * (1_000 / forMs);
      console.info(
        `${String(size)} idle nodes: ${perPairAndTick.toFixed(1)} frames per direction and tick time, ${bytesPerSecond.toFixed(0)} bytes/s per node at a tick time of ${String(tickTimeMs)} ms; ${(messages / size / (forMs / 1_000)).toFixed(1)} messages/s per node through the broker`,
      );
      // One a quarter of the tick time; an answer to each at most, and room for a busy machine.
      expect(perPairAndTick).toBeLessThan(12);
      // What is no frame asks whether somebody is there: eight times a second and node, however many peers there are.
      const questions = messages - (count.frames - before.frames);
      expect(questions / size / (forMs / 1_000)).toBeLessThan(16);
      // And when the node is lost, all of them are told at once.
      const since = process.cpuUsage();
      await one.disconnect(two.name);
      await until(() => downs === 10_000);
      const { user, system } = process.cpuUsage(since);
      expect((user + system) / 1_000).toBeLessThan(5_000);
    },
  );

  it("ten thousand small messages of a few turns travel in a few hundred frames", async () => {
    const count = { frames: 0, bytes: 0 };
    const {
      nodes: [one, two],
    } = await mesh(2, count, 60_000);
    if (one === undefined || two === undefined) throw new Error("no nodes");
    let got = 0;
    two.register(
      "sink",
      two.spawn(async (self: Process) => {
        for (;;) {
          await self.receive();
          got += 1;
        }
      }),
    );
    const before = { ...count };
    await inProcess(one, async (self) => {
      for (let i = 0; i < 10_000; i += 1) {
        self.send({ name: "sink", node: two.name }, { i });
        if (i % 1_000 === 999) await self.sleep(1);
      }
    });
    await until(() => got === 10_000);
    const frames = count.frames - before.frames;
    console.info(`10,000 messages: ${String(frames)} frames, ${String(count.bytes - before.bytes)} bytes`);
    expect(frames).toBeLessThan(500);
  });
});
