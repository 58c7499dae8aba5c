import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { IdentityTable } from "../term/identity.ts";
import { Pid } from "../term/pid.ts";
import { LinkTable } from "./link-table.ts";

const { own } = new IdentityTable("a@b", 5);
const pids = Array.from({ length: 4 }, (_, at) => new Pid(own, at));
const pid = fc.constantFrom(...pids);

describe("links of a process", () => {
  it("are what a map would hold, in its order", () => {
    const step = fc.oneof(
      fc.tuple(fc.constant("set"), pid, fc.nat(2)),
      fc.tuple(fc.constant("delete"), pid, fc.nat(0)),
    );
    fc.assert(
      fc.property(pid, fc.array(step), (first, steps) => {
        const table = new LinkTable(first, 0);
        const map = new Map([[first, 0]]);
        for (const [what, which, state] of steps) {
          if (what === "delete") expect(table.delete(which)).toBe(map.delete(which));
          else {
            table.set(which, state);
            map.set(which, state);
          }
          expect([...table]).toEqual([...map]);
          for (const each of pids) expect([table.has(each), table.get(each)]).toEqual([map.has(each), map.get(each)]);
        }
      }),
    );
  });
});
