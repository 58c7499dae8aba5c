import { RemoteError, RemoteExceptionError, RemoteExitError, RemoteSignalError, remote, RpcError } from "@otp/core";
import { describe, expect, it } from "vitest";

import {
  add,
  closure,
  echo,
  fail,
  leave,
  shoot,
  slow,
  toss,
  trace,
  traces,
  whereAmI,
} from "../fixtures/rpc-functions.ts";
import { cluster, pair, inProcess, until } from "../support/clusters.ts";

const errorOf = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
};

describe("calls on other nodes", () => {
  it.each(["one@host", "two@host"])("T-ERPC-01 outcomes on %s", async (there) => {
    const [one] = await pair();
    const { rpc } = one;
    expect(await rpc.call(there, add, [1, 2], 5_000)).toBe(3);
    expect(await rpc.call(there, whereAmI, [], { pass: "self" })).toBe(there);
    const exception = await errorOf(rpc.call(there, fail, [], 5_000));
    expect(exception).toBeInstanceOf(RemoteExceptionError);
    expect(exception).toMatchObject({ kind: "exception", node: there, error: { name: "RangeError", message: "oops" } });
    expect((exception as RemoteExceptionError).error.stack).toContain("rpc-functions");
    const exit = await errorOf(rpc.call(there, leave, ["oops"], 5_000));
    expect(exit).toBeInstanceOf(RemoteExitError);
    expect(exit).toMatchObject({ kind: "exit", reason: { exception: "oops" } });
    expect(await errorOf(rpc.call(there, toss, [], 5_000))).toBe("oops");
    const signal = await errorOf(rpc.call(there, shoot, ["sig"], { pass: "self", timeoutMs: 5_000 }));
    expect(signal).toBeInstanceOf(RemoteSignalError);
    expect(signal).toBeInstanceOf(RemoteError);
    expect(signal).toMatchObject({ kind: "signal", reason: { signal: "sig" }, code: "remote" });
  });

  it("ERPC-1 uncaught, an exit there is the exit of the caller", async () => {
    const [one] = await pair();
    const reasons = await inProcess(one, async (self) => {
      const exits = self.spawnMonitor((other) => other.node.rpc.call("two@host", leave, ["oops"]));
      const errors = self.spawnMonitor((other) => other.node.rpc.call("two@host", fail, []));
      const first = await self.receive({ type: "DOWN", ref: exits.ref });
      return [first, await self.receive({ type: "DOWN", ref: errors.ref })];
    });
    expect(reasons[0]).toMatchObject({ reason: { exception: "oops" } });
    expect(reasons[1]).toMatchObject({ reason: { name: "RemoteExceptionError" } });
  });

  it("T-ERPC-02 transport errors", async () => {
    const world = await cluster();
    const [one, two] = await world.mesh("one@host", "two@host");
    if (one === undefined || two === undefined) throw new Error("no node");
    const { rpc } = one;
    const timeout = await errorOf(rpc.call(two.name, slow, [10_000], { pass: "self", timeoutMs: 20 }));
    expect(timeout).toBeInstanceOf(RpcError);
    expect(timeout).toMatchObject({ reason: { erpc: "timeout" }, failure: "timeout", node: two.name });
    expect(await errorOf(rpc.call("nobody@host", add, [1, 2]))).toMatchObject({ reason: { erpc: "noconnection" } });
    const halting = errorOf(rpc.call(two.name, slow, [10_000], { pass: "self" }));
    await rpc.call(two.name, add, [1, 1]);
    await two.stop();
    expect(await halting).toMatchObject({ reason: { erpc: "noconnection" } });
    const wrong: (() => Promise<unknown>)[] = [
      // @ts-expect-error: a node has a name
      () => rpc.call(17, add, [1, 2]),
      // @ts-expect-error: names are not called
      () => rpc.call(one.name, "add", [1, 2]),
      // @ts-expect-error: arguments are an array
      () => rpc.call(one.name, add, "12"),
      () => rpc.call(one.name, add, [1, 2], -1),
      () => rpc.call("two@host", (a: number) => a, [1]),
    ];
    for (const call of wrong) expect(await errorOf(call())).toMatchObject({ reason: { erpc: "badarg" } });
  });

  it("ERPC-1 a function that the other node does not know is an exception, undef", async () => {
    const [one] = await pair();
    const known = remote("test/rpc/known_here", () => 1);
    const [mark] = Object.getOwnPropertySymbols(known);
    if (mark === undefined) throw new Error("no mark");
    const unknown: typeof known = Object.assign(() => 1, known, { [mark]: { name: "test/rpc/unknown", bound: [] } });
    const error = await errorOf(one.rpc.call("two@host", unknown, []));
    expect(error).toMatchObject({ kind: "exception", error: { code: "undef" } });
  });

  it("ERPC-2 when the caller gives up, the process there ends and its signal fires", async () => {
    const [one, two] = await pair();
    const before = two.processes().length;
    traces.length = 0;
    await errorOf(one.rpc.call(two.name, slow, [10_000], { pass: "self", timeoutMs: 10 }));
    await until(() => traces.length === 1);
    const controller = new AbortController();
    const aborted = errorOf(one.rpc.call(two.name, slow, [10_000], { pass: "self", signal: controller.signal }));
    await until(() => two.processes().length === before + 1);
    controller.abort(new Error("no longer"));
    expect(await aborted).toMatchObject({ message: "no longer" });
    await until(() => traces.length === 2);
    // Of the caller who gives up and the deadline that has travelled with the call, whichever is first over there.
    expect(traces).toEqual([
      ["aborted", two.name, expect.stringMatching(/^(?:killed|timeout)$/u)],
      ["aborted", two.name, "killed"],
    ]);
    await until(() => two.processes().length === before);
    expect(await errorOf(one.rpc.call(two.name, add, [1, 2], { signal: controller.signal }))).toMatchObject({
      message: "no longer",
    });
  });

  it("ERPC-2 the deadline goes with the call, and ends it there when the connection is gone", async () => {
    const [one, two] = await pair();
    const before = two.processes().length;
    traces.length = 0;
    const call = errorOf(one.rpc.call(two.name, slow, [10_000], { pass: "self", timeoutMs: 60_000 }));
    await until(() => two.processes().length === before + 1);
    await one.disconnect(two.name);
    expect(await call).toMatchObject({ failure: "noconnection" });
    await until(() => traces.length === 1);
    expect(traces).toEqual([["aborted", two.name, "noconnection"]]);
  });

  it("ERPC-2 what cannot travel fails at the sender, or comes back as an exception", async () => {
    const [one] = await pair();
    await expect(one.rpc.call("two@host", echo, [() => 1])).rejects.toMatchObject({ code: "codec" });
    expect(await errorOf(one.rpc.call("two@host", closure, []))).toMatchObject({ error: { code: "codec" } });
    expect(one.check()).toEqual([]);
  });

  it("ERPC-2 a node may allow some functions only", async () => {
    const world = await cluster();
    const { node: one } = await world.start("one@host");
    const { node: two } = await world.start("two@host", { allowSpawn: ["test/rpc/add"] });
    expect(await one.rpc.call(two.name, add, [1, 2])).toBe(3);
    expect(await errorOf(one.rpc.call(two.name, echo, [1]))).toMatchObject({ reason: { erpc: "notsup" } });
    expect(one.processes().flatMap((pid) => one.info(pid, "links") ?? [])).toEqual([]);
    expect(one.check()).toEqual([]);
  });

  it("T-ERPC-03 multicall", async () => {
    const [one, two] = await pair();
    const nodes = [one.name, "nobody@host", two.name];
    expect(await one.rpc.multicall(nodes, toss, [])).toEqual([
      { type: "throw", value: "oops" },
      { type: "error", reason: { erpc: "noconnection" } },
      { type: "throw", value: "oops" },
    ]);
    expect(await one.rpc.multicall([two.name, one.name], whereAmI, [], { pass: "self" })).toEqual([
      { type: "ok", value: two.name },
      { type: "ok", value: one.name },
    ]);
    const began = one.monotonicTime();
    const late = await one.rpc.multicall([one.name, two.name], slow, [10_000], { pass: "self", timeoutMs: 30 });
    expect(late).toEqual(Array.from({ length: 2 }, () => ({ type: "error", reason: { erpc: "timeout" } })));
    expect(one.monotonicTime() - began).toBeLessThan(5_000);
    expect(await one.rpc.multicall([two.name], leave, ["x"])).toEqual([{ type: "exit", reason: { exception: "x" } }]);
    expect(await one.rpc.multicall([two.name], fail, [])).toMatchObject([
      { type: "error", reason: { exception: { message: "oops" } } },
    ]);
  });

  it("T-ERPC-04 cast", async () => {
    const [one, two] = await pair();
    traces.length = 0;
    expect(one.rpc.cast(one.name, trace, ["here"])).toBe("ok");
    expect(one.rpc.cast(two.name, trace, ["there"])).toBe("ok");
    expect(one.rpc.multicast([one.name, two.name], fail, [])).toBe("ok");
    await until(() => traces.length === 2);
    expect(one.rpc.cast("nobody@host", trace, ["nowhere"])).toBe("ok");
    // @ts-expect-error: names are not called
    expect(() => one.rpc.cast(one.name, "trace", [])).toThrow(expect.objectContaining({ reason: { erpc: "badarg" } }));
    expect(new Set(traces)).toEqual(new Set(["here", "there"]));
  });

  it("ERPC-4 a request is kept by wait, and given up by a receive that is too late", async () => {
    const [one, two] = await pair();
    const quick = one.rpc.sendRequest(two.name, add, [20, 22]);
    expect(await quick.receiveResponse(5_000)).toBe(42);
    const request = one.rpc.sendRequest(two.name, toss, []);
    expect(await errorOf(request.receiveResponse())).toBe("oops");
    const waits = one.rpc.sendRequest(two.name, echo, ["value"]);
    expect(await waits.checkResponse()).toBe("no_response");
    expect(await waits.waitResponse(5_000)).toEqual({ response: "value" });
    const late = one.rpc.sendRequest(two.name, sleepy, [10_000]);
    expect(await late.waitResponse(5)).toBe("no_response");
    expect(await errorOf(late.receiveResponse(5))).toMatchObject({ failure: "timeout" });
  });

  it("ERPC-2 late answers, and the ends of calls, leave nothing behind", async () => {
    const [one, two] = await pair();
    await one.rpc.call(two.name, add, [1, 1]);
    const before = [one, two].map((node) => node.processes().length);
    const calls = Array.from({ length: 100 }, (_, i) =>
      (i % 2 === 0 ? one.rpc.call(two.name, add, [1, i], 5_000) : one.rpc.call(two.name, sleepy, [10_000], 50)).catch(
        () => "failed",
      ),
    );
    const results = await Promise.all(calls);
    expect(results.filter((result) => result === "failed")).toHaveLength(50);
    await until(() => [one, two].every((node, at) => node.processes().length === before[at]));
    expect([one, two].flatMap((node) => node.check())).toEqual([]);
  });
});

const sleepy = remote(
  "test/rpc/sleepy",
  (ms: number): Promise<number> =>
    new Promise((resolve) => {
      setTimeout(() => resolve(ms), ms).unref();
    }),
);
