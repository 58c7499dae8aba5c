/** Chapter 13: starting a GenServer, what `init` may do, names and specifications. */
import { ArgumentError, type Pid, type Process, type ViaModule } from "@otp/core";
import {
  type Call,
  call,
  type From,
  GenServer,
  ignore,
  ok,
  reply,
  start,
  startLink,
  startMonitor,
  stop,
  stopWith,
  whereis,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { failure, keptLog, startFailure } from "./behaviour.ts";
import { Bare, Puppet, type Told, viaMap } from "./puppet.ts";
import { arrivals, dead, next, play as playScene, waits } from "./world.ts";

const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog([]) });

describe("starting", () => {
  it(
    "T-GS-01 start and start_link",
    play(async (self, { node }) => {
      const one = await start(self, Puppet, {});
      expect(node.info(self.pid, "links")).toEqual([]);
      const two = await startLink(self, Puppet, {});
      expect(node.info(self.pid, "links")).toEqual([two]);
      const { pid, ref } = await startMonitor(self, Puppet, {});
      await stop(self, pid, { shutdown: 1 });
      expect(await next(self)).toEqual({ type: "DOWN", ref, object: pid, reason: { shutdown: 1 } });
      await stop(self, one);
      await stop(self, two);
    }),
  );

  it(
    "T-GS-02 start blocks on init",
    play(async (self, { runtime }) => {
      class Slow extends GenServer<number> {
        override async init() {
          await this.self.sleep(50);
          return ok(0);
        }
      }
      const before = runtime.now();
      await start(self, Slow);
      expect(runtime.now() - before).toBeGreaterThanOrEqual(50);
    }),
  );

  it(
    "T-GS-03 Name is registered before init",
    play(async (self) => {
      let seen: unknown;
      const pid = await start(
        self,
        Puppet,
        {
          init: (server) => {
            seen = server.self.whereis("early");
          },
        },
        { name: "early" },
      );
      expect(seen).toBe(pid);
    }),
  );

  it(
    "T-GS-04 init returns ignore",
    play(async (self, { node }) => {
      self.trapExit = true;
      for (const ignoring of [ignore, ignore()]) {
        const reason = await startFailure(startLink(self, Puppet, { init: () => ignoring }, { name: "n" }));
        expect(reason).toBe("ignore");
        expect(node.whereis("n")).toBeUndefined();
        expect(await next(self)).toMatchObject({ type: "EXIT", reason: "normal" });
      }
    }),
  );

  it(
    "T-GS-05 init returns stop, start",
    play(async (self, { node }) => {
      for (let time = 0; time < 50; time += 1) {
        const reason = await startFailure(start(self, Puppet, { init: () => stopWith("bad") }, { name: "n" }));
        expect([reason, node.whereis("n")]).toEqual(["bad", undefined]);
      }
    }),
  );

  it(
    "T-GS-06 init returns stop, start_link trapping",
    play(async (self) => {
      self.trapExit = true;
      expect(await startFailure(startLink(self, Puppet, { init: () => stopWith("bad") }))).toBe("bad");
      expect(await arrivals(self)).toMatchObject([{ type: "EXIT", reason: "bad" }]);
    }),
  );

  it(
    "GS-5 a starter that does not trap exits ends with a failing start, unless that is normal",
    play(async (self) => {
      const ends = (init: Told<unknown>): Promise<unknown> => {
        const { ref } = self.spawnMonitor(async (starter: Process) => {
          await startLink(starter, Puppet, { init }).catch(() => undefined);
          starter.exit("survived");
        });
        return self.receive({ type: "DOWN", ref }).then(({ reason }) => reason);
      };
      expect(await ends(() => stopWith("bad"))).toBe("bad");
      expect(await ends(() => stopWith("normal"))).toBe("survived");
      expect(await ends(() => ignore)).toBe("survived");
    }),
  );

  it(
    "T-GS-07 Other init results",
    play(async (self) => {
      const error = new Error("e");
      const fails = (init: Told<unknown>): Promise<unknown> => startFailure(start(self, Puppet, { init }));
      expect(await fails(() => "weird")).toEqual({ badReturnValue: "weird" });
      const pid = await start(self, Puppet, {
        init: () => {
          throw ok(1);
        },
      });
      expect(self.node.isProcessAlive(pid)).toBe(true);
      expect(
        await fails(() => {
          throw "t";
        }),
      ).toEqual({ badReturnValue: "t" });
      expect(await fails((server) => server.self.exit("e"))).toBe("e");
      expect(
        await fails(() => {
          throw error;
        }),
      ).toBe(error);
      expect(await fails(async () => Promise.reject(error))).toBe(error);
      expect(await fails((server) => server.self.exit("normal"))).toBe("normal");
    }),
  );

  it(
    "GS-8 init slower than the timeout: killed, without a trace",
    play(async (self, { node }) => {
      self.trapExit = true;
      let pid: Pid | undefined;
      const init: Told<unknown> = async (server) => {
        ({ pid } = server.self);
        await server.self.sleep(1_000);
        return ok(0);
      };
      expect(await startFailure(startLink(self, Puppet, { init }, { timeout: 100, name: "slow" }))).toBe("timeout");
      expect(pid !== undefined && node.isProcessAlive(pid)).toBe(false);
      expect(node.whereis("slow")).toBeUndefined();
      expect(await startFailure(startMonitor(self, Puppet, { init }, { timeout: 100 }))).toBe("timeout");
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-GS-08 Name taken",
    play(async (self, { node }) => {
      self.trapExit = true;
      const via = { via: viaMap(), name: "n" };
      for (const name of ["n", via, { global: "n" }]) {
        const p = await start(self, Puppet, {}, { name });
        const before = node.processes().length;
        const reason = await startFailure(startLink(self, Puppet, {}, { name }));
        expect(reason).toEqual({ type: "already_started", pid: p });
        expect(node.processes()).toHaveLength(before);
        expect(await arrivals(self)).toEqual([]);
        expect(await call(self, name, { type: "do", does: () => reply("served", 0) })).toBe("served");
      }
    }),
  );

  it(
    "GS-6 a via name is free again when a start has failed",
    play(async (self) => {
      const name = { via: viaMap(), name: "n" };
      expect(await startFailure(start(self, Puppet, { init: () => stopWith("bad") }, { name }))).toBe("bad");
      expect(whereis(self, name)).toBeUndefined();
    }),
  );

  it(
    "GS-7 a via name that is lost to somebody faster: already started, nothing is left",
    play(async (self) => {
      self.trapExit = true;
      const map = viaMap();
      const other = self.spawn(waits);
      let looks = 0;
      const racing: ViaModule<string> = {
        ...map,
        whereisName: (context, name) => ((looks += 1) === 1 ? undefined : map.whereisName(context, name)),
        registerName: async (context, name, pid) => {
          await map.registerName(context, name, other);
          return map.registerName(context, name, pid);
        },
      };
      const reason = await startFailure(startLink(self, Puppet, {}, { name: { via: racing, name: "n" } }));
      expect(reason).toEqual({ type: "already_started", pid: other });
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-GS-09 Invalid names",
    play(async (self) => {
      for (const name of [1, { invalid: "x" }, { via: "Via", name: "x" }, { via: {}, name: "x" }, "nil"]) {
        const error = await failure(Promise.resolve().then(() => startLink(self, Puppet, {}, { name: name as never })));
        expect(error).toBeInstanceOf(ArgumentError);
      }
      await start(self, Puppet, {}, { name: null });
    }),
  );
});

describe("specifications and names", () => {
  it(
    "T-GS-20 child_spec",
    play(async (self) => {
      class Stack extends GenServer<unknown[], { call: Call<"all", unknown[]> }, unknown[]> {
        override init(items: unknown[]) {
          return ok(items);
        }
        override handleCall(_request: Call<"all", unknown[]>, _from: From, state: unknown[]) {
          return reply(state, state);
        }
      }
      const starts = (): Promise<Pid> => Promise.resolve(self.pid);
      class CustomStack extends Stack {
        static override readonly childOptions = {
          id: "id",
          restart: "temporary",
          shutdown: "infinity",
          start: starts,
        } as const;
      }
      const spec = Stack.childSpec(["hello"]);
      expect(spec).toEqual({ id: "Stack", start: expect.any(Function) });
      const pid = await spec.start(self);
      expect(await call(self, pid, { type: "all" })).toEqual(["hello"]);
      expect(CustomStack.childSpec(["hello"])).toEqual({
        id: "id",
        restart: "temporary",
        shutdown: "infinity",
        start: starts,
      });
    }),
  );

  it(
    "T-GS-21 whereis",
    play(async (self, { node }) => {
      const pid = await start(self, Bare, undefined, { name: "w" });
      expect(whereis(self, "w")).toBe(pid);
      expect(whereis(self, { name: "w", node: node.name })).toBe(pid);
      expect(whereis(self, { name: "w", node: "other@host" })).toEqual({ name: "w", node: "other@host" });
      expect(whereis(self, "none")).toBeUndefined();
      expect(whereis(self, pid)).toBe(pid);
      expect(whereis(self, { global: "none" })).toBeUndefined();
      expect(await dead(self)).toBeDefined();
    }),
  );
});
