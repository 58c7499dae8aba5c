import { describe, expect, it } from "vitest";

import { type Entry, faultsOf, missing, ownerFaults, type Record } from "./recorder.ts";

const up: Entry = { type: "up", node: "b" };
const down: Entry = { type: "down", node: "b", reason: "gone" };
const got = (first: number, last: number = first, epoch = 1, run = 7): Entry => ({
  type: "got",
  from: "b",
  run,
  epoch,
  first,
  last,
});
const record = (...entries: readonly Entry[]): Record => ({ node: "a", run: 1, entries, open: [] });

describe("the checks of a record", () => {
  it("have nothing to say about epochs of which the end is missing", () => {
    expect(faultsOf(record(up, got(0, 9), got(10), down, up, got(0, 3, 2), down, up, got(0, 0, 5)))).toEqual([]);
    expect(faultsOf(record(up, got(0, 9), down, up, got(0, 3, 1, 8)))).toEqual([]);
  });

  it.each([
    ["a gap", [up, got(0, 3), got(5)], "gap"],
    ["a missing beginning", [up, got(1)], "gap"],
    ["a message twice", [up, got(0, 3), got(3)], "again"],
    ["an old epoch after a new one", [up, got(0, 3, 2), got(4, 4, 1)], "after a later epoch"],
    [
      "an old incarnation after a new one",
      [up, got(0, 0, 1, 8), got(0, 0, 1, 9), got(1, 1, 1, 8)],
      "earlier incarnation",
    ],
    ["a message before nodeup", [got(0)], "outside"],
    ["a message after nodedown", [up, down, got(0)], "outside"],
    ["nodeup twice", [up, up], "nodeup of b twice"],
    ["nodedown twice", [up, down, down], "nodedown of b twice"],
    ["a DOWN twice", [up, tie("monitored"), end("DOWN"), end("DOWN")], "twice"],
    ["a nodedown before its DOWN", [up, tie("monitored"), down, end("DOWN")], "before the end"],
    ["an EXIT that does not come", [up, tie("linked"), down], "before the end"],
  ] satisfies readonly [string, readonly Entry[], string][])("see %s", (_what, entries, complaint) => {
    expect(faultsOf(record(...entries)).join("; ")).toContain(complaint);
  });

  it("know what has to arrive while an epoch stands", () => {
    const sender: Record = { node: "b", run: 7, entries: [], open: [{ to: "a", epoch: 2, sent: 4 }] };
    expect(missing([sender, record(up, got(0, 3, 2))])).toEqual([]);
    expect(missing([sender, record(up, got(0, 2, 2))])).toHaveLength(1);
    expect(missing([sender, record(up, got(0, 3, 1))])).toHaveLength(1);
    expect(missing([sender])).toHaveLength(1);
  });
});

describe("the check of owners", () => {
  const sees = (
    node: string,
    others: string,
    role: "owner" | "standby" | "claiming",
    owner: string | null,
  ): Record => ({
    node,
    run: 1,
    entries: [{ type: "role", role: "claiming", owner: null }, up, { type: "role", role, owner }],
    open: others.split("").map((to) => ({ to, epoch: 1, sent: 0 })),
  });

  it("wants one in each part of a cluster, whom the others stand by for", () => {
    const together = [sees("a", "bc", "standby", "b"), sees("b", "ac", "owner", "b"), sees("c", "ab", "standby", "b")];
    expect(ownerFaults(together)).toEqual([]);
    const apart = [sees("a", "", "owner", "a"), sees("b", "c", "owner", "b"), sees("c", "b", "standby", "b")];
    expect(ownerFaults(apart)).toEqual([]);
  });

  it.each([
    ["two", [sees("a", "b", "owner", "a"), sees("b", "a", "owner", "b")]],
    ["none", [sees("a", "b", "standby", "c"), sees("b", "a", "claiming", null)]],
    ["one that is followed by nobody", [sees("a", "b", "owner", "a"), sees("b", "a", "standby", "c")]],
    ["one that another is still claiming", [sees("a", "b", "owner", "a"), sees("b", "a", "claiming", null)]],
  ])("sees %s", (_what, records) => {
    expect(ownerFaults(records)).not.toEqual([]);
  });
});

function tie(type: "monitored" | "linked"): Entry {
  return { type, id: "1", node: "b" };
}

function end(type: "DOWN" | "EXIT"): Entry {
  return { type, id: "1", reason: "noconnection" };
}
