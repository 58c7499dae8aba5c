/** Chapter 14: looking into behaviours and controlling them. */
import { CallError, type Process } from "@otp/core";
import {
  call,
  cast,
  type DebugEvent,
  GenServer,
  noreply,
  ok,
  reply,
  start,
  startLink,
  stop,
  sys,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, keptLog } from "./behaviour.ts";
import { Puppet } from "./puppet.ts";
import { arrivals, dead, isolations, next, pause, play as playScene, playing, waits } from "./world.ts";

const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog([]) });

class Number5 extends GenServer<number> {
  override init() {
    return ok(5);
  }
  override handleCall(_request: unknown, _from: unknown, state: number) {
    return reply(state, state);
  }
  override handleCast(_message: unknown, state: number) {
    return noreply(state);
  }
  override codeChange(_old: unknown, state: number, extra: unknown) {
    if (typeof extra !== "number") throw new TypeError("expected a number");
    return ok(state + extra);
  }
}

describe.each(isolations)("the state, isolation %s", (isolation) => {
  it(
    "SYS-3 is what it is",
    playing(isolation)(async (self) => {
      expect(await sys.getState(self, await start(self, Number5))).toBe(5);
    }),
  );
});

describe("sys", () => {
  it(
    "T-SYS-01 get and replace state",
    play(async (self) => {
      const pid = await start(self, Number5);
      expect(await sys.getState(self, pid)).toBe(5);
      expect(await sys.replaceState(self, pid, (n: number) => n + 1)).toBe(6);
      expect(await sys.getState(self, pid)).toBe(6);
      const error = new Error("no");
      const failure = await callFailure(
        sys.replaceState(self, pid, () => {
          throw error;
        }),
      );
      expect(failure).toMatchObject({ reason: { callbackFailed: error }, operation: "sys.replaceState" });
      expect(await sys.getState(self, pid)).toBe(6);
    }),
  );

  it(
    "T-SYS-02 suspend and resume",
    play(async (self) => {
      const pid = await start(self, Number5);
      expect(await sys.suspend(self, pid)).toBe("ok");
      expect((await callFailure(call(self, pid, "get", 30))).reason).toBe("timeout");
      expect(await sys.getState(self, pid)).toBe(5);
      expect(await sys.suspend(self, pid)).toBe("ok");
      const waiting = call(self, pid, "get");
      expect(await sys.resume(self, pid)).toBe("ok");
      expect(await sys.resume(self, pid)).toBe("ok");
      expect(await waiting).toBe(5);
      expect(await call(self, pid, "get")).toBe(5);
    }),
  );

  it(
    "SYS-2 messages to a suspended server wait in order",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      await sys.suspend(self, pid);
      for (const n of [1, 2, 3]) self.send(pid, n);
      expect(await arrivals(self)).toEqual([]);
      await sys.resume(self, pid);
      expect(await arrivals(self)).toEqual([{ info: 1 }, { info: 2 }, { info: 3 }]);
    }),
  );

  it(
    "SYS-9 a suspended server obeys its parent's exit",
    play(async (self) => {
      const to = self.pid;
      const parent = self.spawn(async (parent: Process) => {
        parent.send(to, await startLink(parent, Puppet, { tell: to, trap: true }));
        await parent.receive();
        parent.exit("gone");
      });
      const pid = await next(self);
      await sys.suspend(self, pid as never);
      self.send(parent, "go");
      expect(await arrivals(self)).toEqual([{ terminate: "gone" }]);
    }),
  );

  it(
    "GS-13 a system message begins an idle timeout anew; a suspended server has none",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid, init: () => ok(0, { timeout: 40 }) });
      await self.sleep(30);
      await sys.getState(self, pid);
      expect(await arrivals(self, 30)).toEqual([]);
      expect(await arrivals(self, 20)).toEqual([{ info: { type: "timeout" } }]);
      cast(self, pid, { type: "do", does: () => noreply(0, { timeout: 40 }) });
      await sys.suspend(self, pid);
      expect(await arrivals(self, 100)).toEqual([]);
      await sys.resume(self, pid);
      expect(await arrivals(self, 50)).toEqual([{ info: { type: "timeout" } }]);
    }),
  );

  it(
    "T-SYS-03 get_status",
    play(async (self) => {
      class Shown extends Number5 {
        override formatStatus() {
          return { state: "shown" };
        }
      }
      const pid = await startLink(self, Shown);
      expect(await sys.getStatus(self, pid)).toMatchObject({
        type: "status",
        pid,
        module: "Shown",
        status: "running",
        parent: self.pid,
        state: "shown",
        dictionary: [
          ["$ancestors", [self.pid]],
          ["$initial_call", "Shown.init"],
        ],
      });
      await sys.suspend(self, pid);
      expect(await sys.getStatus(self, pid)).toMatchObject({ status: "suspended" });
    }),
  );

  it(
    "T-SYS-04 statistics and log",
    play(async (self) => {
      const pid = await start(self, Number5);
      await sys.statistics(self, pid, true);
      await sys.log(self, pid, true);
      await call(self, pid, "get");
      expect(await sys.statistics(self, pid, "get")).toMatchObject({ messagesIn: 1, messagesOut: 1 });
      expect(await sys.log(self, pid, "get")).toMatchObject([
        { type: "in", message: "get", from: self.pid },
        { type: "out", message: 5, to: self.pid, state: 5 },
      ]);
      await sys.statistics(self, pid, false);
      await sys.log(self, pid, false);
      expect(await sys.statistics(self, pid, "get")).toBe("no_statistics");
      expect(await sys.log(self, pid, "get")).toEqual([]);
      await sys.log(self, pid, 3);
      for (let n = 0; n < 10; n += 1) cast(self, pid, n);
      expect(await sys.log(self, pid, "get")).toHaveLength(3);
    }),
  );

  it(
    "SYS-6 installed functions see events, once each, until they are done, fail or are removed",
    play(async (self) => {
      const pid = await start(self, Number5, undefined, { debug: ["statistics"] });
      const seen: unknown[] = [];
      const counts = (state: unknown, event: DebugEvent): unknown => {
        seen.push([state, event.type]);
        return typeof state === "number" && state < 3 ? state + 1 : "done";
      };
      await sys.install(self, pid, { fn: counts, state: 1 });
      await sys.install(self, pid, { fn: counts, state: 100 });
      for (let n = 0; n < 3; n += 1) await call(self, pid, "get");
      expect(seen).toEqual([
        [1, "in"],
        [2, "out"],
        [3, "in"],
      ]);
      const fails = (): never => {
        seen.push("failing");
        throw new Error("no");
      };
      await sys.install(self, pid, { id: "failing", fn: fails, state: 0 });
      const watches = (): void => void seen.push("watching");
      await sys.install(self, pid, { fn: watches, state: 0 });
      await call(self, pid, "get");
      await sys.remove(self, pid, watches);
      await call(self, pid, "get");
      expect(seen.slice(3)).toEqual(["failing", "watching", "watching"]);
      expect(await sys.statistics(self, pid, "get")).toMatchObject({ messagesIn: 5 });
    }),
  );

  it(
    "SYS-7 change_code works on a suspended server only, and leaves the state when it fails",
    play(async (self) => {
      const pid = await start(self, Number5);
      expect(await sys.changeCode(self, pid, { extra: 1 })).toMatchObject({ error: { name: "ArgumentError" } });
      await sys.suspend(self, pid);
      expect(await sys.changeCode(self, pid, { extra: 1 })).toBe("ok");
      expect(await sys.getState(self, pid)).toBe(6);
      expect(await sys.changeCode(self, pid, { extra: "x" })).toMatchObject({ error: { name: "TypeError" } });
      expect(await sys.getState(self, pid)).toBe(6);
    }),
  );

  it(
    "T-SYS-05 terminate and errors",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      const ref = self.monitor(pid);
      expect(await sys.terminate(self, pid, "foo")).toBe("ok");
      await pause(self);
      expect(self.flush()).toMatchObject([{ terminate: "foo" }, { type: "DOWN", ref, reason: "foo" }]);
      expect((await callFailure(sys.getState(self, await dead(self)))).reason).toBe("noproc");
      expect((await callFailure(sys.getState(self, "none"))).reason).toBe("noproc");
      const plain = self.spawn(waits);
      const error = await callFailure(sys.getState(self, plain, 20));
      expect(error).toBeInstanceOf(CallError);
      expect(error.reason).toBe("timeout");
    }),
  );

  it("SYS-1 traces go to the log", async () => {
    const lines: Parameters<typeof keptLog>[0] = [];
    await playScene(
      async (self) => {
        const pid = await start(self, Number5, undefined, { name: "five" });
        await sys.trace(self, pid, true);
        await call(self, pid, "get");
        await sys.trace(self, pid, false);
        await call(self, pid, "get");
        await stop(self, pid);
      },
      { logger: keptLog(lines) },
    );
    expect(lines.map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/^\*DBG\* five got 'get' from #PID<0\.\d+\.0>$/),
      expect.stringMatching(/^\*DBG\* five sent 5 to #PID<0\.\d+\.0>, new state 5$/),
    ]);
  });
});
