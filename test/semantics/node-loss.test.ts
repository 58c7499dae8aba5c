/** What the loss of a connection does, and what it does not do. */
import { memoryHub, Node, type Process } from "@otp/core";
import { ManualRuntime } from "@otp/core/runtime";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { idle } from "../fixtures/remote-functions.ts";

const cheap = { N: 2, r: 1, p: 1 };

describe("D2 the loss of a connection", () => {
  it("LINK-11 MON-12 ends every tie once, and the signals of those who die of it do not connect anew", async () => {
    const runtime = new ManualRuntime();
    const hub = memoryHub({ runtime });
    const start = (name: string): Promise<Node> =>
      Node.start({
        name,
        cookie: "secret",
        runtime,
        stretch: cheap,
        transport: hub.transport(),
        logger: pino({ level: "silent" }),
      });
    const starting = [start("one@localhost"), start("two@localhost")] as const;
    await runtime.advance(10);
    const [one, two] = await Promise.all(starting);
    const connecting = one.connect(two.name);
    await runtime.advance(100);
    expect(await connecting).toBe(true);
    const told: unknown[] = [];
    one.spawn(async (self: Process) => {
      self.trapExit = true;
      const there = Array.from({ length: 3 }, () => self.spawn({ node: two.name }, idle));
      // Dies of the first lost link, and has others to the same node.
      const { ref } = self.spawnMonitor(async (other: Process) => {
        for (const pid of there) other.link(pid);
        for (const pid of there) other.monitor(pid);
        await other.sleep("infinity");
      });
      for (const pid of there) self.link(pid);
      for (;;) {
        const message = await self.receive();
        told.push(
          typeof message === "object" && message !== null && "ref" in message && message.ref === ref
            ? "other"
            : message,
        );
      }
    });
    await runtime.advance(100);
    const disconnecting = one.disconnect(two.name);
    await runtime.advance(5_000);
    expect(await disconnecting).toBe(true);
    expect(told.filter((message) => message === "other")).toHaveLength(1);
    expect(told.filter((message) => typeof message === "object")).toHaveLength(3);
    expect(one.list()).toEqual([]);
    expect(two.list()).toEqual([]);
    expect([...one.check(), ...two.check()]).toEqual([]);
    const stopping = Promise.all([one.stop(), two.stop()]);
    await runtime.advance(1_000);
    await stopping;
  });
});
