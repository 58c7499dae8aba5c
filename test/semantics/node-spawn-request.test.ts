import { type Process, remote, type SpawnReplyMessage } from "@otp/core";
import { describe, expect, it } from "vitest";

import { cluster, pair, inProcess, sleeper, until } from "../support/clusters.ts";

const exitHej = remote("test/spawn_request/exit_hej", (self: Process): never => self.exit("hej"));
const wait = remote("test/spawn_request/wait", sleeper);
const tell = remote("test/spawn_request/tell", async (self: Process, to: Process["pid"]): Promise<void> => {
  self.trapExit = true;
  self.send(to, { type: "up", pid: self.pid });
  self.send(to, { type: "told", message: await self.receive() });
});

const isSpawnReply = (message: unknown): message is SpawnReplyMessage =>
  typeof message === "object" && message !== null && "type" in message && message.type === "spawn_reply";

describe("spawn requests", () => {
  it.each(["two@host", "one@host"])("T-NODE-17 spawn_request on %s", async (node) => {
    const [one] = await pair();
    const messages = await inProcess(one, async (self) => {
      self.trapExit = true;
      const ref = self.spawnRequest({ node, monitor: true, link: true, replyTag: "tg" }, exitHej);
      const reply = await self.receive({ ref });
      const ends = [await self.receive(), await self.receive()];
      return { ref, reply, ends };
    });
    const { ref, reply } = messages;
    expect(reply).toMatchObject({ type: "tg", ref, result: "ok", pid: { node } });
    const pid: unknown = Reflect.get(reply, "pid");
    expect(messages.ends).toContainEqual({ type: "DOWN", ref, object: pid, reason: "hej" });
    expect(messages.ends).toContainEqual({ type: "EXIT", from: pid, reason: "hej" });
  });

  it("NODE-15 which outcomes are told is a wish", async () => {
    const [one] = await pair();
    const heard = await inProcess(one, async (self) => {
      const node = "two@host";
      const refs = [
        self.spawnRequest({ node, reply: "no" }, wait),
        self.spawnRequest({ node, reply: "errorOnly" }, wait),
        self.spawnRequest({ node, reply: "successOnly" }, wait),
        self.spawnRequest({ node }, wait),
        self.spawnRequest({ node: "nobody@host", reply: "no" }, wait),
        self.spawnRequest({ node: "nobody@host", reply: "errorOnly" }, wait),
        self.spawnRequest({ node: "nobody@host", reply: "successOnly" }, wait),
        // @ts-expect-error: a node is asked for what it cannot do
        self.spawnRequest({ node, colour: "green" }, wait),
      ];
      const told = new Map<number, unknown>();
      while (told.size < 4) {
        const message = await self.receive(isSpawnReply);
        told.set(refs.indexOf(message.ref), message.result === "error" ? message.reason : "ok");
      }
      await self.sleep(20);
      return { told, more: self.flush() };
    });
    expect(heard.more).toEqual([]);
    expect([...heard.told].toSorted(([a], [b]) => a - b)).toEqual([
      [2, "ok"],
      [3, "ok"],
      [5, "noconnection"],
      [7, "badopt"],
    ]);
  });

  it("NODE-16 before the reply there is no monitor, and a request can be given up", async () => {
    const [one, two] = await pair();
    const result = await inProcess(one, async (self) => {
      const monitored = self.spawnRequest({ node: "two@host", monitor: true }, wait);
      const early = self.demonitor(monitored, { info: true });
      await self.receive({ type: "spawn_reply" });
      const late = self.demonitor(monitored, { info: true });
      const given = self.spawnRequest({ node: "two@host", link: true }, tell, self.pid);
      const abandoned = [self.spawnRequestAbandon(given), self.spawnRequestAbandon(given)];
      const up = await self.receive({ type: "up" });
      const told = await self.receive({ type: "told" });
      return { early, late, abandoned, up, told, after: self.spawnRequestAbandon(monitored), more: self.flush() };
    });
    expect(result.early).toBe(false);
    expect(result.late).toBe(true);
    expect(result.abandoned).toEqual([true, false]);
    expect(result.told).toMatchObject({ message: { type: "EXIT", reason: "abandoned" } });
    expect(result.after).toBe(false);
    expect(result.more).toEqual([]);
    expect([one, two].flatMap((node) => node.check())).toEqual([]);
  });

  it("NODE-15 a lost connection and a refusal are errors, without DOWN or EXIT", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: two } = await world.start("two@host", { allowSpawn: [] });
    await one.connect(two.name);
    const result = await inProcess(one, async (self) => {
      self.trapExit = true;
      const options = { node: two.name, link: true, monitor: true };
      self.spawnRequest(options, wait);
      const refused = await self.receive({ type: "spawn_reply" });
      self.spawnRequest(options, wait);
      await one.disconnect(two.name);
      const lost = await self.receive({ type: "spawn_reply" });
      await self.sleep(20);
      return { refused, lost, more: self.flush() };
    });
    expect(result.refused).toMatchObject({ result: "error", reason: "notsup" });
    expect(result.lost).toMatchObject({ result: "error", reason: "noconnection" });
    expect(result.more).toEqual([]);
    expect(one.check()).toEqual([]);
  });

  it("NODE-15 a linked process ends when its spawner has ended before the reply", async () => {
    const [one, two] = await pair();
    const before = two.processes().length;
    one.spawn((self: Process) => {
      self.spawnRequest({ node: two.name, link: true }, wait);
      self.exit("done");
    });
    await one.ping(two.name);
    await inProcess(one, async (self) => {
      self.spawnRequest({ node: two.name }, wait);
      await self.receive({ type: "spawn_reply" });
    });
    await until(() => two.processes().length === before + 1);
  });
});
