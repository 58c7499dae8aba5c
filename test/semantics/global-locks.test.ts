import type { Process } from "@otp/core";
import { describe, expect, it } from "vitest";

import { cluster, inProcess, until } from "../support/clusters.ts";

describe("global locks", () => {
  it("T-GLOBAL-08 locks", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const nodes = [one.name, two.name];
    const me = { resource: "l", requester: "me" };
    const other = { resource: "l", requester: "other" };
    expect(await one.global.setLock(me, nodes, 0)).toBe(true);
    expect(await two.global.setLock(other, nodes, 0)).toBe(false);
    expect(await one.global.setLock(me, nodes, 0)).toBe(true);
    expect(await one.global.delLock(me, nodes)).toBe(true);
    expect(await two.global.setLock(other, nodes, 0)).toBe(true);
  });

  it("GLOBAL-8 a lock that is refused is tried again, and got when it is free", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const me = { resource: "l", requester: "me" };
    await one.global.setLock(me);
    const second = two.global.setLock({ resource: "l", requester: "other" });
    expect(await two.global.setLock({ resource: "l", requester: "third" }, undefined, 2)).toBe(false);
    await one.global.delLock(me);
    expect(await second).toBe(true);
  });

  it("T-GLOBAL-09 locks and death", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const other = { resource: "l", requester: "other" };
    const holder = one.spawn(async (self: Process) => {
      await self.node.global.setLock({ resource: "l", requester: self.pid });
      await self.receive();
    });
    await until(() => one.info(holder, "status") === "waiting");
    while (await two.global.setLock(other, undefined, 0)) await two.global.delLock(other);
    one.sendExit(holder, "kill");
    expect(await two.global.setLock(other, undefined, 10)).toBe(true);
    // By loss of the node.
    const third = { resource: "l", requester: "third" };
    expect(await one.global.setLock(third, [one.name], 0)).toBe(false);
    await two.stop();
    await until(() => one.list().length === 0);
    expect(await one.global.setLock(third, [one.name], 0)).toBe(true);
  });

  it("GLOBAL-9 locks on disjoint sets of nodes do not interfere", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    expect(await one.global.setLock({ resource: "l", requester: 1 }, [one.name], 0)).toBe(true);
    expect(await one.global.setLock({ resource: "l", requester: 2 }, [two.name], 0)).toBe(true);
    expect(await two.global.setLock({ resource: "l", requester: 3 }, undefined, 0)).toBe(false);
  });

  it("T-GLOBAL-10 trans", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const id = { resource: "l", requester: "me" };
    expect(await one.global.trans(id, () => "res")).toBe("res");
    const held = { resource: "l", requester: "other" };
    await two.global.setLock(held);
    expect(await one.global.trans(id, () => "res", undefined, 0)).toBe("aborted");
    await two.global.delLock(held);
    const failing = one.global.trans(id, () => {
      throw new RangeError("no");
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await two.global.setLock(held, undefined, 0)).toBe(true);
  });

  it("GLOBAL-8 many requesters exclude each other and all get their turn", async () => {
    const nodes = await (await cluster()).mesh("one@host", "two@host", "three@host");
    let inside = 0;
    let most = 0;
    const outcomes = await Promise.all(
      nodes.flatMap((node) =>
        ["x", "y"].map((who) =>
          node.global.trans({ resource: "r", requester: [node.name, who] }, async () => {
            most = Math.max(most, (inside += 1));
            await inProcess(node, (self) => self.sleep(2));
            inside -= 1;
            return "done";
          }),
        ),
      ),
    );
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => "done"));
    expect(most).toBe(1);
  });
});
