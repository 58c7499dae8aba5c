/** Chapter 15: states that are entered. */
import { type Process } from "@otp/core";
import {
  call,
  type Call,
  cast,
  GenStateMachine,
  keepState,
  keepStateAndData,
  type MachineEvent,
  nextState,
  repeatState,
  repeatStateAndData,
  replyAction,
  startLink,
  stop,
  sys,
} from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { keptLog, type LogLine } from "./behaviour.ts";
import { begin, Scripted } from "./scripted.ts";
import { arrivals, endOf, next, pause, play as playScene } from "./world.ts";

const logs: LogLine[] = [];
const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog(logs) });

describe("states that are entered", () => {
  it(
    "T-STATEM-08 STATEM-8 entering a state is an event",
    play(async (self) => {
      const machine = await begin(self, {
        stateEnter: true,
        on: (event, state) => {
          if (event.type === "enter") {
            self.send(self.pid, [event.oldState, state]);
            return keepStateAndData();
          }
          if (event.type !== "cast") return keepStateAndData();
          return event.message === "again" ? repeatStateAndData() : nextState(event.message, 0);
        },
      });
      cast(self, machine, "b");
      cast(self, machine, "b");
      cast(self, machine, "again");
      expect(await arrivals(self)).toEqual([
        ["a", "a"],
        ["a", "b"],
        ["b", "b"],
      ]);
    }),
  );

  it.each([
    [nextState("elsewhere", 0), "badStateEnterReturnFromStateFunction", expect.anything()],
    [keepStateAndData({ type: "postpone" }), "badStateEnterActionFromStateFunction", { type: "postpone" }],
  ])("STATEM-8 entering may neither move nor postpone (%#)", async (result, field, value) => {
    await play(async (self) => {
      const machine = await begin(self, {
        stateEnter: true,
        on: (event, state) =>
          event.type === "enter" ? (state === "b" ? result : keepStateAndData()) : nextState("b", 0),
      });
      cast(self, machine, "go");
      expect(await endOf(self, machine)).toEqual({ [field]: value });
    })();
  });

  it(
    "STATEM-1 STATEM-3 handlers by state; a state is compared deeply; callbacks may be asynchronous",
    play(async (self) => {
      class Light extends GenStateMachine<"red" | "green", number, { cast: "next"; call: Call<"where", unknown> }> {
        override readonly states = {
          red: async (
            event: MachineEvent<"red" | "green", { cast: "next"; call: Call<"where", unknown> }>,
            changes: number,
          ) => {
            await this.self.sleep(5);
            if (event.type === "call") return keepState(changes, replyAction(event.from, ["red", changes]));
            return nextState<"red" | "green", number>("green", changes + 1);
          },
          green: (
            event: MachineEvent<"red" | "green", { cast: "next"; call: Call<"where", unknown> }>,
            changes: number,
          ) => {
            if (event.type === "call") return keepState(changes, replyAction(event.from, ["green", changes]));
            return nextState<"red" | "green", number>("red", changes + 1);
          },
        };
        override init() {
          return nextState<"red" | "green", number>("red", 0);
        }
      }
      const light = await startLink(self, Light, undefined, { name: "light" });
      for (let i = 0; i < 3; i += 1) cast(self, light, "next");
      expect(await call(self, light, { type: "where" })).toEqual(["green", 3]);
      expect(Light.childSpec()).toMatchObject({ id: "Light" });
      expect(await stop(self, light)).toBe("ok");

      const deep = await begin(self, {
        stateEnter: true,
        init: () => nextState({ at: [1] }, 0),
        on: (event) => {
          if (event.type === "enter") self.send(self.pid, "entered");
          return event.type === "cast" ? nextState({ at: [event.message] }, 0) : keepStateAndData();
        },
      });
      cast(self, deep, 1);
      cast(self, deep, 2);
      expect(await arrivals(self)).toEqual(["entered", "entered"]);
    }),
  );

  it(
    "GS-14 GS-15 the parent's exit ends a machine that traps exits, after terminate",
    play(async (self) => {
      const { pid } = self.spawnMonitor(async (parent: Process) => {
        await startLink(
          parent,
          Scripted,
          {
            on: () => repeatState(1),
            init: () => nextState("a", 0),
            terminate: (reason) => self.send(self.pid, { terminate: reason }),
          },
          { name: "child" },
        );
        await parent.receive();
      });
      await pause(self);
      const child = self.whereis("child");
      if (child === undefined) throw new Error("no child");
      await sys.replaceState(self, child, (inside) => inside);
      self.send(child, "anything");
      self.sendExit(pid, "gone");
      const ref = self.monitor(child);
      expect(await next(self)).toMatchObject({ type: "DOWN" });
      expect(await next(self)).toMatchObject({ type: "DOWN", ref });
    }),
  );
});
