import { remote } from "@otp/core";
import { describe, expect, it } from "vitest";

import { add, fail, leave, toss } from "../fixtures/rpc-functions.ts";
import { pair } from "../support/clusters.ts";

const after40 = remote(
  "test/rpc/after_40",
  (): Promise<string> =>
    new Promise((resolve) => {
      setTimeout(resolve, 40, "done");
    }),
);

const never = remote("test/rpc/never", (): Promise<never> => new Promise(() => undefined));

describe("the older calls", () => {
  it("T-RPC-01 outcomes", async () => {
    const [one, two] = await pair();
    const { classic } = one.rpc;
    expect(await classic.call(two.name, add, [1, 2])).toBe(3);
    expect(await classic.call(two.name, leave, ["oops"])).toEqual({ badrpc: { EXIT: "oops" } });
    expect(await classic.call(two.name, leave, ["normal"])).toEqual({ badrpc: { EXIT: "normal" } });
    expect(await classic.call(two.name, toss, [])).toBe("oops");
    expect(await classic.call(two.name, fail, [])).toMatchObject({
      badrpc: { EXIT: { name: "RangeError", message: "oops" } },
    });
    expect(await classic.call(two.name, never, [], 20)).toEqual({ badrpc: "timeout" });
    expect(await classic.call("nobody@host", add, [1, 2])).toEqual({ badrpc: "nodedown" });
  });

  it("RPC-2 multicall gives the results of those it has reached, and names the others", async () => {
    const [one, two] = await pair();
    expect(await one.rpc.classic.multicall([one.name, "nobody@host", two.name], add, [2, 3])).toEqual({
      results: [5, 5],
      badNodes: ["nobody@host"],
    });
    expect(await one.rpc.classic.multicall([two.name], leave, ["x"])).toEqual({
      results: [{ badrpc: { EXIT: "x" } }],
      badNodes: [],
    });
    expect(await one.rpc.classic.multicall([one.name, two.name], never, [], 20)).toEqual({
      results: [],
      badNodes: [one.name, two.name],
    });
  });

  it("T-RPC-02 async_call", async () => {
    const [one, two] = await pair();
    const { classic } = one.rpc;
    const key = classic.asyncCall(two.name, after40, []);
    expect(await classic.nbYield(key, 5)).toBe("timeout");
    expect(await classic.yield(key)).toBe("done");
    expect(await classic.nbYield(key)).toEqual({ value: "done" });
  });
});
