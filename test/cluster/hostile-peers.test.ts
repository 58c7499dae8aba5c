import { memoryHub, Node, type Process } from "@otp/core";
import type { Transport } from "@otp/core/transport";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { connect } from "nats";
import { pino } from "pino";
import { describe, expect, it, onTestFinished } from "vitest";

import { sleeper, until } from "../support/clusters.ts";
import { patience } from "../support/fire.ts";
import { plain } from "../support/media.ts";
import { traitor } from "../support/traitor.ts";

/** A list that says it has 2^32-1 elements, a binary of 4 GB, a map of 2^32-1, nesting without end, a compressed term. */
const bombs = [
  Uint8Array.of(131, 108, 255, 255, 255, 255),
  Uint8Array.of(131, 109, 255, 255, 255, 255, 1),
  Uint8Array.of(131, 116, 255, 255, 255, 255),
  Uint8Array.from([131, ...Array.from({ length: 30_000 }, () => [108, 0, 0, 0, 1]).flat()]),
  Uint8Array.of(131, 80, 255, 255, 255, 255, 120, 156, 99, 0, 0),
  Uint8Array.of(131, 104, 4, 97, 2, 97, 0, 97, 0, 97, 0),
  new Uint8Array(60_000),
];

describe("fallacy: the network is secure", patience, () => {
  it("D3 a peer that has the cookie and sends bombs costs itself its session, and the node nothing", async () => {
    const hub = memoryHub();
    const logger = pino({ level: "silent" });
    const node = await Node.start({ ...plain, name: "victim@host", transport: hub.transport(), logger });
    onTestFinished(() => node.stop());
    const before = node.processes().length;
    const used = process.memoryUsage().rss;
    const peer = await traitor(hub.transport(), node.name);
    for (const [at, bomb] of bombs.entries()) {
      peer.send(bomb);
      await until(() => peer.ends.length > at);
    }
    expect(new Set(peer.ends)).toEqual(new Set(["peer_disconnect"]));
    expect(process.memoryUsage().rss - used).toBeLessThan(200 * 1024 * 1024);
    expect([node.check(), node.processes().length]).toEqual([[], before]);
  });

  it("TR-6 NODE-19 who subscribes to the subject of a node and speaks in its name takes nothing over", async () => {
    const server = await startLocalServer();
    onTestFinished(() => server.stop());
    const logger = pino({ level: "silent" });
    const medium = (): Transport => nats({ servers: server.url, cluster: "stolen" });
    const start = (name: string): Promise<Node> =>
      Node.start({ ...plain, name, logger, transport: medium(), discover: true, tickTimeMs: 3_000 });
    const [one, two] = [await start("one@host"), await start("two@host")];
    onTestFinished(async () => {
      await one.stop();
      await two.stop();
    });
    await until(() => one.list().length === 1 && two.list().length === 1);
    const thief = await connect({ servers: server.url, noEcho: true });
    onTestFinished(() => thief.close());
    const overheard: { subject: string; data: Uint8Array; reply: string }[] = [];
    const inboxes = new Set<string>();
    thief.subscribe("otp.>", {
      callback: (_error, { subject, data, reply }) => {
        if (subject.includes(".to.")) inboxes.add(subject);
        overheard.push({ subject, data: Uint8Array.from(data), reply: reply ?? "" });
        // Answers every question of the transport, and in the name of whoever was asked.
        if (reply !== undefined && reply !== "") thief.publish(reply, Uint8Array.of(1));
      },
    });
    await thief.flush();
    const got: unknown[] = [];
    two.register(
      "sink",
      two.spawn(async (self: Process) => {
        for (;;) got.push(await self.receive());
      }),
    );
    for (let i = 0; i < 300; i += 1) {
      one.send({ name: "sink", node: two.name }, i);
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
      for (const { subject, data } of overheard.splice(0)) {
        thief.publish(subject, data);
        thief.publish(subject.replaceAll("one", "two"), data);
      }
      if (i % 30 === 0) for (const subject of inboxes) thief.publish(subject, new Uint8Array(500_000));
    }
    await until(() => got.length === 300);
    expect(got).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect([one.list(), two.list(), one.check(), two.check()]).toEqual([[two.name], [one.name], [], []]);
    one.spawn(sleeper);
  });
});
