/** Chapter 13: what a GenServer's callbacks may return, and how it ends. */
import { type Process } from "@otp/core";
import {
  type Call,
  call,
  cast,
  type From,
  GenServer,
  noreply,
  ok,
  reply,
  replyTo,
  start,
  startMonitor,
  stop,
  stopWith,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, keptLog, type LogLine } from "./behaviour.ts";
import { Bare, Puppet, type Told } from "./puppet.ts";
import { arrivals, endOf, isolations, next, pause, play as playScene, playing } from "./world.ts";

const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog([]) });

describe.each(isolations)("calls and casts, isolation %s", (isolation) => {
  interface CounterProtocol {
    call: Call<"get", number> | Call<"add", number, { by: number }>;
    cast: { type: "reset" };
  }
  class Counter extends GenServer<number, CounterProtocol, { start: number }> {
    override init({ start }: { start: number }) {
      return ok(start);
    }
    override async handleCall(request: CounterProtocol["call"], _from: From, state: number) {
      if (request.type === "get") return reply(state, state);
      await this.self.sleep(10);
      return reply(state + request.by, state + request.by);
    }
    override handleCast(_message: CounterProtocol["cast"], _state: number) {
      return noreply(0);
    }
  }

  it(
    "GS-10 one at a time, in order, also while a callback is asynchronous (JS-10)",
    playing(isolation)(async (self, { node }) => {
      const counter = await start(self, Counter, { start: 1 });
      const replies = Promise.all([
        call(self, counter, { type: "add", by: 3 }),
        call(self, counter, { type: "get" }),
        call(node, counter, { type: "add", by: 1 }),
      ]);
      cast(self, counter, { type: "reset" });
      const after = call(self, counter, { type: "get" });
      expect(await replies).toEqual([4, 4, 5]);
      expect(await after).toBe(0);
      expect(await stop(self, counter)).toBe("ok");
    }),
  );
});

describe("results", () => {
  it(
    "T-GS-10 handle_continue from init comes first",
    play(async (self) => {
      const init: Told<unknown> = (server) => {
        server.self.send(server.self.pid, "early");
        return ok(0, { continue: "c" });
      };
      await start(self, Puppet, { init, tell: self.pid });
      expect(await arrivals(self)).toEqual([{ continue: "c" }, { info: "early" }]);
    }),
  );

  it(
    "GS-11 the reply is sent before the continuation, which may chain",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      const again = (): unknown => noreply(0, { continue: "last" });
      const answer = call(self, pid, { type: "do", does: () => reply("first", 0, { continue: again }) });
      cast(self, pid, { type: "do", does: (server) => (server.say("cast", 1), noreply(0)) });
      expect(await answer).toBe("first");
      expect(await arrivals(self)).toEqual([{ continue: again }, { continue: "last" }, { cast: 1 }]);
    }),
  );

  it(
    "T-GS-11 Timeout fires",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      cast(self, pid, { type: "do", does: () => noreply(0, { timeout: 20 }) });
      expect(await arrivals(self, 60)).toEqual([{ info: { type: "timeout" } }]);
    }),
  );

  it(
    "T-GS-12 Timeout is cancelled by a message",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid, init: () => ok(0, { timeout: 40 }) });
      await self.sleep(20);
      self.send(pid, { type: "unrelated" });
      expect(await arrivals(self, 80)).toEqual([{ info: { type: "unrelated" } }]);
    }),
  );

  it(
    "GS-13 a timeout of 0 fires only when no message waits",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      cast(self, pid, { type: "do", does: () => noreply(0, { timeout: 0 }) });
      self.send(pid, "waiting");
      cast(self, pid, { type: "do", does: () => noreply(0, { timeout: 0 }) });
      expect(await arrivals(self)).toEqual([{ info: "waiting" }, { info: { type: "timeout" } }]);
    }),
  );

  it(
    "T-GS-13 terminate on stop returns",
    play(async (self) => {
      const one = await start(self, Puppet, { tell: self.pid });
      cast(self, one, { type: "do", does: () => stopWith("normal", 0) });
      expect([await endOf(self, one), await next(self)]).toEqual(["normal", { terminate: "normal" }]);
      const two = await startMonitor(self, Puppet, { tell: self.pid });
      expect(await call(self, two.pid, { type: "do", does: () => stopWith("shutdown", 0, "bye") })).toBe("bye");
      expect(await next(self)).toEqual({ terminate: "shutdown" });
      expect(await next(self)).toMatchObject({ type: "DOWN", reason: "shutdown" });
    }),
  );

  it("T-GS-17 Default callbacks", async () => {
    const log: LogLine[] = [];
    await playScene(
      async (self) => {
        const one = await start(self, Bare, undefined, { name: "bare" });
        self.send(one, "x");
        await pause(self);
        expect(log.filter(({ event }) => event === "unexpected_message")).toHaveLength(1);
        expect(self.node.isProcessAlive(one)).toBe(true);
        const { reason } = await callFailure(call(self, one, { type: "any" }));
        expect(reason).toMatchObject({ message: "attempted to call GenServer bare but no handleCall was provided" });
        const two = await startMonitor(self, Bare);
        cast(self, two.pid, "any");
        expect(await next(self)).toMatchObject({ type: "DOWN", reason: { name: "Error" } });
      },
      { logger: keptLog(log) },
    );
  });

  it(
    "T-GS-18 Reply from elsewhere",
    play(async (self) => {
      const pid = await start(self, Puppet, {});
      const does: Told<unknown> = (server) => {
        const { from } = server;
        server.self.spawn(async (other: Process) => {
          await other.sleep(10);
          if (from !== undefined) replyTo(from, "from_other");
        });
        return noreply(0);
      };
      expect(await call(self, pid, { type: "do", does })).toBe("from_other");
    }),
  );

  it(
    "T-GS-19 hibernate",
    play(async (self) => {
      const one = await start(self, Puppet, { tell: self.pid, init: () => ok(0, { hibernate: true }) });
      const two = await start(self, Puppet, { tell: self.pid }, { hibernateAfter: 20 });
      await self.sleep(100);
      for (const pid of [one, two]) {
        expect(await call(self, pid, { type: "do", does: () => reply("here", 0, { hibernate: true }) })).toBe("here");
      }
      expect(await arrivals(self)).toEqual([]);
    }),
  );
});
