import { describe, expect, it } from "vitest";

import { isOverlapMessage } from "./overlap-messages.ts";

const lost = {
  type: "lost",
  by: "a@host",
  creation: 4,
  serial: 1,
  nodes: [
    ["b@host", 5],
    ["c@host", null],
  ],
};

describe("messages about overlapping partitions", () => {
  it("are known by their shape", () => {
    for (const message of [lost, { ...lost, nodes: [] }, { type: "remove" }, { type: "removed" }]) {
      expect(isOverlapMessage(message)).toBe(true);
    }
  });

  it.each([
    undefined,
    null,
    "lost",
    { type: "constructor" },
    { ...lost, by: 1 },
    { ...lost, by: "x".repeat(256) },
    { ...lost, creation: -1 },
    { ...lost, serial: 1.5 },
    { ...lost, serial: Number.MAX_VALUE },
    { ...lost, nodes: "b@host" },
    { ...lost, nodes: ["b@host"] },
    { ...lost, nodes: [["b@host"]] },
    { ...lost, nodes: [["b@host", "5"]] },
    { ...lost, nodes: [[Symbol.iterator, 5]] },
    { ...lost, nodes: Array.from({ length: 10_001 }, () => ["b@host", 5]) },
  ])("and nothing else is: %#", (message) => {
    expect(isOverlapMessage(message)).toBe(false);
  });
});
