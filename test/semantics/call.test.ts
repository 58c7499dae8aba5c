/** Chapter 13, calls and casts: what comes of a call, whatever happens to the server. */
import { ArgumentError, CallError, isShutdownReason, Node, type Pid, type Process } from "@otp/core";
import { type Call, call, type From, GenServer, noreply, ok, reply, replyTo, start, stopWith } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, keptLog } from "./behaviour.ts";
import { Puppet, viaMap } from "./puppet.ts";
import { arrivals, dead, isolations, next, pause, play as playScene, playing } from "./world.ts";

const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog([]) });

const silence = { type: "do", does: () => noreply(0) } as const;

describe.each(isolations)("a call, isolation %s", (isolation) => {
  const play = playing(isolation);

  class Echo extends GenServer<From[], { call: Call<"echo", unknown, { value: unknown }> | Call<"keep", unknown> }> {
    override init() {
      return ok([]);
    }
    override handleCall(
      request: Call<"echo", unknown, { value: unknown }> | Call<"keep", unknown>,
      from: From,
      kept: From[],
    ) {
      if (request.type === "echo") return reply(request.value, kept);
      return noreply([...kept, from]);
    }
  }

  it(
    "T-CALL-01 Call leaves no trace",
    play(async (self, { node }) => {
      const pid = await start(self, Echo);
      self.send(self.pid, "a");
      expect(await call(self, pid, { type: "echo", value: [1, { deep: "x" }] })).toEqual([1, { deep: "x" }]);
      expect(node.info(self.pid, "monitors")).toEqual([]);
      expect(node.info(pid, "monitoredBy")).toEqual([]);
      expect(node.info(self.pid, "messageQueueLen")).toBe(1);
      expect(await next(self)).toBe("a");
    }),
  );

  it(
    "GS-19 a from may be sent to another process, which replies; CALL-9 the first reply counts",
    play(async (self) => {
      class Keeper extends Echo {
        override handleInfo(message: unknown, kept: From[]) {
          if (message instanceof Object && "who" in message) this.self.send(message.who as Pid, { kept: kept[0] });
          return noreply(kept);
        }
      }
      const pid = await start(self, Keeper);
      const answer = call(self, pid, { type: "keep" });
      const helper = self.spawn(async (helper: Process) => {
        const { kept } = (await helper.receive()) as { kept: From };
        for (const value of ["first", "second"]) replyTo(kept, value);
      });
      self.send(pid, { who: helper });
      expect(await answer).toBe("first");
      expect(await arrivals(self)).toEqual([]);
    }),
  );
});

describe("failing calls", () => {
  it(
    "T-CALL-02 Timeout shape",
    play(async (self, { node, runtime }) => {
      const pid = await start(self, Puppet, {});
      const before = runtime.now();
      const error = await callFailure(call(self, pid, silence, 10));
      expect(runtime.now() - before).toBe(10);
      expect(error).toMatchObject({
        reason: "timeout",
        operation: "call",
        target: pid,
        request: silence,
        timeoutMs: 10,
      });
      expect(error.message).toMatch(/^exited in: call\(#PID<.*>, .*, 10\)\n {4}\*\* \(EXIT\) time out$/);
      expect(node.isProcessAlive(pid)).toBe(true);
    }),
  );

  it(
    "CALL-4 a late reply is never delivered (G2)",
    play(async (self) => {
      const pid = await start(self, Puppet, {});
      const late = async (server: Puppet): Promise<unknown> => {
        await server.self.sleep(30);
        return reply("late", 0);
      };
      expect((await callFailure(call(self, pid, { type: "do", does: late }, 10))).reason).toBe("timeout");
      expect(await call(self, pid, { type: "do", does: () => reply("next", 0) })).toBe("next");
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-CALL-03 noproc forms",
    play(async (self, { node }) => {
      const targets = [
        await dead(self),
        "none",
        { global: "none" },
        { via: viaMap(), name: "none" },
        null,
        undefined,
        { name: "none", node: node.name },
      ];
      for (const target of targets) {
        const error = await callFailure(call(self, target, "request"));
        expect(error).toMatchObject({ reason: "noproc", request: "request", timeoutMs: 5000 });
        expect(error.target).toBe(target);
      }
      expect((await callFailure(call(node, "none", "request"))).reason).toBe("noproc");
    }),
  );

  it(
    "T-CALL-04 Unreachable node",
    play(async (self, { node }) => {
      const target = { name: "stack", node: "bogus@node" };
      for (const context of [self, node]) {
        const error = await callFailure(call(context, target, "pop"));
        expect(error).toMatchObject({ reason: { nodedown: "bogus@node" }, target });
      }
      expect(node.info(self.pid, "monitors")).toEqual([]);
    }),
  );

  it(
    "T-CALL-05 Calling oneself",
    play(async (self, { node }) => {
      self.register("me");
      await node.global.registerName("me", self.pid);
      for (const target of ["me", { global: "me" }, self.pid, { name: "me", node: node.name }]) {
        expect((await callFailure(call(self, target, "request"))).reason).toBe("calling_self");
      }
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-CALL-06 Server dies during the call",
    play(async (self) => {
      const error = new Error("e");
      const reasons: unknown[] = [];
      for (const does of [
        (server: Puppet) => server.self.exit("boom"),
        (server: Puppet) => (self.sendExit(server.self.pid, "kill"), noreply(0)),
        () => stopWith("normal", 0),
        () => {
          throw error;
        },
      ]) {
        const pid = await start(self, Puppet, {});
        reasons.push((await callFailure(call(self, pid, { type: "do", does }))).reason);
      }
      expect(reasons).toEqual(["boom", "killed", "normal", error]);
    }),
  );

  it(
    "CALL-2 failures nest, and an uncaught one is the reason of the process",
    play(async (self) => {
      const b = await start(self, Puppet, {});
      const a = await start(self, Puppet, {});
      const ref = self.monitor(a);
      const does = (): Promise<unknown> =>
        call(self.node, b, { type: "do", does: (server: Puppet) => server.self.exit("boom") });
      const error = await callFailure(call(self, a, { type: "do", does }));
      const inner = error.reason;
      expect(inner).toBeInstanceOf(CallError);
      expect(inner).toMatchObject({ reason: "boom", target: b });
      expect(await self.receive({ type: "DOWN", ref })).toMatchObject({ reason: inner });
      const caller = self.spawnMonitor(async (caller: Process) => {
        await call(caller, "none", 1);
      });
      expect(await self.receive({ type: "DOWN", ref: caller.ref })).toMatchObject({
        reason: { name: "CallError", reason: "noproc" },
      });
    }),
  );

  it(
    "LOG-1 a call that fails since its server is shut down is a shutdown, one whose server ended normally is none",
    play(async (self) => {
      const failing = async (reason: unknown): Promise<CallError> => {
        const pid = await start(self, Puppet, {});
        return callFailure(call(self, pid, { type: "do", does: () => stopWith(reason, 0) }));
      };
      expect(isShutdownReason(await failing("shutdown"))).toBe(true);
      expect(isShutdownReason(await failing("normal"))).toBe(false);
      expect(isShutdownReason(await failing({ shutdown: 1 }))).toBe(false);
    }),
  );

  it(
    "CALL-8 a time limit that is none is refused before anything is sent; 0 is one",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      for (const timeout of [-1, 1.5, Number.NaN]) {
        expect(() => call(self, pid, silence, timeout)).toThrow(ArgumentError);
      }
      expect((await callFailure(call(self, pid, silence, 0))).reason).toBe("timeout");
      expect(await call(self, pid, { type: "do", does: () => reply(1, 0) }, "infinity")).toBe(1);
    }),
  );

  it(
    "CALL-11 the request of a caller that has died is handled, and nothing else happens",
    play(async (self) => {
      const pid = await start(self, Puppet, { tell: self.pid });
      const does = async (server: Puppet): Promise<unknown> => {
        await server.self.sleep(20);
        server.say("done", 1);
        return reply(1, 0);
      };
      const caller = self.spawn(async (caller: Process) => {
        await call(caller, pid, { type: "do", does });
      });
      await pause(self);
      self.sendExit(caller, "kill");
      expect(await arrivals(self)).toEqual([{ done: 1 }]);
    }),
  );

  it("JS-12 a loop of calls that fail at once lets others run", async () => {
    const node = await Node.start({ logger: keptLog([]) });
    let failures = 0;
    const busy = node.spawn(async (self: Process) => {
      for (;;) await call(self, "none", 1).catch(() => (failures += 1));
    });
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    node.sendExit(busy, "kill");
    expect(failures).toBeGreaterThan(10);
    await node.stop();
  });
});
