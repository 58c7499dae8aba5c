/** Chapter 12: synchronous starts and stops. */
import type { Pid, Process } from "@otp/core";
import { procLib, start, startLink, stop } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, keptLog, startFailure } from "./behaviour.ts";
import { Bare, Puppet } from "./puppet.ts";
import { arrivals, next, pause, play as playScene } from "./world.ts";

const play = (scene: Parameters<typeof playScene>[0]) => () => playScene(scene, { logger: keptLog([]) });

/** A child that tells its parent, then acknowledges after `ms`. */
async function readyAfter(self: Process, parent: Pid, ms: number): Promise<void> {
  await self.sleep(ms);
  self.send(parent, "inited");
  procLib.initAck(self, { ok: self.pid });
  procLib.initAck(self, "twice");
  await self.receive();
}

const never = async (self: Process): Promise<void> => {
  await self.receive();
};

describe("starting", () => {
  it(
    "T-PLIB-01 start waits for the acknowledgement",
    play(async (self, { node }) => {
      const result = await procLib.startLink(self, readyAfter, [self.pid, 30]);
      expect(self.flush()).toEqual(["inited"]);
      expect(result).toEqual({ ok: node.info(self.pid, "links")?.[0] });
      expect(await procLib.start(node, readyAfter, [self.pid, 1])).toMatchObject({ ok: expect.anything() });
    }),
  );

  it(
    "T-PLIB-02 start_link timeout leaves nothing behind",
    play(async (self, { node }) => {
      self.trapExit = true;
      const before = node.processes().length;
      expect(await startFailure(procLib.startLink(self, never, [], { timeout: 30 }))).toBe("timeout");
      expect(await arrivals(self, 100)).toEqual([]);
      expect(node.processes()).toHaveLength(before);
    }),
  );

  it(
    "PLIB-3 start_monitor gives a timeout as its result, and DOWN killed follows",
    play(async (self) => {
      const { result, ref } = await procLib.startMonitor(self, never, [], { timeout: 30 });
      expect(result).toEqual({ ok: false, reason: "timeout" });
      expect(await next(self)).toMatchObject({ type: "DOWN", ref, reason: "killed" });
    }),
  );

  it(
    "PLIB-2 a child that ends before it acknowledges is a failed start, normal included",
    play(async (self) => {
      self.trapExit = true;
      const error = new Error("e");
      const fails = (fn: (child: Process) => unknown): Promise<unknown> => startFailure(procLib.startLink(self, fn));
      expect(await fails(() => undefined)).toBe("normal");
      expect(await fails((child) => child.exit("boom"))).toBe("boom");
      expect(
        await fails(() => {
          throw error;
        }),
      ).toBe(error);
      expect(await arrivals(self)).toEqual([]);
      expect(await fails((child) => procLib.initFail(child, "refused", "boom"))).toBe("refused");
      expect(await arrivals(self)).toMatchObject([{ type: "EXIT", reason: "boom" }]);
    }),
  );

  it(
    "PLIB-1 spawned processes are tied to the spawner as their functions say",
    play(async (self, { node }) => {
      self.trapExit = true;
      const linked = procLib.spawnLink(self, never);
      expect(node.info(self.pid, "links")).toEqual([linked]);
      const { pid, ref } = procLib.spawnMonitor(self, (child: Process, reason: string) => child.exit(reason), "boom");
      expect(await next(self)).toEqual({ type: "DOWN", ref, object: pid, reason: "boom" });
      self.sendExit(linked, "kill");
      expect(await next(self)).toMatchObject({ type: "EXIT", from: linked, reason: "killed" });
      procLib.spawn(node, (child: Process, to: Pid) => child.send(to, "hello"), self.pid);
      expect(await next(self)).toBe("hello");
    }),
  );
});

describe("ancestors", () => {
  it(
    "T-PLIB-03 Ancestors",
    play(async (self, { node }) => {
      const first = async (): Promise<unknown> => {
        procLib.spawn(
          self,
          function reports(child: Process, to: Pid) {
            child.send(to, child.dictionary.get("$ancestors"));
            child.send(to, child.dictionary.get("$initial_call"));
          },
          self.pid,
        );
        const ancestors = await next(self);
        expect(await next(self)).toBe("reports");
        return Array.isArray(ancestors) ? ancestors[0] : undefined;
      };
      expect(await first()).toBe(self.pid);
      self.register("anc");
      expect(await first()).toBe("anc");
      expect(node.info(self.pid, "dictionary")).toEqual([]);
    }),
  );

  it(
    "PLIB-4 siblings know what their parent's dictionary says when they are started",
    play(async (self) => {
      const tell = (child: Process): unknown => self.send(self.pid, child.dictionary.get("$ancestors"));
      procLib.spawn(self, tell);
      procLib.spawn(self, tell);
      expect(await next(self)).toEqual([self.pid]);
      expect(await next(self)).toEqual([self.pid]);
      self.dictionary.put("$ancestors", ["elder"]);
      procLib.spawn(self, tell);
      expect(await next(self)).toEqual([self.pid, "elder"]);
      self.dictionary.put("$ancestors", []);
      procLib.spawn(self, tell);
      expect(await next(self)).toEqual([self.pid]);
    }),
  );

  it(
    "PLIB-4 a server knows its ancestors, the parent first, and its children know it",
    play(async (self, { node }) => {
      const parent = await start(self, Puppet, {}, { name: "parent" });
      let child: Pid | undefined;
      const dictionary = node.info(parent, "dictionary");
      expect(dictionary).toEqual([
        ["$ancestors", [self.pid]],
        ["$initial_call", "Puppet.init"],
      ]);
      const init = (server: Puppet): unknown => {
        procLib.spawn(server.self, (grandchild: Process) => {
          child = grandchild.pid;
          self.send(self.pid, grandchild.dictionary.get("$ancestors"));
        });
        return undefined;
      };
      const server = await startLink(self, Puppet, { init });
      await pause(self);
      expect(await next(self)).toEqual([server, self.pid]);
      expect(child).toBeDefined();
      expect(node.info(server, "initialCall")).toBe("Puppet.init");
    }),
  );
});

describe("stopping", () => {
  it(
    "T-PLIB-04 stop",
    play(async (self, { node }) => {
      const pid = await start(self, Bare);
      expect(await stop(self, pid)).toBe("ok");
      expect(node.isProcessAlive(pid)).toBe(false);
      expect((await callFailure(stop(self, pid))).reason).toBe("noproc");
    }),
  );
});
