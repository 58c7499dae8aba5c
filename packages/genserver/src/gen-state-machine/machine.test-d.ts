import type { Process } from "@otp/core";
import { describe, expectTypeOf, test } from "vitest";

import type { From } from "../gen/from.ts";
import { call, cast } from "../gen-server/client.ts";
import type { Call } from "../gen-server/protocol.ts";
import { start } from "../gen-server/start.ts";
import { callMachine } from "./client.ts";
import { type MachineEvent, replyAction } from "./event.ts";
import { GenStateMachine, type MachineOutcome } from "./gen-state-machine.ts";
import { keepState, keepStateAndData, nextState } from "./result.ts";

type State = "locked" | "open";
interface Protocol {
  call: Call<"enter", "welcome" | "wrong", { code: string }> | Call<"count", number>;
  cast: { type: "push" };
}
type Event = MachineEvent<State, Protocol>;

class Door extends GenStateMachine<State, number, Protocol, { code: string }> {
  override readonly states = {
    locked: (_event: Event, data: number): MachineOutcome<State, number> => nextState("open", data),
    open: (_event: Event, data: number): MachineOutcome<State, number> => keepState(data + 1),
  };
  override init({ code }: { code: string }): MachineOutcome<State, number> {
    return nextState("locked", code.length);
  }
}

declare const self: Process;

describe("a state machine infers", () => {
  test("its start argument, and the replies of its requests", async () => {
    const door = await start(self, Door, { code: "1" });
    expectTypeOf(await call(self, door, { type: "enter", code: "1" })).toEqualTypeOf<"welcome" | "wrong">();
    expectTypeOf(await callMachine(self, door, { type: "count" })).toEqualTypeOf<number>();
    expectTypeOf(cast(self, door, { type: "push" })).toEqualTypeOf<"ok">();
    // @ts-expect-error the code is a text
    void start(self, Door, { code: 1 });
    // @ts-expect-error a start argument is needed
    void start(self, Door);
    // @ts-expect-error no such request
    void call(self, door, { type: "leave" });
    // @ts-expect-error the code is missing
    void callMachine(self, door, { type: "enter" });
    // @ts-expect-error no such cast
    cast(self, door, { type: "pull" });
  });

  test("what an event holds, from its type", () => {
    const look = (event: Event): void => {
      if (event.type === "cast") expectTypeOf(event.message).toEqualTypeOf<{ type: "push" }>();
      if (event.type === "enter") expectTypeOf(event.oldState).toEqualTypeOf<State>();
      if (event.type === "call" && event.request.type === "enter") expectTypeOf(event.request.code).toBeString();
      if (event.type === "genericTimeout") expectTypeOf(event.name).toBeUnknown();
    };
    expectTypeOf(look).toBeFunction();
  });
});

describe("a state machine refuses", () => {
  test("states and data that are not its own", () => {
    class Wrong extends GenStateMachine<State, number, Protocol> {
      // @ts-expect-error there is no state "ajar"
      override init(): MachineOutcome<"ajar", number> {
        return nextState("ajar", 0);
      }
      // @ts-expect-error the data is a number
      override handleEvent(): MachineOutcome<State, string> {
        return keepState("text");
      }
    }
    class Incomplete extends GenStateMachine<State, number, Protocol> {
      // @ts-expect-error a handler for "open" is missing
      override readonly states = { locked: (_event: Event, _data: number) => keepStateAndData() };
      override init(): MachineOutcome<State, number> {
        return nextState("locked", 0);
      }
    }
    expectTypeOf<InstanceType<typeof Wrong>>().toHaveProperty("init");
    expectTypeOf<InstanceType<typeof Incomplete>>().toHaveProperty("init");
  });

  test("replies and actions that make no sense", () => {
    const answer = (from: From<number>): void => {
      replyAction(from, 1);
      // @ts-expect-error the caller expects a number
      replyAction(from, "one");
    };
    // @ts-expect-error there is no such action
    keepStateAndData({ type: "explode" });
    // @ts-expect-error a timeout needs a time
    keepStateAndData({ type: "stateTimeout" });
    expectTypeOf(answer).toBeFunction();
  });
});
