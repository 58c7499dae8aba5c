import { Node, type Process, TIMEOUT } from "@otp/core";
import { describe, expect, it } from "vitest";

import { connecting, echoesTrapping, listing, waitsToEnd } from "../fixtures/peer-functions.ts";
import { inProcess, until } from "../support/clusters.ts";
import { patience } from "../support/fire.ts";
import { mediumOf, overNats } from "../support/media.ts";

/** Names to look at in the messages of a subscriber, in order. */
const brief = (messages: readonly unknown[]): unknown[] =>
  messages.map((message) =>
    typeof message === "object" && message !== null && "type" in message && "node" in message
      ? [message.type, message.node]
      : message,
  );

describe("a node of its own", patience, () => {
  it("T-NODE-01 NODE-1 is nonode@nohost and ignores others", async () => {
    await using node = await Node.start();
    expect([node.name, node.isAlive, node.list()]).toEqual(["nonode@nohost", false, []]);
    expect(await node.connect("a@b")).toBe("ignored");
    expect(await node.disconnect("a@b")).toBe("ignored");
    expect(await node.ping("a@b")).toBe("pang");
    expect(node.getCookie()).toBe("nocookie");
    expect(() => node.setCookie("x")).toThrow(expect.objectContaining({ reason: "notalive" }));
    expect([node.getTickTime(), node.setTickTime(1_000)]).toEqual(["ignored", "ignored"]);
    await inProcess(node, (self) => {
      expect(() => self.monitorNode("a@b", true)).toThrow(expect.objectContaining({ reason: "notalive" }));
      expect(self.monitorNodes(true)).toBe("ok");
      expect(self.send({ name: "foo", node: "a@b" }, "hi")).toBe("hi");
    });
    expect(await node.stopDistribution()).toBe("not_found");
  });
});

describe.each(overNats)("nodes over %s", patience, (title) => {
  const scene = mediumOf(title);

  it("T-NODE-02 NODE-2 NODE-4 connect, list and ping", async () => {
    const { near, far } = scene();
    const { node: a, logs } = await near("a@host");
    const n = await far("n@host");
    expect(a.list()).toEqual([]);
    expect(await a.connect(n.name)).toBe(true);
    expect(a.list()).toEqual([n.name]);
    expect(await a.connect(n.name)).toBe(true);
    expect(await a.ping(n.name)).toBe("pong");
    expect([await a.connect("nope@host"), await a.ping("nope@host")]).toEqual([false, "pang"]);
    expect([await a.connect(a.name), await a.ping(a.name)]).toEqual([true, "pong"]);
    expect(await a.connect("nonode@nohost")).toBe(false);
    expect(await n.ask(listing)).toEqual([a.name]);
    expect(a.list("this")).toEqual([a.name]);
    expect(a.list("known").toSorted()).toEqual([a.name, n.name, "nope@host"]);
    expect(logs.filter(({ level }) => level > 30)).toEqual([]);
  });

  it("T-NODE-03 NODE-3 NODE-11 a signal connects; nodeup is the first thing that is heard of the other", async () => {
    const { near, far } = scene();
    const { node: a } = await near("a@host");
    const n = await far("n@host");
    const messages = await inProcess(a, async (self) => {
      self.monitorNodes(true);
      self.spawn({ node: n.name }, echoesTrapping, self.pid);
      const first = await self.receive();
      return [first, await self.receive()];
    });
    expect(brief(messages)).toEqual([["nodeup", n.name], { type: "ready" }]);
    expect(a.list()).toEqual([n.name]);
  });

  it("T-NODE-03 NODE-3 with autoConnect never only an explicit connect does", async () => {
    const { near, far } = scene();
    const { node: never } = await near("never@host", { autoConnect: "never" });
    const n = await far("n@host");
    expect(await never.ping(n.name)).toBe("pang");
    await inProcess(never, async (self) => {
      const ref = self.monitor({ name: "nm", node: n.name });
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "noconnection" });
    });
    expect([await never.connect(n.name), await never.ping(n.name)]).toEqual([true, "pong"]);
    await never.disconnect(n.name);
    expect(await never.ping(n.name)).toBe("pang");
  });

  it("NODE-3 with autoConnect once a signal does not connect again after a loss", async () => {
    const { near, far } = scene();
    const { node: once } = await near("once@host", { autoConnect: "once" });
    const n = await far("n@host");
    expect(await once.ping(n.name)).toBe("pong");
    await once.disconnect(n.name);
    expect(await once.ping(n.name)).toBe("pang");
    expect([await once.connect(n.name), await once.ping(n.name)]).toEqual([true, "pong"]);
  });

  it("T-NODE-04 T-NODE-14 NODE-5 NODE-10 hidden nodes are hidden on both sides", async () => {
    const { near, far } = scene();
    const { node: a } = await near("a@host");
    const [h, n] = [await far("h@host", { hidden: true }), await far("n@host")];
    await inProcess(a, async (self) => {
      self.monitorNodes(true);
      const all = await subscriber(a, { nodeType: "all" });
      const hidden = await subscriber(a, { nodeType: "hidden" });
      expect([await a.connect(h.name), await a.connect(n.name)]).toEqual([true, true]);
      expect([a.list(), a.list("hidden"), a.list("connected")]).toEqual([[n.name], [h.name], [h.name, n.name]]);
      expect([await h.ask(listing), await h.ask(listing, "hidden")]).toEqual([[], [a.name]]);
      expect(await h.ask(listing, "connected")).toEqual([a.name]);
      await h.stop();
      await n.stop();
      await until(() => all.messages.length === 4);
      expect(brief(all.messages).slice(2)).toEqual([
        ["nodedown", h.name],
        ["nodedown", n.name],
      ]);
      expect(brief(hidden.messages)).toEqual([
        ["nodeup", h.name],
        ["nodedown", h.name],
      ]);
      expect(all.messages[0]).toMatchObject({ info: { nodeType: "hidden" } });
      expect(brief(self.flush())).toEqual([
        ["nodeup", n.name],
        ["nodedown", n.name],
      ]);
    });
  });

  it("T-NODE-05 NODE-6 visible connections are transitive, those of hidden nodes are not", async () => {
    const { near, far } = scene();
    const b = await far("b@host");
    const { node: c } = await near("c@host");
    const { node: hidden } = await near("hidden@host", { hidden: true });
    expect([await hidden.connect(b.name), await hidden.connect(c.name)]).toEqual([true, true]);
    const { node: a } = await near("a@host");
    // To c only: as long as nobody else knows both, b and c do not meet.
    expect(await a.connect(c.name)).toBe(true);
    expect([c.list(), await b.ask(listing)]).toEqual([[a.name], []]);
    expect(await a.connect(b.name)).toBe(true);
    await until(() => c.list().includes(b.name));
    await until(async () => (await b.ask(listing)).length === 2);
    expect((await b.ask(listing)).toSorted()).toEqual([a.name, c.name]);
    expect(hidden.list()).toEqual([]);
  });

  it("NODE-6 connectAll: false keeps out of the mesh", async () => {
    const { near, far } = scene();
    const { node: loner } = await near("loner@host", { connectAll: false });
    const [b, c] = [await far("b@host"), await far("c@host")];
    expect(await b.ask(connecting, c.name)).toBe(true);
    expect(await loner.connect(b.name)).toBe(true);
    const { node: d } = await near("d@host");
    expect(await d.connect(b.name)).toBe(true);
    await until(() => d.list().includes(c.name));
    expect(loner.list().filter((name) => name === c.name)).toEqual([]);
  });

  it("T-NODE-06 NODE-7 nodes with different cookies do not connect, and a cookie can be set for one peer", async () => {
    const { near, far } = scene();
    const { node: a, logs } = await near("a@host");
    const n = await far("n@host", { cookie: "another" });
    expect(await a.connect(n.name)).toBe(false);
    expect(a.refusalOf(n.name)).toMatchObject({ kind: "cookie" });
    expect((await n.logs()).filter(({ level }) => level >= 50)).toMatchObject([
      { event: "connection_rejected", peer: a.name },
    ]);
    expect(logs.filter(({ level }) => level > 30)).toEqual([]);
    expect(a.setCookie("another", n.name)).toBe(true);
    expect([a.getCookie(), a.getCookie(n.name)]).toEqual(["test cookie", "another"]);
    expect(await a.connect(n.name)).toBe(true);
    // What stands is left alone; and a change of the own cookie does not touch that of a peer.
    a.setCookie("wrong", n.name);
    expect(await a.ping(n.name)).toBe("pong");
    a.setCookie("yet another");
    expect(a.getCookie(n.name)).toBe("wrong");
    await a.disconnect(n.name);
    await until(async () => (await n.ask(listing)).length === 0);
    expect(await n.ask(connecting, a.name)).toBe(false);
    a.setCookie("another", n.name);
    // The accepting side uses the peer's cookie, too.
    expect(await n.ask(connecting, a.name)).toBe(true);
  });

  it("T-NODE-13 NODE-9 a node monitor fires once for each time it was asked for", async () => {
    const { near, far } = scene();
    const { node: a } = await near("a@host");
    const n = await far("n@host");
    await a.connect(n.name);
    await inProcess(a, async (self) => {
      self.monitorNode(n.name, true);
      self.monitorNode(n.name, true);
      const other = await inProcess(a, async (second) => {
        second.monitorNode(n.name, true);
        second.monitorNode(n.name, true);
        second.monitorNode(n.name, false);
        await n.stop();
        await second.receive({ type: "nodedown" });
        return second.receive({ after: 100 });
      });
      expect(other).toBe(TIMEOUT);
      expect(brief(self.flush())).toEqual([
        ["nodedown", n.name],
        ["nodedown", n.name],
      ]);
      self.monitorNode("unreachable@host", true);
      const fired = await self.receive();
      expect(fired).toMatchObject({ type: "nodedown", node: "unreachable@host" });
    });
  });

  it("NODE-10 subscriptions with different options are independent, and count", async () => {
    const { near, far } = scene();
    const { node: a } = await near("a@host");
    const n = await far("n@host");
    const count = async (self: Process): Promise<number> => {
      await a.connect(n.name);
      await a.disconnect(n.name);
      return self.flush().length;
    };
    await inProcess(a, async (self) => {
      self.monitorNodes(true);
      self.monitorNodes(true);
      self.monitorNodes(true, { nodeType: "all", nodedownReason: true });
      expect(await count(self)).toBe(6);
      self.monitorNodes(false);
      expect(await count(self)).toBe(2);
      self.monitorNodes(false, { nodeType: "all" });
      expect(await count(self)).toBe(2);
      self.monitorNodes(false, { nodeType: "all", nodedownReason: true });
      expect(await count(self)).toBe(0);
    });
  });

  it("NODE-10 nodedown says why", async () => {
    const { near, far } = scene();
    const { node: a } = await near("a@host");
    const n = await far("n@host");
    const { messages } = await subscriber(a, { nodedownReason: true });
    await a.connect(n.name);
    await a.disconnect(n.name);
    await a.connect(n.name);
    await n.stop();
    await until(() => messages.length === 4);
    expect(messages).toMatchObject([
      { type: "nodeup", info: { nodeType: "visible" } },
      { type: "nodedown", info: { reason: "disconnect" } },
      { type: "nodeup", info: { nodeType: "visible" } },
      { type: "nodedown", info: { reason: "peer_disconnect" } },
    ]);
  });

  it("NODE-17 TR-5 after a restart under the same name old pids are dead", async () => {
    const { near, far } = scene();
    const { node: a } = await near("a@host");
    const n = await far("n@host");
    await inProcess(a, async (self) => {
      const { pid, ref } = self.spawnMonitor({ node: n.name }, waitsToEnd);
      await a.connect(n.name);
      await n.stop();
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "noconnection" });
      await far("n@host");
      const again = self.monitor(pid);
      expect(await self.receive({ type: "DOWN", ref: again })).toMatchObject({ reason: "noproc" });
      self.send(pid, { type: "end" });
      self.sendExit(pid, "kill");
    });
    expect(a.check()).toEqual([]);
  });
});

/** A process that keeps what its subscription tells it. */
async function subscriber(
  node: Node,
  options: Parameters<Process["monitorNodes"]>[1],
): Promise<{ readonly messages: unknown[] }> {
  const messages: unknown[] = [];
  await new Promise<void>((resolve) => {
    node.spawn(async (self: Process) => {
      self.monitorNodes(true, options);
      resolve();
      for (;;) messages.push(await self.receive());
    });
  });
  return { messages };
}
