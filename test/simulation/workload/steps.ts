/** What may happen in a workload of processes: a program of steps, drawn from a seed. */
import fc from "fast-check";

import { drawn } from "./drawn.ts";

/** What processes end with. */
const reasons = ["normal", "shutdown", "kill", "boom"] as const;

const who = fc.nat(4);
const reason = fc.constantFrom(...reasons);
const pair = { who, whom: who };

const deed = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      ...pair,
      mark: fc.option(fc.nat(1)),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("link" as const), ...pair }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("unlink" as const), ...pair }) },
  // A link is removed while the other side does something about it: the two cross on the way (LINK-3, LINK-4).
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("cross" as const),
      ...pair,
      other: fc.constantFrom("relink" as const, "exit" as const, "unlink" as const),
      ms: fc.nat(3),
    }),
  },
  // A monitor is removed when its DOWN has come and was not read yet (MON-7).
  { weight: 1, arbitrary: fc.record({ do: fc.constant("flush" as const), ...pair, flush: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("monitor" as const), ...pair }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("demonitor" as const), who, flush: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("exit" as const), who, reason }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("sendExit" as const), ...pair, reason }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("trap" as const), who, on: fc.boolean() }) },
  // The last words of a process and its end, watched: nothing may come after the DOWN (SIG-1).
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lastWords" as const), ...pair, reason }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("doomed" as const), ...pair, isLinked: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("timer" as const),
      who,
      ms: fc.nat(300),
      cancelAfter: fc.option(fc.nat(300)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("await" as const),
      who,
      mark: fc.nat(1),
      ms: fc.nat(200),
      isClose: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("call" as const), ...pair, ms: fc.constantFrom(1, 30, 20_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("alias" as const),
      ...pair,
      mode: fc.constantFrom("replyDemonitor" as const, "demonitor" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("register" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(60) }) },
);

const fault = fc.record({
  do: fc.constant("cut" as const),
  node: fc.nat(2),
  oneWay: fc.boolean(),
  ms: fc.constantFrom(300, 3_000),
});

type Drawn<Of> = Of extends fc.Arbitrary<infer Value> ? Value : never;

/** One step. */
export type Step = Drawn<typeof deed> | Drawn<typeof fault>;

/** The step of one kind. */
export type StepOf<Do extends Step["do"]> = Extract<Step, { readonly do: Do }>;

/** A workload: what happens, and whether the network may fail meanwhile. */
export interface Program {
  readonly isCalm: boolean;
  readonly steps: readonly Step[];
}

const programs: fc.Arbitrary<Program> = fc.oneof(
  fc.record({ isCalm: fc.constant(true), steps: fc.array(deed, { minLength: 20, maxLength: 40, size: "max" }) }),
  fc.record({
    isCalm: fc.constant(false),
    steps: fc.array(fc.oneof({ weight: 12, arbitrary: deed }, { weight: 1, arbitrary: fault }), {
      minLength: 20,
      maxLength: 40,
      size: "max",
    }),
  }),
);

/** The program of a seed. */
export function programOf(seed: number): Program {
  return drawn(programs, seed);
}
