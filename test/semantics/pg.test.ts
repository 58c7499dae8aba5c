import { Node, type Process } from "@otp/core";
import { describe, expect, it } from "vitest";

import { cluster, inProcess, sleeper, until } from "../support/clusters.ts";

const names = (pids: readonly { readonly node: string; readonly number: number }[]): string[] =>
  pids.map(({ node, number }) => `${node} ${number}`).toSorted();

describe("process groups", () => {
  it("T-PG-01 membership counting", async () => {
    await using node = await Node.start();
    const { pg } = node;
    pg.start("s");
    const [self, none] = [node.spawn(sleeper), node.spawn(sleeper)];
    expect(pg.join("s", "g", self)).toBe("ok");
    expect(pg.join("s", "g", [self, self])).toBe("ok");
    expect(pg.getMembers("s", "g")).toEqual([self, self, self]);
    expect(pg.leave("s", "g", none)).toBe("not_joined");
    expect(pg.leave("s", "g", [self, self])).toBe("ok");
    expect(pg.getMembers("s", "g")).toEqual([self]);
    expect(pg.whichGroups("s")).toEqual(["g"]);
    expect(pg.leave("s", "g", self)).toBe("ok");
    expect(pg.whichGroups("s")).toEqual([]);
  });

  it("T-PG-02 dead members", async () => {
    await using node = await Node.start();
    const { pg } = node;
    const [p, d] = [node.spawn(sleeper), node.spawn(sleeper)];
    pg.join("g", [p, p]);
    pg.join({ other: ["group"] }, p);
    node.sendExit(p, "kill");
    expect(pg.whichGroups()).toEqual([]);
    node.sendExit(d, "kill");
    expect(pg.join("g", d)).toBe("ok");
    expect(pg.getMembers("g")).toEqual([]);
    expect(pg.whichGroups()).toEqual([]);
  });

  it("T-PG-03 remote pids", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    two.pg.join("g", two.spawn(sleeper));
    await until(() => one.pg.getMembers("g").length === 1);
    const [q] = one.pg.getMembers("g");
    if (q === undefined) throw new Error("no member");
    expect(() => one.pg.join("g", q)).toThrow(expect.objectContaining({ reason: { nolocal: q } }));
  });

  it("T-PG-04 propagation, loss and healing", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    for (const node of [one, two]) node.pg.start("s");
    const [l, q] = [one.spawn(sleeper), two.spawn(sleeper)];
    one.pg.join("s", "g", l);
    two.pg.join("s", "g", [q, q]);
    const everybody = names([l, q, q]);
    const everywhere = (): boolean =>
      [one, two].every(({ pg }) => String(names(pg.getMembers("s", "g"))) === String(everybody));
    await until(everywhere);
    expect(one.pg.getLocalMembers("s", "g")).toEqual([l]);
    expect(two.pg.getLocalMembers("s", "g")).toEqual([q, q]);
    await one.disconnect(two.name);
    await until(() => two.list().length === 0);
    expect(one.pg.getMembers("s", "g")).toEqual([l]);
    expect(two.pg.getMembers("s", "g")).toEqual([q, q]);
    await two.connect(one.name);
    await until(everywhere);
    await two.stop();
    await until(() => one.list().length === 0);
    expect(one.pg.getMembers("s", "g")).toEqual([l]);
  });

  it("PG-4 a member that dies is gone on the other nodes, and not before on its own", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const p = one.spawn(sleeper);
    one.pg.join("g", p);
    await until(() => two.pg.getMembers("g").length === 1);
    one.sendExit(p, "kill");
    expect(one.pg.getMembers("g")).toEqual([]);
    await until(() => two.pg.getMembers("g").length === 0);
    expect(two.pg.whichGroups()).toEqual([]);
  });

  it("T-PG-05 monitor", async () => {
    await using node = await Node.start();
    const { pg } = node;
    const [p, q] = [node.spawn(sleeper), node.spawn(sleeper)];
    pg.join("g", p);
    const result = await inProcess(node, (self) => {
      const { ref, members } = pg.monitor(self, "g");
      pg.join("g", q);
      pg.join("other", q);
      pg.leave("g", p);
      node.sendExit(q, "kill");
      const heard = self.flush();
      expect(pg.demonitor(ref)).toBe("ok");
      expect(pg.demonitor(ref)).toBe(false);
      pg.join("g", p);
      return { ref, members, heard, after: self.flush() };
    });
    const { ref } = result;
    expect(result.members).toEqual([p]);
    expect(result.heard).toEqual([
      { type: "join", ref, group: "g", pids: [q] },
      { type: "leave", ref, group: "g", pids: [p] },
      { type: "leave", ref, group: "g", pids: [q] },
    ]);
    expect(result.after).toEqual([]);
  });

  it("PG-6 a monitor of a scope hears of every group, also of those on a node that is lost", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    two.pg.join("a", two.spawn(sleeper));
    await until(() => one.pg.whichGroups().length === 1);
    const heard = await inProcess(one, async (self: Process) => {
      const { groups } = one.pg.monitorScope(self);
      two.pg.join("b", two.spawn(sleeper));
      const come = await self.receive({ type: "join" });
      await one.disconnect(two.name);
      const gone = [await self.receive({ type: "leave" }), await self.receive({ type: "leave" })];
      return { groups, come, gone };
    });
    expect(heard.groups).toMatchObject([["a", [{}]]]);
    expect(heard.come).toMatchObject({ group: "b" });
    expect(new Set(heard.gone.map((message): unknown => Reflect.get(message, "group")))).toEqual(new Set(["a", "b"]));
  });

  it("T-PG-06 scopes are separate", async () => {
    await using node = await Node.start();
    node.pg.start("s7");
    node.pg.start("s8");
    node.pg.join("s7", "g", node.spawn(sleeper));
    expect(node.pg.getMembers("s8", "g")).toEqual([]);
    expect(node.pg.getMembers("g")).toEqual([]);
  });

  it("PG-5 a scope that does not run has no members, and nobody joins it; a new start learns the remote ones", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const [p, q] = [one.spawn(sleeper), two.spawn(sleeper)];
    expect(one.pg.getMembers("s", "g")).toEqual([]);
    expect(one.pg.whichGroups("s")).toEqual([]);
    expect(() => one.pg.join("s", "g", p)).toThrow(expect.objectContaining({ reason: "noproc" }));
    expect(() => one.pg.leave("s", "g", p)).toThrow(expect.objectContaining({ reason: "noproc" }));
    two.pg.start("s");
    two.pg.join("s", "g", q);
    one.pg.start("s");
    one.pg.join("s", "g", p);
    await until(() => [one, two].every(({ pg }) => pg.getMembers("s", "g").length === 2));
    one.pg.stop("s");
    await until(() => two.pg.getMembers("s", "g").length === 1);
    one.pg.start("s");
    expect(one.pg.getLocalMembers("s", "g")).toEqual([]);
    await until(() => one.pg.getMembers("s", "g").length === 1);
    expect(one.pg.getMembers("s", "g")[0]?.node).toBe("two@host");
  });

  it("PG-7 a leave and the death of the same process in either order do no harm", async () => {
    const [one, two] = await (await cluster()).mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    for (let round = 0; round < 50; round += 1) {
      const p = one.spawn(sleeper);
      one.pg.join("g", p);
      const acts = [() => one.sendExit(p, "kill"), () => one.pg.leave("g", p)];
      for (const act of round % 2 === 0 ? acts : acts.toReversed()) act();
    }
    const last = one.spawn(sleeper);
    one.pg.join("g", last);
    await until(() => names(two.pg.getMembers("g"))[0] === names([last])[0]);
    expect(one.pg.getMembers("g")).toEqual([last]);
    expect(two.pg.getMembers("g")).toHaveLength(1);
  });
});
