import { Node, type Process } from "@otp/core";
import { nats } from "@otp/transport-nats";
import { startLocalServer } from "@otp/transport-nats/local-server";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { idle } from "../fixtures/remote-functions.ts";
import { leavesNothing } from "../support/leaks.ts";
import { patience } from "../support/fire.ts";

describe("after node.stop()", patience, () => {
  it("no timer, subscription, process or socket is left, whatever the node was doing", async () => {
    await using _nothing = leavesNothing();
    await using server = await startLocalServer();
    const start = (name: string): Promise<Node> =>
      Node.start({
        name,
        cookie: "secret",
        transport: nats({ servers: server.url, cluster: "leaks" }),
        discover: true,
        logger: pino({ level: "silent" }),
      });
    const one = await start("one@localhost");
    const two = await start("two@localhost");
    await one.connect(two.name);
    const signals: AbortSignal[] = [];
    await new Promise<void>((resolve) => {
      one.spawn(async (self: Process) => {
        signals.push(self.signal);
        self.trapExit = true;
        const there = self.spawnLink({ node: two.name }, idle);
        self.monitor(there);
        self.monitorNodes(true);
        self.sendAfter(self.pid, "never", 60_000);
        self.startTimer(self.pid, "never", 60_000);
        await one.global.registerName("leaks", self.pid);
        void self.receive({ type: "never" });
        resolve();
        await self.sleep(60_000);
      });
    });
    // An attempt to connect that is still under way.
    void one.connect("nobody@localhost");
    await one.stop();
    await two.stop();
    for (const node of [one, two]) {
      expect(node.processes()).toEqual([]);
      expect(node.list("connected")).toEqual([]);
      expect(node.check()).toEqual([]);
    }
    expect(signals.map(({ aborted, reason }) => ({ aborted, reason: reason as unknown }))).toEqual([
      { aborted: true, reason: "shutdown" },
    ]);
    expect(await one.ping(two.name)).toBe("pang");
  });
});
