/** Chapter 15: timeouts of a state machine. */
import { type Pid, type Process } from "@otp/core";
import { type Action, cast, keepState, keepStateAndData, nextState } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import { keptLog, type LogLine } from "./behaviour.ts";
import { begin } from "./scripted.ts";
import { arrivals, play as playScene } from "./world.ts";

const logs: LogLine[] = [];
const play = (scene: Parameters<typeof playScene>[0]) => () =>
  playScene(scene, { isolation: "share", logger: keptLog(logs) });

describe("timeouts of a state machine", () => {
  /** A machine that does the actions it is cast, and tells of every timeout. */
  const timed = (self: Process): Promise<Pid> =>
    begin(self, {
      on: (event, state, data) => {
        if (event.type === "cast") {
          const [to, ...actions] = event.message as [unknown, ...Action[]];
          return to === "keep" ? keepState(Number(data) + 1, ...actions) : nextState(to, data, ...actions);
        }
        self.send(self.pid, { event, state, at: self.node.monotonicTime() });
        return keepStateAndData();
      },
    });

  it(
    "T-STATEM-05 STATEM-6 any event cancels the event timeout",
    play(async (self) => {
      const machine = await timed(self);
      cast(self, machine, ["keep", { type: "timeout", ms: 30, content: "ev" }]);
      await self.sleep(10);
      cast(self, machine, ["keep"]);
      expect(await arrivals(self)).toEqual([]);
      cast(self, machine, ["keep", { type: "timeout", ms: 30, content: "ev" }]);
      expect(await arrivals(self)).toMatchObject([{ event: { type: "timeout", content: "ev" } }]);
    }),
  );

  it(
    "T-STATEM-06 STATEM-6 a change of state cancels the state timeout, and nothing else does",
    play(async (self) => {
      const machine = await timed(self);
      const set: Action = { type: "stateTimeout", ms: 30, content: "st" };
      cast(self, machine, ["b", set]);
      await self.sleep(10);
      cast(self, machine, ["c"]);
      expect(await arrivals(self)).toEqual([]);
      cast(self, machine, ["d", set]);
      await self.sleep(10);
      cast(self, machine, ["d"]);
      expect(await arrivals(self)).toMatchObject([{ event: { type: "stateTimeout", content: "st" } }]);
      cast(self, machine, ["keep", set]);
      await self.sleep(10);
      cast(self, machine, ["keep"]);
      expect(await arrivals(self)).toHaveLength(1);
    }),
  );

  it(
    "STATEM-6 STATEM-7 generic timeouts survive everything, restart by name, and can be cancelled or absolute",
    play(async (self) => {
      const machine = await timed(self);
      const since = self.node.monotonicTime();
      cast(self, machine, [
        "b",
        { type: "genericTimeout", name: "x", ms: 10, content: 1 },
        { type: "genericTimeout", name: "y", ms: 20, content: 2 },
        { type: "genericTimeout", name: "z", ms: 20, content: 3 },
      ]);
      cast(self, machine, ["c", { type: "genericTimeout", name: "x", ms: 30, content: 4 }]);
      cast(self, machine, ["d", { type: "genericTimeout", name: "z", ms: "cancel" }]);
      cast(self, machine, ["d", { type: "genericTimeout", name: "w", ms: since + 50, abs: true, content: 5 }]);
      const told = (await arrivals(self)) as { readonly event: unknown; readonly at: number }[];
      expect(told.map(({ event }) => event)).toEqual([
        { type: "genericTimeout", name: "y", content: 2 },
        { type: "genericTimeout", name: "x", content: 4 },
        { type: "genericTimeout", name: "w", content: 5 },
      ]);
      expect(told.map(({ at }) => Math.round(at - since))).toEqual([20, 30, 50]);
    }),
  );

  it(
    "T-STATEM-07 STATEM-7 an update changes the content only",
    play(async (self) => {
      const machine = await timed(self);
      const since = self.node.monotonicTime();
      cast(self, machine, ["b", { type: "stateTimeout", ms: 30, content: 1 }]);
      await self.sleep(20);
      cast(self, machine, ["keep", { type: "stateTimeout", ms: "update", content: 2 }]);
      const told = (await arrivals(self)) as { readonly event: unknown; readonly at: number }[];
      expect(told).toMatchObject([{ event: { type: "stateTimeout", content: 2 } }]);
      expect(Math.round((told[0]?.at ?? 0) - since)).toBe(30);
    }),
  );
});
