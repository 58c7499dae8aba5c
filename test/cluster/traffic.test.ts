import { type Process, Ref, TIMEOUT } from "@otp/core";
import { describe, expect, it } from "vitest";

import { collect, type Collected, measure } from "../fixtures/remote-functions.ts";
import { inProcess, world } from "../support/os-peers.ts";
import { patience } from "../support/fire.ts";

const isCollected = (message: unknown): message is Collected =>
  typeof message === "object" && message !== null && "type" in message && message.type === "collected";

const isReady = (message: unknown): message is { readonly type: "ready"; readonly alias: Ref } =>
  typeof message === "object" && message !== null && "alias" in message && message.alias instanceof Ref;

describe("traffic between two OS processes over NATS", patience, () => {
  it("SIG-1 SIG-3 TR-1 TR-2 keeps the order of 200,000 mixed signals and delivers each exactly once", async () => {
    const { node: start, peer } = await world();
    await peer("two@localhost");
    const { node } = await start("one@localhost");
    const total = 200_000;
    const result = await inProcess(node, async (self) => {
      const pid = self.spawn({ node: "two@localhost" }, collect, "collector", self.pid);
      const { alias } = await self.receive(isReady);
      const named = { name: "collector", node: "two@localhost" };
      for (let i = 0; i < total; i += 1) {
        if (i % 7 === 0) self.sendExit(pid, i);
        else if (i % 5 === 0) self.send(named, { i });
        else if (i % 3 === 0) self.send(alias, { i });
        else self.send(pid, { i });
        if (i % 1_000 === 0) {
          // Ties come and go in between without disturbing anything.
          self.link(pid);
          self.demonitor(self.monitor(pid), { flush: true });
          self.unlink(pid);
          await self.sleep(0);
        }
      }
      self.send(pid, { type: "report" });
      return self.receive(isCollected, { after: 60_000 });
    });
    expect(result).toEqual({ type: "collected", count: total });
    expect(node.check()).toEqual([]);
  });

  it("TR-8 a message of 20 MB arrives while heartbeats and small messages go on", async () => {
    const { node: start, peer } = await world();
    // A tick time that 20 MB without heartbeats in between would not survive everywhere.
    await peer("two@localhost", { tickTimeMs: 2_000 });
    const { node, logs } = await start("one@localhost", { tickTimeMs: 2_000 });
    const outcome = await inProcess(node, async (self) => {
      const big = self.spawn({ node: "two@localhost" }, measure);
      const small = self.spawn({ node: "two@localhost" }, measure);
      const ask = (to: typeof big, data: Uint8Array): ReturnType<Process["makeRef"]> => {
        const ref = self.makeRef();
        self.send(to, { from: self.pid, ref, data });
        return ref;
      };
      const first = ask(small, new Uint8Array(1));
      await self.receive({ type: "length", ref: first });
      const bigRef = ask(big, new Uint8Array(20 * 1024 * 1024));
      const overtaking = await inProcess(node, async (other) => {
        const ref = other.makeRef();
        other.send(small, { from: other.pid, ref, data: new Uint8Array(3) });
        return other.receive({ type: "length", ref }, { after: 10_000 });
      });
      const arrived = await self.receive({ type: "length", ref: bigRef }, { after: 30_000 });
      return { overtaking, arrived };
    });
    expect(outcome.overtaking).toMatchObject({ length: 3 });
    expect(outcome.arrived).not.toBe(TIMEOUT);
    expect(outcome.arrived).toMatchObject({ length: 20 * 1024 * 1024 });
    expect(logs.filter(({ event }) => event === "nodedown")).toEqual([]);
  });
});
