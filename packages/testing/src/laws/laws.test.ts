/** Each law finds its breach, and no other. */
import { describe, expect, it } from "vitest";

import type { Happening, TraceEvent } from "../simulation/trace.ts";
import { checkLaws } from "./laws.ts";

const traced = (...happenings: readonly Happening[]): TraceEvent[] =>
  happenings.map((happening, at) => Object.assign({ at, node: "a" }, happening));

const send = (message: string): Happening => ({ kind: "send", from: "a.1", to: "a.2", message });
const deliver = (message: string): Happening => ({ kind: "deliver", to: "a.2", message });
const down: Happening = { kind: "down", to: "a.2", ref: "r1", object: "a.1", reason: "'normal'" };
const exit: Happening = { kind: "exit", pid: "a.1", reason: "'normal'" };
const watch: Happening = { kind: "monitor", pid: "a.2", ref: "r1", object: "a.1" };

const breaches: readonly (readonly [string, readonly Happening[]])[] = [
  ["K2", [send("m1"), send("m2"), deliver("m2"), deliver("m1")]],
  ["D1", [send("m1"), deliver("m1"), deliver("m1")]],
  ["K5", [watch, exit, down, down]],
  ["K5", [watch, { kind: "demonitor", pid: "a.2", ref: "r1", isFlushed: true }, down]],
  ["K9", [watch, exit]],
  ["K9", [exit, exit]],
  ["K3", [send("m1"), watch, exit, down, deliver("m1")]],
  ["K7", [{ kind: "register", name: "n", pid: "a.1" }, watch, exit, down, { kind: "release", name: "n", pid: "a.1" }]],
  [
    "K7",
    [
      { kind: "register", name: "n", pid: "a.1" },
      { kind: "register", name: "n", pid: "a.2" },
    ],
  ],
  ["K8", [{ kind: "signal", to: "a.1", from: "a.2", reason: "'kill'", isFromLink: false }]],
];

describe("the laws", () => {
  it.each(breaches)("find a breach of %s", (law, happenings) => {
    expect(checkLaws(traced(...happenings)).map((line) => line.slice(0, 2))).toEqual([law]);
  });

  it("find nothing in what is in order", () => {
    expect(checkLaws(traced(send("m1"), send("m2"), deliver("m1"), watch, deliver("m2"), exit, down))).toEqual([]);
  });
});
