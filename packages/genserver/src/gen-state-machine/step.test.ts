import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Action, MachineEvent } from "./event.ts";
import { keepState, nextState } from "./result.ts";
import { type Position, takeStep } from "./step.ts";

/** What a naive machine does with numbered casts: handles those that its state does not postpone, in gen_statem's order. */
function naive(plan: Plan): number[] {
  const handled: number[] = [];
  let state = 0;
  let postponed: number[] = [];
  const queue: number[] = [];
  for (const arriving of plan.casts.keys()) {
    queue.push(arriving);
    for (let cast = queue.shift(); cast !== undefined; cast = queue.shift()) {
      const { moves, waitsIn } = plan.casts[cast] ?? { moves: 0, waitsIn: undefined };
      if (waitsIn === state) {
        postponed.push(cast);
        continue;
      }
      handled.push(cast);
      const next = (state + moves) % 3;
      if (next === state) continue;
      state = next;
      queue.unshift(...postponed);
      postponed = [];
    }
  }
  return handled;
}

interface Plan {
  readonly casts: readonly { readonly moves: number; readonly waitsIn: number | undefined }[];
}

/** The same by `takeStep`. */
function stepped(plan: Plan): number[] {
  const handled: number[] = [];
  let position: Position = { state: 0, data: undefined, queue: [], postponed: [] };
  const handle = (event: MachineEvent): void => {
    const cast = event.type === "cast" ? Number(event.message) : -1;
    const { moves, waitsIn } = plan.casts[cast] ?? { moves: 0, waitsIn: undefined };
    const state = Number(position.state);
    const postpone: Action = { type: "postpone" };
    const waits = waitsIn === state;
    if (!waits) handled.push(cast);
    const result = waits ? keepState(undefined, postpone) : nextState((state + moves) % 3, undefined);
    const step = takeStep(position, result, { event, entersStates: false });
    if (step.kind === "go") position = step.position;
  };
  for (const cast of plan.casts.keys()) {
    handle({ type: "cast", message: cast });
    for (let [event, ...queue] = position.queue; event !== undefined; [event, ...queue] = position.queue) {
      position = { ...position, queue };
      handle(event);
    }
  }
  return handled;
}

describe("a step", () => {
  it("STATEM-3 STATEM-4 postpones and retries as a naive machine does", () => {
    const cast = fc.record({
      moves: fc.integer({ min: 0, max: 2 }),
      waitsIn: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.record({ casts: fc.array(cast, { maxLength: 20 }) }), (plan) => {
        expect(stepped(plan)).toEqual(naive(plan));
      }),
      { numRuns: 500 },
    );
  });

  it("STATEM-8 tells of entered states only where they are wanted", () => {
    const position: Position = { state: "a", data: 0, queue: [], postponed: [] };
    const event: MachineEvent = { type: "cast", message: 1 };
    const quiet = takeStep(position, nextState("b", 1), { event, entersStates: false });
    expect(quiet).toMatchObject({ kind: "go", effects: [{ type: "leave" }] });
    const told = takeStep(position, nextState("b", 1), { event, entersStates: true });
    expect(told).toMatchObject({ kind: "go", effects: [{ type: "leave" }, { type: "enter", oldState: "a" }] });
  });
});
