/** Chapter 15: GenStateMachine. */
import {
  type Action,
  call,
  callMachine,
  cast,
  ignore,
  keepState,
  keepStateAndData,
  nextState,
  replyAction,
  stopAndReply,
  stopMachine,
  sys,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { callFailure, keptLog, type LogLine, startFailure } from "./behaviour.ts";
import { begin, type Script } from "./scripted.ts";
import { arrivals, endOf, next, pause, play as playScene } from "./world.ts";

const logs: LogLine[] = [];
const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog(logs) });

describe("GenStateMachine", () => {
  it(
    "T-STATEM-01 replies and transitions",
    play(async (self) => {
      const machine = await begin(self, {
        init: () => nextState("s1", 1),
        on: (event, state, data) => {
          if (event.type !== "call") return keepStateAndData();
          if (event.request === "go") return nextState("s2", Number(data) + 1, replyAction(event.from, "ok"));
          return keepState(data, replyAction(event.from, { state, data }));
        },
      });
      expect(await call(self, machine, "go")).toBe("ok");
      expect(await call(self, machine, "where")).toEqual({ state: "s2", data: 2 });
    }),
  );

  it(
    "T-STATEM-02 event types",
    play(async (self) => {
      const machine = await begin(self, {
        on: (event) => {
          self.send(self.pid, event);
          return keepStateAndData();
        },
      });
      cast(self, machine, "c1");
      self.send(machine, "i1");
      expect(await arrivals(self)).toEqual([
        { type: "cast", message: "c1" },
        { type: "info", message: "i1" },
      ]);
    }),
  );

  it(
    "T-STATEM-03 STATEM-4 postponed events are retried after a change of state, oldest first, before newer ones",
    play(async (self) => {
      const machine = await begin(self, {
        init: () => nextState("locked", 0),
        on: (event, state) => {
          if (event.type !== "cast") return keepStateAndData();
          if (event.message === "open") return nextState("open", 0);
          if (state === "locked") return keepStateAndData({ type: "postpone" });
          self.send(self.pid, event.message);
          return keepStateAndData();
        },
      });
      for (const x of [1, 2, 3]) cast(self, machine, x);
      cast(self, machine, "open");
      cast(self, machine, 4);
      expect(await arrivals(self)).toEqual([1, 2, 3, 4]);
    }),
  );

  it(
    "T-STATEM-04 STATEM-5 inserted events come before the mailbox",
    play(async (self) => {
      const machine = await begin(self, {
        on: (event) => {
          if (event.type === "cast" && event.message === "go") {
            return keepStateAndData(
              { type: "nextEvent", event: { type: "internal", content: 1 } },
              { type: "nextEvent", event: { type: "internal", content: 2 } },
            );
          }
          self.send(self.pid, event);
          return keepStateAndData();
        },
      });
      await sys.suspend(self, machine);
      cast(self, machine, "go");
      cast(self, machine, "after");
      await sys.resume(self, machine);
      expect(await arrivals(self)).toEqual([
        { type: "internal", content: 1 },
        { type: "internal", content: 2 },
        { type: "cast", message: "after" },
      ]);
    }),
  );

  it(
    "STATEM-5 after inserted events come the postponed ones, then zero timeouts, then the mailbox",
    play(async (self) => {
      const machine = await begin(self, {
        on: (event) => {
          if (event.type === "cast" && event.message === "later") return keepStateAndData({ type: "postpone" });
          if (event.type === "cast" && event.message === "go") {
            return nextState(
              "b",
              0,
              { type: "stateTimeout", ms: 0, content: "zero" },
              { type: "nextEvent", event: { type: "internal", content: "inserted" } },
            );
          }
          return keepStateAndData();
        },
      });
      await sys.log(self, machine, 20);
      await sys.suspend(self, machine);
      for (const message of ["later", "go", "after"]) cast(self, machine, message);
      await sys.resume(self, machine);
      await pause(self);
      const events = (await sys.log(self, machine, "get")).filter(({ type }) => type === "in");
      expect(events.map((event) => Reflect.get(event, "message"))).toEqual([
        { type: "cast", message: "later" },
        { type: "cast", message: "go" },
        { type: "internal", content: "inserted" },
        { type: "cast", message: "later" },
        { type: "stateTimeout", content: "zero" },
        { type: "cast", message: "after" },
      ]);
    }),
  );

  it.each([
    ["junk", { badReturnFromStateFunction: "junk" }],
    [keepStateAndData("badact" as unknown as Action), { badActionFromStateFunction: "badact" }],
    [
      keepStateAndData({ type: "timeout", ms: Number.NaN }),
      { badActionFromStateFunction: { type: "timeout", ms: Number.NaN } },
    ],
  ])("T-STATEM-09 bad returns and actions end the machine (%#)", async (result, reason) => {
    await play(async (self) => {
      const machine = await begin(self, { on: () => result });
      self.send(machine, "go");
      expect(await endOf(self, machine)).toEqual(reason);
    })();
  });

  it(
    "STATEM-2 what is thrown counts as returned, an error ends the machine and is reported",
    play(async (self) => {
      const boom = new Error("boom");
      const machine = await begin(self, {
        on: (event, _state, data) => {
          if (event.type !== "call") return keepStateAndData();
          if (event.request === "throw") throw keepState("thrown", replyAction(event.from, "done"));
          if (event.request === "fail") throw boom;
          return keepState(data, replyAction(event.from, data));
        },
      });
      expect(await call(self, machine, "throw")).toBe("done");
      expect(await call(self, machine, "get")).toBe("thrown");
      logs.length = 0;
      expect((await callFailure(call(self, machine, "fail"))).reason).toBe(boom);
      expect(logs.map(({ event }) => event)).toEqual(["state_machine_terminate", "crash_report"]);
    }),
  );

  it(
    "T-STATEM-10 STATEM-9 stopAndReply answers, terminates, and ends",
    play(async (self) => {
      const machine = await begin(self, {
        on: (event) =>
          event.type === "call" ? stopAndReply({ shutdown: "bye" }, replyAction(event.from, "r")) : keepStateAndData(),
        terminate: (reason, state, data) => self.send(self.pid, { terminate: [reason, state, data] }),
      });
      const ref = self.monitor(machine);
      expect(await call(self, machine, "x")).toBe("r");
      expect(await next(self)).toEqual({ terminate: [{ shutdown: "bye" }, "a", 0] });
      expect(await next(self)).toMatchObject({ type: "DOWN", ref, reason: { shutdown: "bye" } });
    }),
  );

  it(
    "STATEM-9 a machine may take its time; a late reply reaches nobody",
    play(async (self) => {
      const machine = await begin(self, {
        on: (event, state) => {
          if (event.type === "call") {
            if (state === "open") return keepStateAndData(replyAction(event.from, "in"));
            return keepStateAndData({ type: "postpone" });
          }
          return nextState("open", 0);
        },
      });
      const waiting = callMachine(self, machine, "enter");
      expect((await callFailure(call(self, machine, "enter", 20))).reason).toBe("timeout");
      await self.sleep(10_000);
      cast(self, machine, "open");
      expect(await waiting).toBe("in");
      expect(await arrivals(self)).toEqual([]);
    }),
  );

  it(
    "T-STATEM-11 STATEM-11 sys sees state and data",
    play(async (self) => {
      const machine = await begin(self, { init: () => nextState("a", 5), on: () => keepStateAndData() });
      expect(await sys.getState(self, machine)).toEqual({ state: "a", data: 5 });
      const changed = await sys.replaceState(self, machine, (inside) => ({
        state: "z",
        data: Number(Reflect.get(Object(inside), "data")) + 1,
      }));
      expect(changed).toEqual({ state: "z", data: 6 });
      expect(await sys.getState(self, machine)).toEqual({ state: "z", data: 6 });
    }),
  );

  it(
    "T-STATEM-12 STATEM-10 what init may give",
    play(async (self) => {
      const script = (init: () => unknown): Script => ({
        init,
        on: (event) => {
          self.send(self.pid, event);
          return keepStateAndData();
        },
      });
      expect(
        await startFailure(
          begin(
            self,
            script(() => ignore),
          ),
        ),
      ).toBe("ignore");
      expect(
        await startFailure(
          begin(
            self,
            script(() => stopMachine("r")),
          ),
        ),
      ).toBe("r");
      expect(
        await startFailure(
          begin(
            self,
            script(() => "junk"),
          ),
        ),
      ).toEqual({ badReturnFromInit: "junk" });
      await begin(
        self,
        script(() =>
          nextState(
            "a",
            0,
            { type: "nextEvent", event: { type: "internal", content: "first" } },
            { type: "stateTimeout", ms: 20, content: "t" },
          ),
        ),
      );
      expect(await arrivals(self)).toEqual([
        { type: "internal", content: "first" },
        { type: "stateTimeout", content: "t" },
      ]);
    }),
  );
});
