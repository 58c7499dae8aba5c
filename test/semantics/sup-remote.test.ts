import { CodecError, type Process, remote } from "@otp/core";
import { type ChildSpec, DynamicSupervisor, Supervisor } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { inProcess, pair } from "../support/clusters.ts";
import { play } from "./world.ts";

const waits = remote("sup-remote/waits", async (self: Process) => {
  await self.receive(() => false);
});

/** A start function that every node knows. */
const startWaiting = remote("sup-remote/start", (self: Process) => self.spawnLink(waits));

describe("supervisors and nodes", () => {
  it("SUP-16 a supervisor on another node is administered like one here, as far as code is registered there", async () => {
    const [one, two] = await pair();
    await Supervisor.start(two, [{ id: "closure", start: (self: Process) => self.spawnLink(waits) }], {
      strategy: "one_for_one",
      name: "sup",
    });
    const sup = { name: "sup", node: two.name };
    await inProcess(one, async (self) => {
      const started = await Supervisor.startChild(self, sup, { id: ["tuple", 1], start: [startWaiting] });
      expect(started).toMatchObject({ ok: true, pid: { node: two.name } });
      expect((await Supervisor.whichChildren(self, sup)).map(({ id }) => id)).toEqual([["tuple", 1], "closure"]);
      const spec = await Supervisor.getChildspec(self, sup, ["tuple", 1]);
      expect(spec).toMatchObject({ ok: true, spec: { id: ["tuple", 1], restart: "permanent" } });
      // Code of this node cannot go there, nor that of the other come here; neither harms the supervisor.
      const closure: ChildSpec = { id: "mine", start: () => "ignore" };
      await expect(Supervisor.startChild(self, sup, closure)).rejects.toThrow(CodecError);
      const refused = await Supervisor.getChildspec(self, sup, "closure");
      expect(refused).toMatchObject({ ok: false, reason: { notSendable: expect.any(String) } });
      expect(await Supervisor.terminateChild(self, sup, ["tuple", 1])).toEqual({ ok: true });
      expect(await Supervisor.deleteChild(self, sup, ["tuple", 1])).toEqual({ ok: true });
      expect(await Supervisor.countChildren(self, sup)).toMatchObject({ specs: 1, active: 1 });
      expect(await Supervisor.stop(self, sup)).toBe("ok");
    });
  });

  it("DSUP-2 a dynamic supervisor on another node starts and stops children for us", async () => {
    const [one, two] = await pair();
    const sup = await DynamicSupervisor.start(two);
    await inProcess(one, async (self) => {
      const started = await DynamicSupervisor.startChild(self, sup, { id: 1, start: [startWaiting] });
      if (!started.ok) throw new Error("the child did not start");
      expect(await DynamicSupervisor.countChildren(self, sup)).toMatchObject({ active: 1 });
      expect(await DynamicSupervisor.terminateChild(self, sup, started.pid)).toEqual({ ok: true });
      expect(await DynamicSupervisor.terminateChild(self, sup, started.pid)).toEqual({
        ok: false,
        reason: "not_found",
      });
    });
  });

  it("a child may live on another node; when that node is lost, its supervisor starts it again, here or there", async () => {
    const [one, two] = await pair();
    let place: string = two.name;
    const child: ChildSpec = { id: "far", start: (self) => self.spawnLink({ node: place }, waits) };
    const sup = await Supervisor.start(one, [child], { strategy: "one_for_one" });
    const nodeOfChild = async (): Promise<unknown> => {
      const [far] = await Supervisor.whichChildren(one, sup);
      return typeof far?.pid === "object" ? far.pid.node : far?.pid;
    };
    expect(await nodeOfChild()).toBe(two.name);
    place = one.name;
    await two.stop();
    while ((await nodeOfChild()) !== one.name);
  });

  it("under copied messages specs may hold code, which is not copied", () =>
    play(
      async (self) => {
        const child: ChildSpec = { id: "a", start: (parent) => parent.spawnLink(waits) };
        const sup = await Supervisor.startLink(self, [], { strategy: "one_for_one" });
        expect(await Supervisor.startChild(self, sup, child)).toMatchObject({ ok: true });
        expect(await Supervisor.getChildspec(self, sup, "a")).toMatchObject({ ok: true });
        const dynamic = await DynamicSupervisor.startLink(self);
        expect(await DynamicSupervisor.startChild(self, dynamic, child)).toMatchObject({ ok: true });
        const registered = { id: "b", start: [startWaiting] } as const;
        expect(await DynamicSupervisor.startChild(self, dynamic, registered)).toMatchObject({ ok: true });
      },
      { isolation: "copy" },
    ));
});
