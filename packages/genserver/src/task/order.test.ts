/** The order of a task, as `docs/services.md` describes it. */
import { readFileSync } from "node:fs";
import { ArgumentError, Node, remote } from "@otp/core";
import { describe, expect, it } from "vitest";

import { checkOrder, orderFrom } from "./order.ts";

const page = readFileSync(new URL("../../../../docs/services.md", import.meta.url), "utf8");
const run = remote("task-order/run", () => 1);

describe("the order of a task", () => {
  it("has the fields that the description names, and none may be missing", async () => {
    const [, fields = ""] = /`otp\/task\/run` with one argument, `\{ (.*?) \}`/u.exec(page) ?? [];
    const node = await Node.start();
    const order = orderFrom(node, { fn: run, args: [], isHeld: false });
    expect(fields.split(", ")).toEqual(Object.keys(order));
    expect(checkOrder(order)).toBe(order);
    for (const field of Object.keys(order)) {
      const { [field]: _missing, ...rest } = Object.fromEntries(Object.entries(order));
      expect(() => checkOrder(rest)).toThrow(ArgumentError);
    }
    await node.stop();
  });
});
