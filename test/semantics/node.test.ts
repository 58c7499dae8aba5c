import { Node, type Process } from "@otp/core";
import { describe, expect, it } from "vitest";

import { idle, linked, nothing } from "../fixtures/node-functions.ts";
import { cluster, inProcess, pair, sleeper, until } from "../support/clusters.ts";

describe("nodes", () => {
  it("T-NODE-01 not distributed", async () => {
    await using node = await Node.start();
    expect(node.name).toBe("nonode@nohost");
    expect(node.isAlive).toBe(false);
    expect(node.list()).toEqual([]);
    expect(await node.connect("a@b")).toBe("ignored");
    expect(await node.disconnect("a@b")).toBe("ignored");
    expect(await node.ping("a@b")).toBe("pang");
    const outcome = await inProcess(node, (self) => {
      try {
        return self.monitorNode("a@b", true);
      } catch (error) {
        return error;
      }
    });
    expect(outcome).toMatchObject({ reason: "notalive" });
  });

  it("T-NODE-02 connect and list", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: two } = await world.start("two@host");
    expect(one.list()).toEqual([]);
    expect(await one.connect(two.name)).toBe(true);
    expect(await one.connect(two.name)).toBe(true);
    expect(one.list()).toEqual([two.name]);
    expect(await one.ping(two.name)).toBe("pong");
    expect(await one.connect("nobody@host")).toBe(false);
    expect(await one.ping("nobody@host")).toBe("pang");
    expect(await one.connect(one.name)).toBe(true);
    expect(await one.ping(one.name)).toBe("pong");
    await until(() => two.list().length === 1);
    expect(two.list()).toEqual([one.name]);
    expect(one.list("this")).toEqual([one.name]);
    expect(one.list("known")).toContain(two.name);
  });

  it("T-NODE-03 automatic connection", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: two } = await world.start("two@host");
    one.spawn({ node: two.name }, idle);
    await until(() => one.list().length === 1);
    const { node: shy } = await world.start("shy@host", { autoConnect: "never" });
    const pid = await inProcess(one, (self) => self.pid);
    await inProcess(shy, (self) => self.send({ name: "nobody", node: two.name }, pid));
    expect(shy.list()).toEqual([]);
    expect(await shy.connect(two.name)).toBe(true);
    await until(() => shy.list().length === 2);
  });

  it("NODE-3 with auto-connect once, a loss is final until somebody connects", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host", { autoConnect: "once" });
    const { node: two } = await world.start("two@host", { autoConnect: "never" });
    one.spawn({ node: two.name }, idle);
    await until(() => one.list().length === 1 && two.list().length === 1);
    await one.disconnect(two.name);
    const reason = await inProcess(one, async (self) => {
      self.monitor({ name: "x", node: two.name });
      return self.receive({ type: "DOWN" });
    });
    expect(reason).toMatchObject({ reason: "noconnection" });
    expect(one.list()).toEqual([]);
    await until(() => two.list().length === 0);
    expect(await one.connect(two.name)).toBe(true);
  });

  it("T-NODE-04 hidden nodes", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: hidden } = await world.start("hidden@host", { hidden: true });
    expect(await one.connect(hidden.name)).toBe(true);
    await until(() => hidden.list("connected").length === 1);
    for (const [here, there] of [
      [one, hidden],
      [hidden, one],
    ] as const) {
      expect(here.list()).toEqual([]);
      expect(here.list("hidden")).toEqual([there.name]);
      expect(here.list("connected")).toEqual([there.name]);
    }
  });

  it("T-NODE-05 transitive connections", async () => {
    const world = await cluster();
    const start = async (name: string, hidden = false): Promise<Node> => (await world.start(name, { hidden })).node;
    const [a, b, c] = [await start("a@host"), await start("b@host"), await start("c@host")];
    await a.connect(b.name);
    await a.connect(c.name);
    await until(() => b.list().includes(c.name) && c.list().includes(b.name));
    const [hidden, d, e] = [await start("h@host", true), await start("d@host"), await start("e@host")];
    await hidden.connect(d.name);
    await hidden.connect(e.name);
    await inProcess(d, (self) => self.sleep(50));
    expect(d.list("connected")).toEqual([hidden.name]);
  });

  it("T-NODE-06 cookies", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: other } = await world.start("other@host", { cookie: "another" });
    expect(await one.connect(other.name)).toBe(false);
    expect(one.setCookie("another", other.name)).toBe(true);
    expect(one.getCookie(other.name)).toBe("another");
    expect(one.getCookie()).toBe("test cookie");
    expect(await one.connect(other.name)).toBe(true);
  });

  it("T-NODE-11 disconnect", async () => {
    const [one, two] = await pair();
    const there: unknown[] = [];
    const witness = two.spawn(async (self: Process) => {
      for (;;) there.push(await self.receive());
    });
    two.register("witness", witness);
    const result = await inProcess(one, async (self) => {
      self.trapExit = true;
      const w = one.spawn(sleeper);
      self.spawn({ node: two.name }, linked, w, self.pid);
      await self.receive((message) => message === "linked");
      const p = self.spawnLink({ node: two.name }, idle);
      const ref = self.monitor(p);
      self.monitorNode(two.name, true);
      // The link has reached the other side when what was sent after it has been answered.
      await one.rpc.call(two.name, nothing, []);
      const outcome = await one.disconnect(two.name);
      const messages = [await self.receive(), await self.receive(), await self.receive()];
      return { outcome, messages, p, ref, again: await one.disconnect(two.name), w };
    });
    const { outcome, messages, p, ref, again } = result;
    expect(outcome).toBe(true);
    expect(again).toBe(false);
    expect(messages[2]).toMatchObject({ type: "nodedown", node: two.name });
    expect(messages.slice(0, 2)).toContainEqual({ type: "EXIT", from: p, reason: "noconnection" });
    expect(messages.slice(0, 2)).toContainEqual({ type: "DOWN", ref, object: p, reason: "noconnection" });
    await until(() => there.length > 0);
    expect(there).toMatchObject([{ type: "EXIT", reason: "noconnection" }]);
  });

  it("T-NODE-12 link or monitor towards an unreachable node", async () => {
    const [one, two] = await pair();
    const p = await inProcess(one, (self) => self.spawn({ node: two.name }, idle));
    await one.ping(two.name);
    await two.stop();
    await until(() => one.list().length === 0);
    const result = await inProcess(one, async (self) => {
      self.trapExit = true;
      const linkResult = self.link(p);
      const exit = await self.receive();
      const refs = [self.monitor(p), self.monitor({ name: "nm", node: two.name })];
      const downs = [await self.receive(), await self.receive()];
      return { linkResult, exit, refs, downs, links: one.info(self.pid, "links") };
    });
    expect(result.linkResult).toBe(true);
    expect(result.exit).toEqual({ type: "EXIT", from: p, reason: "noconnection" });
    expect(result.links).toEqual([]);
    expect(result.downs).toEqual([
      { type: "DOWN", ref: result.refs[0], object: p, reason: "noconnection" },
      { type: "DOWN", ref: result.refs[1], object: { name: "nm", node: two.name }, reason: "noconnection" },
    ]);
  });

  it.each([
    { asked: [true, true], downs: 2 },
    { asked: [true, true, false], downs: 1 },
  ])("T-NODE-13 node monitor asked $asked", async ({ asked, downs }) => {
    const [one, two] = await pair();
    const messages = await inProcess(one, async (self) => {
      for (const on of asked) self.monitorNode(two.name, on);
      await two.stop();
      await self.receive({ type: "nodedown" });
      await self.sleep(20);
      const more = self.flush();
      self.monitorNode("nobody@host", true);
      return { count: 1 + more.length, unreachable: await self.receive({ type: "nodedown" }) };
    });
    expect(messages.count).toBe(downs);
    expect(messages.unreachable).toMatchObject({ node: "nobody@host" });
  });

  it("T-NODE-14 monitor_nodes", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const messages = await inProcess(one, async (self) => {
      expect(self.monitorNodes(true)).toBe("ok");
      const { node: n } = await world.start("n@host");
      const { node: h } = await world.start("h@host", { hidden: true });
      await one.connect(h.name);
      await one.connect(n.name);
      await h.stop();
      await n.stop();
      const heard = [await self.receive(), await self.receive()];
      await self.sleep(20);
      return [...heard, ...self.flush()];
    });
    expect(messages).toMatchObject([
      { type: "nodeup", node: "n@host", info: { nodeType: "visible" } },
      { type: "nodedown", node: "n@host", info: { nodeType: "visible" } },
    ]);
    expect(messages).toHaveLength(2);
  });

  it("NODE-10 subscriptions with different options are independent, and count", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const heard = await inProcess(one, async (self) => {
      self.monitorNodes(true);
      self.monitorNodes(true);
      self.monitorNodes(true, { nodeType: "hidden" });
      self.monitorNodes(true, { nodeType: "all" });
      const { node: n } = await world.start("n@host");
      const { node: h } = await world.start("h@host", { hidden: true });
      await one.connect(n.name);
      const visible = self.flush().length;
      await one.connect(h.name);
      const hidden = self.flush().length;
      self.monitorNodes(false);
      await n.stop();
      await self.receive({ type: "nodedown" });
      return { visible, hidden, down: 1 + self.flush().length };
    });
    expect(heard).toEqual({ visible: 3, hidden: 2, down: 1 });
  });

  it("NODE-19 illegal names are refused at start, and a name in use", async () => {
    const world = await cluster();
    await world.start("one@host");
    for (const name of ["nohost", "@host", "two words@host", "a@b@c", "", "nonode@nohost"]) {
      await expect(world.start(name)).rejects.toMatchObject({ code: "argument" });
    }
    await expect(world.start("one@host")).rejects.toMatchObject({ code: "transport" });
  });
});
