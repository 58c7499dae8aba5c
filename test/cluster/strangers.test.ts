import { type Process } from "@otp/core";
import { connect, type NatsConnection } from "nats";
import { describe, expect, it, onTestFinished } from "vitest";

import { collect, type Collected } from "../fixtures/remote-functions.ts";
import { inProcess, type LogLine, world, type World } from "../support/os-peers.ts";
import { patience } from "../support/fire.ts";

const isCollected = (message: unknown): message is Collected =>
  typeof message === "object" && message !== null && "type" in message && message.type === "collected";

const two = "two@localhost";

/** Somebody on the same NATS who sees everything and may publish everything. */
async function stranger({
  server,
}: World): Promise<{ nats: NatsConnection; frames: { subject: string; data: Uint8Array }[] }> {
  const connection = await connect({ servers: server.url, noEcho: true });
  onTestFinished(() => connection.close());
  const frames: { subject: string; data: Uint8Array }[] = [];
  connection.subscribe(">", {
    callback: (_error, { subject, data }) => {
      if (subject.startsWith("otp.")) frames.push({ subject, data: Uint8Array.from(data) });
    },
  });
  await connection.flush();
  return { nats: connection, frames };
}

const warnings = (logs: readonly LogLine[]): readonly LogLine[] => logs.filter(({ level }) => level >= 40);

describe("a third client on the same NATS", patience, () => {
  it("TR-6 replays, forges, truncates, reorders and floods, and changes nothing but counters and a few warnings", async () => {
    const place = await world();
    await place.peer(two);
    const { nats, frames } = await stranger(place);
    const { node, logs } = await place.node("one@localhost");
    const total = 20_000;
    const result = await inProcess(node, async (self: Process) => {
      self.monitorNodes(true);
      const pid = self.spawn({ node: two }, collect, "collector", self.pid);
      await self.receive({ type: "ready" });
      let replayed = 0;
      for (let i = 0; i < total; i += 1) {
        self.send(pid, { i });
        if (i % 50 !== 0) continue;
        await self.sleep(1);
        // Everything that was seen since is played back, in both directions: whole, cut, changed, backwards, and as noise.
        const fresh = frames.slice(replayed).toReversed();
        replayed = frames.length;
        for (const { subject, data } of fresh) {
          nats.publish(subject, data);
          nats.publish(subject, data.subarray(0, Math.floor(data.length / 2)));
          const forged = Uint8Array.from(data);
          const at = i % Math.max(1, forged.length);
          forged[at] = (forged[at] ?? 0) ^ 0x55;
          nats.publish(subject, forged);
          nats.publish(
            subject,
            Uint8Array.from({ length: 40 }, (_, byte) => (byte * i) % 256),
          );
        }
      }
      await nats.flush();
      self.send(pid, { type: "report" });
      return { report: await self.receive(isCollected, { after: 120_000 }), others: self.flush() };
    });
    expect(result).toEqual({ report: { type: "collected", count: total }, others: [] });
    expect(frames.length).toBeGreaterThan(100);
    expect(node.list()).toEqual([two]);
    expect(warnings(logs).length).toBeGreaterThan(0);
    expect(warnings(logs).length).toBeLessThan(5);
    expect(node.check()).toEqual([]);
  });

  it("a flood of 200,000 datagrams from invented nodes does not hold up real traffic", async () => {
    const place = await world();
    await place.peer(two);
    const { nats, frames } = await stranger(place);
    const { node, logs } = await place.node("one@localhost");
    const result = await inProcess(node, async (self) => {
      const pid = self.spawn({ node: two }, collect, "collector", self.pid);
      await self.receive({ type: "ready" });
      const mine = frames.find(({ subject }) => subject.includes(".to.one"))?.subject ?? "";
      expect(mine).not.toBe("");
      const noise = Uint8Array.from({ length: 120 }, (_, i) => (i * 7) % 256);
      for (let i = 0; i < 200_000; i += 1) {
        noise[0] = i % 256;
        nats.publish(mine.replace(/from\..*$/u, `from.invented${String(i)}=40localhost`), noise);
        if (i % 1_000 === 0) {
          self.send(pid, { i: i / 1_000 });
          await nats.flush();
        }
      }
      self.send(pid, { type: "report" });
      return self.receive(isCollected, { after: 120_000 });
    });
    expect(result).toEqual({ type: "collected", count: 200 });
    expect(warnings(logs).length).toBeLessThan(100);
  });
});

describe("a node with another cookie", patience, () => {
  it("T-TR-03 T-NODE-06 is refused with false there and one error line here, and the cookie is nowhere on the wire", async () => {
    const place = await world();
    const cookie = "the right cookie 8f3a91";
    const other = await place.peer(two, { cookie });
    const { frames } = await stranger(place);
    const { node } = await place.node("one@localhost", { cookie: "the wrong cookie 77aa01" });
    expect(await node.connect(two)).toBe(false);
    expect(node.refusalOf(two)).toMatchObject({ kind: "cookie" });
    expect(await node.ping(two)).toBe("pang");
    await other.line(/rejected|refused|cookie/iu);
    const complaints = other.lines.filter((line) => line.includes("one@localhost") && line.includes('"level":50'));
    expect(complaints).toHaveLength(1);
    node.setCookie(cookie, two);
    expect(await node.connect(two)).toBe(true);
    expect(frames.length).toBeGreaterThan(3);
    const seen = Buffer.concat(frames.map(({ data }) => data));
    for (const secret of [cookie, "the wrong cookie 77aa01"]) {
      for (const encoding of ["utf8", "base64", "base64url", "hex"] as const) {
        expect(seen.includes(Buffer.from(secret).toString(encoding).replace(/=+$/u, ""))).toBe(false);
      }
    }
  });
});
