/** The cases of GLOBAL and PG between two operating-system processes over NATS. */
import { type Node, type Pid } from "@otp/core";
import { describe, expect, it } from "vitest";

import * as there from "../fixtures/service-functions.ts";
import { inProcess, sleeper, until } from "../support/clusters.ts";
import { patience } from "../support/fire.ts";
import { mediumOf, type Other, type Scene } from "../support/media.ts";

const pass = { pass: "self" } as const;

interface Pair {
  readonly scene: Scene;
  readonly one: Node;
  readonly two: Other;
}

const open = mediumOf("NATS between two processes");

async function apart(): Promise<Pair> {
  const scene = open();
  const [{ node: one }, two] = [await scene.near("one@host"), await scene.far("two@host")];
  return { scene, one, two };
}

async function pair(): Promise<Pair> {
  const made = await apart();
  expect(await made.one.connect(made.two.name)).toBe(true);
  await made.one.global.sync();
  return made;
}

describe("global names between two OS processes", patience, () => {
  it("T-GLOBAL-01 T-GLOBAL-04 T-GLOBAL-02 are the same on both, taken once, replaced, and free when their process ends", async () => {
    const { one, two } = await pair();
    const { global, rpc } = one;
    const [p, q] = [one.spawn(sleeper), await rpc.call(two.name, there.waits, [null], pass)];
    expect(await global.registerName("g", p)).toBe("yes");
    expect(await rpc.call(two.name, there.finds, ["g", false], pass)).toBe(p);
    expect(await rpc.call(two.name, there.takes, ["g", q], pass)).toBe("no");
    expect(await global.reRegisterName("g", q)).toBe("yes");
    expect(await rpc.call(two.name, there.finds, ["g", false], pass)).toBe(q);
    expect(await global.unregisterName("g")).toBe("ok");
    expect(await rpc.call(two.name, there.finds, ["g", false], pass)).toBeNull();
    expect(await rpc.call(two.name, there.takes, ["h", q], pass)).toBe("yes");
    expect(global.whereisName("h")).toBe(q);
    await rpc.call(two.name, there.kills, [q], pass);
    await until(() => global.whereisName("h") === undefined);
    expect(global.registeredNames()).toEqual([]);
    // One that is dead may be given a name, and is gone at once.
    expect(await global.registerName("dead", q)).toBe("yes");
    await until(() => global.whereisName("dead") === undefined);
  });

  it("T-GLOBAL-03 any term is a name, and can be sent to", async () => {
    const { one, two } = await pair();
    const { global, rpc } = one;
    const q = await rpc.call(two.name, there.waits, [null], pass);
    const name = ["a", { b: 1, c: 2n }];
    expect(await rpc.call(two.name, there.takes, [name, q], pass)).toBe("yes");
    expect(global.whereisName(["a", { c: 2n, b: 1 }])).toBe(q);
    expect(global.send(name, "hello")).toBe(q);
    await until(async () => ((await rpc.call(two.name, there.mailOf, [q], pass)) ?? []).length === 1);
    expect(() => global.send("nobody", 1)).toThrow(expect.objectContaining({ reason: { badarg: ["nobody", 1] } }));
  });

  it("T-GLOBAL-05 T-GLOBAL-07 parts that meet learn each other's names, and one of two owners is told that it lost", async () => {
    const { scene, one, two } = await apart();
    const third = await scene.far("three@host");
    const mine = one.spawn(sleeper);
    const heard: unknown[] = [];
    const listener = one.spawn(async (self) => {
      for (;;) heard.push(await self.receive());
    });
    await one.global.registerName("mine", mine);
    await one.global.registerName("g", listener, one.global.randomNotifyName);
    // The node that sorts first keeps its own.
    const early = await scene.far("early@host");
    await third.ask(there.connects, early.name);
    await early.ask(there.takesOwn, "g");
    await one.connect(early.name);
    await one.connect(two.name);
    await until(() => one.list().length === 3);
    await one.global.sync();
    await until(() => heard.length > 0);
    expect(heard).toEqual([{ type: "global_name_conflict", name: "g" }]);
    expect(one.isProcessAlive(listener)).toBe(true);
    expect(one.global.whereisName("g")?.node).toBe(early.name);
    for (const other of [two, third, early]) {
      expect(await one.rpc.call(other.name, there.finds, ["mine", true], pass)).toBe(mine);
      await until(async () => (await one.rpc.call(other.name, there.finds, ["g", true], pass))?.node === early.name);
    }
  });

  it("T-GLOBAL-06 T-GLOBAL-09 with a node its names and locks are gone", async () => {
    const { one, two } = await pair();
    const { global, rpc } = one;
    const q = await rpc.call(two.name, there.waits, [null], pass);
    await rpc.call(two.name, there.takes, ["g", q], pass);
    await inProcess(one, async (self) => {
      const holder = self.spawn({ node: two.name }, there.keepsLock, self.pid);
      await self.receive({ type: "locked" });
      const id = { resource: "l", requester: self.pid };
      expect(await global.setLock(id, undefined, 0)).toBe(false);
      self.sendExit(holder, "kill");
      await until(() => global.setLock(id, undefined, 0));
      await global.delLock(id);
      self.spawn({ node: two.name }, there.keepsLock, self.pid);
      await self.receive({ type: "locked" });
      await two.stop();
      await until(() => one.list().length === 0);
      expect(global.whereisName("g")).toBeUndefined();
      expect(await global.setLock(id, undefined, 0)).toBe(true);
    });
  });

  it("T-GLOBAL-08 T-GLOBAL-10 T-GLOBAL-11 locks exclude the other node, and what is wrong fails here", async () => {
    const { one, two } = await pair();
    const { global, rpc } = one;
    const nodes = [one.name, two.name];
    const me = { resource: "l", requester: "me" };
    const theirs = (fn: typeof there.locks | typeof there.unlocks): Promise<boolean> =>
      rpc.call(two.name, fn, ["other", nodes], pass);
    expect(await global.setLock(me, nodes, 0)).toBe(true);
    expect(await theirs(there.locks)).toBe(false);
    expect(await global.setLock(me, nodes, 0)).toBe(true);
    expect(await global.delLock(me, nodes)).toBe(true);
    expect(await theirs(there.locks)).toBe(true);
    expect(await global.trans(me, () => "res", nodes, 0)).toBe("aborted");
    await theirs(there.unlocks);
    expect(await global.trans(me, () => "res", nodes)).toBe("res");
    const failing = global.trans(
      me,
      () => {
        throw new RangeError("no");
      },
      nodes,
    );
    await expect(failing).rejects.toThrow(RangeError);
    expect(await theirs(there.locks)).toBe(true);
    await theirs(there.unlocks);
    // @ts-expect-error: an id is a record
    await expect((async () => global.setLock("bad"))()).rejects.toMatchObject({ code: "argument" });
    expect(await global.registerName("n", one.spawn(sleeper))).toBe("yes");
  });
});

describe("process groups between two OS processes", patience, () => {
  const names = (pids: readonly Pid[]): string[] => pids.map(({ node, number }) => `${node} ${number}`).toSorted();

  it("T-PG-01 T-PG-02 T-PG-03 T-PG-04 T-PG-06 members are counted everywhere, gone with their process or node, and back after a split", async () => {
    const { one, two } = await pair();
    const { pg, rpc } = one;
    for (const scope of ["s", "other"]) {
      pg.start(scope);
      await rpc.call(two.name, there.startsScope, [scope], pass);
    }
    const [l, q] = [one.spawn(sleeper), await rpc.call(two.name, there.waits, [null], pass)];
    expect(pg.join("s", "g", l)).toBe("ok");
    expect(await rpc.call(two.name, there.joins, ["s", q, 2], pass)).toBe("ok");
    const all = names([l, q, q]);
    const everywhere = async (): Promise<boolean> =>
      String(names(pg.getMembers("s", "g"))) === String(all) &&
      String(names(await rpc.call(two.name, there.members, ["s"], pass))) === String(all);
    await until(everywhere);
    expect([pg.getLocalMembers("s", "g"), await rpc.call(two.name, there.localMembers, ["s"], pass)]).toEqual([
      [l],
      [q, q],
    ]);
    expect(() => pg.join("s", "g", q)).toThrow(expect.objectContaining({ reason: { nolocal: q } }));
    expect([pg.getMembers("other", "g"), await rpc.call(two.name, there.members, ["other"], pass)]).toEqual([[], []]);
    expect(await rpc.call(two.name, there.leaves, ["s", q], pass)).toBe("ok");
    await until(() => pg.getMembers("s", "g").length === 2);
    expect(await rpc.call(two.name, there.joins, ["s", q, 1], pass)).toBe("ok");
    await until(everywhere);
    await one.disconnect(two.name);
    expect(pg.getMembers("s", "g")).toEqual([l]);
    expect(await one.connect(two.name)).toBe(true);
    await until(everywhere);
    await rpc.call(two.name, there.kills, [q], pass);
    await until(() => pg.getMembers("s", "g").length === 1);
    one.sendExit(l, "kill");
    await until(async () => (await rpc.call(two.name, there.members, ["s"], pass)).length === 0);
    expect(pg.whichGroups("s")).toEqual([]);
  });

  it("T-PG-05 a monitor hears of those who join and leave there", async () => {
    const { one, two } = await pair();
    const { pg, rpc } = one;
    const q = await rpc.call(two.name, there.waits, [null], pass);
    pg.start("s");
    await rpc.call(two.name, there.startsScope, ["s"], pass);
    await inProcess(one, async (self) => {
      const p = self.spawn(sleeper);
      pg.join("s", "g", p);
      const { ref, members } = pg.monitor(self, "s", "g");
      expect(members).toEqual([p]);
      await rpc.call(two.name, there.joins, ["s", q, 1], pass);
      expect(await self.receive({ type: "join" })).toEqual({ type: "join", ref, group: "g", pids: [q] });
      await rpc.call(two.name, there.leaves, ["s", q], pass);
      expect(await self.receive({ type: "leave" })).toEqual({ type: "leave", ref, group: "g", pids: [q] });
    });
  });
});
