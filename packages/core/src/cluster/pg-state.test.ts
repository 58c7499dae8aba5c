import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { IdentityTable } from "../term/identity.ts";
import type { Pid } from "../term/pid.ts";
import { type GroupChange, ScopeState } from "./pg-state.ts";

const table = new IdentityTable("a@host", 4);
const pids = Array.from({ length: 4 }, (_, number) => table.own.pid(number + 1));
const pidAt = (at: number): Pid => pids[at % pids.length] ?? table.own.pid(1);

const step = fc.record({
  kind: fc.constantFrom("join", "leave", "end", "sync"),
  group: fc.constantFrom("x", "y"),
  members: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }),
});

const count = (members: readonly Pid[]): string => JSON.stringify(members.map(String).toSorted());

describe("the groups of a scope", () => {
  it("PG-4 are the same on a node that is told of every change, and on one that is told all at once", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const here = new ScopeState();
        const there = new ScopeState();
        for (const { kind, group, members } of steps) {
          const mentioned = members.map(pidAt);
          let told: readonly GroupChange[] = [];
          if (kind === "join") told = here.join({ key: group, group, pids: mentioned });
          else if (kind === "leave") told = here.leave(group, mentioned);
          else if (kind === "end") told = here.ended(pidAt(members[0] ?? 0));
          else {
            there.replace("a@host", []);
            there.replace("a@host", here.localGroups());
          }
          for (const change of told) there.changed("a@host", change);
          for (const key of ["x", "y"]) expect(count(there.members(key))).toBe(count(here.localMembers(key)));
          expect(there.groups().length).toBe(here.groups().length);
          for (const pid of pids) {
            expect(here.isLocalMember(pid)).toBe(["x", "y"].some((key) => here.members(key).includes(pid)));
          }
        }
      }),
    );
  });

  it("PG-1 count a process once per mention", () => {
    const state = new ScopeState();
    const [p, q] = [pidAt(0), pidAt(1)];
    state.join({ key: "g", group: "g", pids: [p, p, q] });
    expect(state.leave("g", [p, p, p])).toEqual([{ type: "leave", key: "g", group: "g", pids: [p, p] }]);
    expect(state.members("g")).toEqual([q]);
    expect(state.leave("g", [p])).toEqual([]);
  });

  it("PG-6 tell only the difference when two nodes meet again", () => {
    const state = new ScopeState();
    const [p, q, r] = [pidAt(0), pidAt(1), pidAt(2)];
    state.replace("b@host", [{ key: "g", group: "g", pids: [p, p, q] }]);
    expect(state.replace("b@host", [{ key: "g", group: "g", pids: [p, r] }])).toEqual([
      { type: "leave", key: "g", group: "g", pids: [p, q] },
      { type: "join", key: "g", group: "g", pids: [r] },
    ]);
  });
});
