import { Node, type Process } from "@otp/core";
import { describe, expect, it, onTestFinished } from "vitest";

import { connecting, echoes, listing } from "../fixtures/peer-functions.ts";
import { inProcess, sleeper, until } from "../support/clusters.ts";
import { media, mediumOf, plain } from "../support/media.ts";

/** A node of its own that ends with the test. */
async function loner(): Promise<Node> {
  const node = await Node.start({ stretch: { N: 2, r: 1, p: 1 } });
  onTestFinished(() => node.stop());
  return node;
}

describe.each(media)("distribution started at run time over %s", (title) => {
  const scene = mediumOf(title);

  it("NODE-1 NODE-2 gives a running node a name, a cookie and others; its processes keep their pids", async () => {
    const { far, transport } = scene();
    const n = await far("n@host");
    const node = await loner();
    const alone = node.incarnation;
    await inProcess(node, async (self) => {
      self.register("tester");
      expect(await node.global.registerName("early", self.pid)).toBe("yes");
      const before = self.pid;
      expect(await node.startDistribution({ name: "late@host", cookie: "test cookie", transport: transport() })).toBe(
        "ok",
      );
      expect([node.name, node.isAlive, node.getCookie()]).toEqual(["late@host", true, "test cookie"]);
      expect(node.incarnation).not.toBe(alone);
      expect([self.pid, self.pid.node, node.isProcessAlive(before)]).toEqual([before, "late@host", true]);
      expect(node.log.bindings()).toMatchObject({ node: "late@host" });
      expect(await node.connect(n.name)).toBe(true);
      expect(await n.ask(listing)).toEqual([node.name]);
      // There and back again, the pid is the same.
      const echo = self.spawn({ node: n.name }, echoes, self.pid);
      self.send(echo, { pid: self.pid });
      expect(await self.receive({ type: "echo" })).toEqual({ type: "echo", got: { pid: self.pid } });
      self.send({ name: "tester", node: "late@host" }, "by name");
      expect(await self.receive()).toBe("by name");
      expect(node.global.whereisName("early")).toBe(self.pid);
    });
    const again = { name: "other@host", transport: transport() };
    expect(await node.startDistribution(again)).toBe("already_started");
    expect(node.check()).toEqual([]);
  });

  it("NODE-1 NODE-8 NODE-17 stopDistribution makes it nonode@nohost again, and another start another incarnation", async () => {
    const { far, transport } = scene();
    const n = await far("n@host");
    const node = await loner();
    const start = (): Promise<string> =>
      node.startDistribution({ name: "late@host", cookie: "test cookie", transport: transport() });
    expect(await start()).toBe("ok");
    const first = node.incarnation;
    await inProcess(node, async (self) => {
      self.trapExit = true;
      const pid = self.spawnLink({ node: n.name }, echoes, self.pid);
      await node.ping(n.name);
      self.monitorNodes(true);
      expect(await node.stopDistribution()).toBe("ok");
      expect(await self.receive()).toEqual({ type: "EXIT", from: pid, reason: "noconnection" });
      expect(await self.receive()).toMatchObject({ type: "nodedown", node: n.name });
      expect([node.name, node.isAlive, node.list(), node.getCookie()]).toEqual([
        "nonode@nohost",
        false,
        [],
        "nocookie",
      ]);
      expect([await node.connect(n.name), await node.stopDistribution()]).toEqual(["ignored", "not_found"]);
      expect(node.isProcessAlive(self.pid)).toBe(true);
      await until(async () => (await n.ask(listing)).length === 0);
      expect(await start()).toBe("ok");
      expect(node.incarnation).not.toBe(first);
      expect(await n.ask(connecting, node.name)).toBe(true);
      expect(await self.receive()).toMatchObject({ type: "nodeup", node: n.name });
    });
    expect(node.check()).toEqual([]);
  });

  it("NODE-13 what others have spawned here outlives the name under which that was done", async () => {
    const { near, transport } = scene();
    const { node: a } = await near("a@host");
    const node = await loner();
    await node.startDistribution({ name: "late@host", cookie: "test cookie", transport: transport() });
    await inProcess(a, async (self) => {
      self.spawn({ node: node.name }, echoes, self.pid);
      await a.ping(node.name);
      await until(() => node.processes().length > 1);
    });
    const spawned = node.processes().find((pid) => pid.home !== node.makeRef().home);
    if (spawned === undefined) throw new Error("nothing was spawned");
    await node.stopDistribution();
    expect([spawned.node, node.isProcessAlive(spawned)]).toEqual(["nonode@nohost", true]);
    await inProcess(node, async (self) => {
      const ref = self.monitor(spawned);
      self.sendExit(spawned, "kill");
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: "killed" });
    });
    expect(node.check()).toEqual([]);
  });

  it("NODE-19 a name that is taken, or is none, leaves the node as it was", async () => {
    const { near, transport } = scene();
    await near("taken@host");
    const node = await loner();
    const start = (name: string): Promise<unknown> =>
      node.startDistribution({ name, cookie: "test cookie", transport: transport() });
    await expect(start("taken@host")).rejects.toThrow(/taken@host .*(taken|in use)/u);
    expect([node.name, node.getCookie()]).toEqual(["nonode@nohost", "nocookie"]);
    for (const name of ["a@b@c", "bad name", "", "nohost", "@host", "name@", "nonode@nohost", "a b@host"]) {
      await expect(start(name)).rejects.toThrow(/name/u);
    }
    expect(await start("free@host")).toBe("ok");
    expect(node.name).toBe("free@host");
  });

  it("NODE-1 a node that was started with a name keeps it", async () => {
    const { near, transport } = scene();
    const { node } = await near("named@host");
    expect(await node.stopDistribution()).toBe("not_allowed");
    expect(await node.startDistribution({ name: "x@host", transport: transport() })).toBe("already_started");
    expect(node.name).toBe("named@host");
  });

  it("starts and stops at once follow each other, and a stop of the node ends them all", async () => {
    const { transport } = scene();
    const node = await loner();
    const start = (): Promise<string> =>
      node.startDistribution({ name: "late@host", cookie: "test cookie", transport: transport() });
    const outcomes = await Promise.all([start(), start(), node.stopDistribution(), node.stopDistribution(), start()]);
    expect(outcomes).toEqual(["ok", "already_started", "ok", "not_found", "ok"]);
    const last = node.stopDistribution();
    await node.stop();
    expect(await last).toBe("ok");
    await expect(start()).rejects.toThrow("stopped");
  });
});

describe.each(media)("names and times over %s", (title) => {
  const scene = mediumOf(title);

  it("NODE-19 illegal names are refused at the start, and so is a second node of the same name", async () => {
    const { near, transport } = scene();
    await near("dup@host");
    const start = (name: string): Promise<Node> => Node.start({ ...plain, name, transport: transport() });
    await expect(start("dup@host")).rejects.toThrow(/dup@host .*(taken|in use)/u);
    await expect(start("a@b@c")).rejects.toThrow("invalid node name");
    await expect(start("bad name@host")).rejects.toThrow("invalid node name");
    await expect(start("nonode@nohost")).rejects.toThrow("nonode@nohost");
  });

  it("NODE-2 short and long names do not mix; an illegal name is unreachable; the caller logs it", async () => {
    const { near, far } = scene();
    const [{ node: a, logs }, long] = [await near("a@host"), await far("b@127.0.0.1")];
    const errors = (): unknown[] => logs.filter(({ level }) => level >= 50).map(({ msg }) => msg);
    expect(await a.connect(long.name)).toBe(false);
    expect(errors()).toEqual([expect.stringContaining("do not mix")]);
    expect(await a.connect("nope")).toBe(false);
    expect(errors()).toHaveLength(2);
    expect((await long.logs()).filter(({ level }) => level > 30)).toEqual([]);
    const { node: c } = await near("c@127.0.0.1");
    expect(await c.connect(long.name)).toBe(true);
  });

  it("NODE-20 the tick time can be changed while connections stand, and they go on standing", async () => {
    const { near, far } = scene();
    const [{ node: a, logs }, n] = [await near("a@host"), await far("n@host")];
    expect(await a.connect(n.name)).toBe(true);
    expect([a.getTickTime(), a.setTickTime(60_000)]).toEqual([60_000, "unchanged"]);
    expect(() => a.setTickTime(-1)).toThrow("positive number");
    // The peer still believes in a minute, and answers when it is asked.
    expect([a.setTickTime(400), a.getTickTime()]).toEqual(["changed", 400]);
    await inProcess(a, (self: Process) => self.sleep(1_500));
    expect(a.list()).toEqual([n.name]);
    expect(a.setTickTime(60_000)).toBe("changed");
    expect(logs.filter(({ event }) => event === "nodedown")).toEqual([]);
  });

  it("discover finds the nodes of the cluster that are not hidden", async () => {
    const { near, far } = scene();
    const n = await far("n@host");
    await far("h@host", { hidden: true });
    const { node: a } = await near("a@host", { discover: true });
    expect(a.list()).toEqual([n.name]);
    expect(await a.discover()).toEqual([n.name]);
    a.spawn(sleeper);
  });
});
