import { StartError } from "@otp/core";
import { describe, expect, it } from "vitest";

import { nameOf } from "./start-node.ts";
import { describeError, describeExit, Failure, showValue, table } from "./print.ts";

describe("what the shell prints", () => {
  it("shows values, and cuts long lists", () => {
    expect(showValue({ a: "x" }, { colors: false })).toBe("{ a: 'x' }");
    expect(
      showValue(
        Array.from({ length: 60 }, () => 0),
        { colors: false },
      ),
    ).toContain("10 more items");
    expect(showValue("x", { colors: true })).toBe("\u001B[32m'x'\u001B[39m");
    expect(new Failure("** no", { colors: true }).text).toBe("\u001B[31m** no\u001B[39m");
  });

  it("names errors, thrown values and exits", () => {
    expect(describeError(new TypeError("no"))).toBe("** (TypeError) no");
    expect(describeError("ball")).toBe("** (throw) 'ball'");
    expect(describeError(new StartError("x", "not now"))).toBe("** (StartError) not now");
    expect(describeExit("#PID<0.1.0>", "noconnection")).toBe(
      "** (EXIT from #PID<0.1.0>) shell process exited with reason: no connection",
    );
    expect(describeExit("#PID<0.1.0>", new Error("boom"))).toContain("an exception was raised:\n    ** (Error) boom");
  });

  it("aligns tables", () => {
    expect(
      table([
        ["A", "B"],
        ["long", "x"],
      ]),
    ).toBe("A     B\nlong  x");
  });
});

describe("the node's name", () => {
  it("is completed by this host, or must be whole", () => {
    expect(nameOf({})).toBeUndefined();
    expect(nameOf({ sname: "one@box" })).toBe("one@box");
    expect(nameOf({ sname: "one" })).toMatch(/^one@[^.]+$/u);
    expect(nameOf({ name: "one@a.example" })).toBe("one@a.example");
    expect(() => nameOf({ name: "one" })).toThrow("--name takes a name with its host");
    expect(() => nameOf({ sname: "one@a.b" })).toThrow("--sname takes a host without dots");
  });
});
