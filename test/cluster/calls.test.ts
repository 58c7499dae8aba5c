/** The cases of ERPC and RPC, and of NODE with servers, between two operating-system processes over NATS. */
import { type Node, RemoteExceptionError, RemoteExitError, RemoteSignalError, remote, RpcError } from "@otp/core";
import { call, multiCall, stop } from "@otp/genserver";
import { describe, expect, it } from "vitest";

import {
  add,
  closure,
  echo,
  fail,
  leave,
  never,
  shoot,
  sleeps,
  toss,
  trace,
  traced,
  whereAmI,
} from "../fixtures/rpc-functions.ts";
import { exitsHej, serves, tellsAbort } from "../fixtures/service-functions.ts";
import { inProcess, until } from "../support/clusters.ts";
import { patience } from "../support/fire.ts";
import { mediumOf, type Other } from "../support/media.ts";

const pass = { pass: "self" } as const;

const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no failure",
    (error: unknown) => error,
  );

describe("calls between two OS processes", patience, () => {
  const open = mediumOf("NATS between two processes");

  async function pair(): Promise<{ one: Node; two: Other }> {
    const scene = open();
    const [{ node: one }, two] = [await scene.near("one@host"), await scene.far("two@host")];
    expect(await one.connect(two.name)).toBe(true);
    return { one, two };
  }

  it("T-ERPC-01 outcomes", async () => {
    const { one, two } = await pair();
    const { rpc } = one;
    expect(await rpc.call(two.name, add, [1, 2], 60_000)).toBe(3);
    expect(await rpc.call(two.name, whereAmI, [], pass)).toBe(two.name);
    const exception = await errorOf(rpc.call(two.name, fail, []));
    expect(exception).toBeInstanceOf(RemoteExceptionError);
    expect(exception).toMatchObject({ kind: "exception", error: { name: "RangeError", message: "oops" } });
    const exit = await errorOf(rpc.call(two.name, leave, ["oops"]));
    expect(exit).toBeInstanceOf(RemoteExitError);
    expect(exit).toMatchObject({ reason: { exception: "oops" } });
    expect(await errorOf(rpc.call(two.name, toss, []))).toBe("oops");
    const signal = await errorOf(rpc.call(two.name, shoot, ["sig"], pass));
    expect(signal).toBeInstanceOf(RemoteSignalError);
    expect(signal).toMatchObject({ reason: { signal: "sig" } });
    expect(await errorOf(rpc.call(two.name, closure, []))).toMatchObject({ kind: "exception" });
    const unknown = remote("service/only-here", () => 1);
    expect(await errorOf(rpc.call(two.name, unknown, []))).toMatchObject({ error: { code: "undef" } });
  });

  it("T-ERPC-02 transport errors", async () => {
    const { one, two } = await pair();
    const { rpc } = one;
    const timeout = await errorOf(rpc.call(two.name, sleeps, [600_000], { ...pass, timeoutMs: 20 }));
    expect(timeout).toBeInstanceOf(RpcError);
    expect(timeout).toMatchObject({ reason: { erpc: "timeout" } });
    expect(await errorOf(rpc.call("nobody@host", add, [1, 2]))).toMatchObject({ reason: { erpc: "noconnection" } });
    // @ts-expect-error: arguments are an array
    expect(await errorOf(rpc.call(two.name, add, "12"))).toMatchObject({ reason: { erpc: "badarg" } });
    const halting = errorOf(rpc.call(two.name, sleeps, [600_000], pass));
    await rpc.call(two.name, add, [1, 1]);
    await two.stop();
    expect(await halting).toMatchObject({ reason: { erpc: "noconnection" } });
  });

  it("ERPC-2 JS-9 when the caller dies the work there is cancelled: its abort signal fires", async () => {
    const { one, two } = await pair();
    const reasons = await inProcess(one, async (self) => {
      const told: unknown[] = [];
      for (const end of ["killed", "gave up"] as const) {
        const ref = self.makeRef();
        const { pid } = self.spawnMonitor(async (caller) => {
          const controller = new AbortController();
          const signal = AbortSignal.any([caller.signal, controller.signal]);
          const asked = one.rpc.call(two.name, tellsAbort, [self.pid, ref], { ...pass, signal }).catch(() => undefined);
          if (end === "gave up") {
            await caller.receive();
            controller.abort();
          }
          await asked;
        });
        await self.receive({ type: "begun", ref });
        if (end === "killed") self.sendExit(pid, "kill");
        else self.send(pid, "enough");
        const { reason } = await self.receive({ type: "aborted", ref });
        told.push(reason);
      }
      return told;
    });
    expect(reasons).toEqual(["killed", "killed"]);
  });

  it("T-ERPC-03 multicall", async () => {
    const { one, two } = await pair();
    expect(await one.rpc.multicall([one.name, "nobody@host", two.name], toss, [])).toEqual([
      { type: "throw", value: "oops" },
      { type: "error", reason: { erpc: "noconnection" } },
      { type: "throw", value: "oops" },
    ]);
    expect(await one.rpc.multicall([two.name, one.name], whereAmI, [], pass)).toEqual([
      { type: "ok", value: two.name },
      { type: "ok", value: one.name },
    ]);
    const late = await one.rpc.multicall([one.name, two.name], sleeps, [600_000], { ...pass, timeoutMs: 30 });
    expect(late).toEqual(Array.from({ length: 2 }, () => ({ type: "error", reason: { erpc: "timeout" } })));
  });

  it("T-ERPC-04 cast", async () => {
    const { one, two } = await pair();
    expect(one.rpc.cast(two.name, trace, ["cast"])).toBe("ok");
    await until(async () => (await one.rpc.call(two.name, traced, [])).includes("cast"));
    expect(one.rpc.cast("nobody@host", add, [1, 2])).toBe("ok");
    // @ts-expect-error: names are not called
    expect(() => one.rpc.cast(two.name, "add", [])).toThrow(expect.objectContaining({ reason: { erpc: "badarg" } }));
    const quick = one.rpc.sendRequest(two.name, echo, ["value"]);
    expect(await quick.receiveResponse()).toBe("value");
  });

  it("T-RPC-01 outcomes of the older calls", async () => {
    const { one, two } = await pair();
    const { classic } = one.rpc;
    expect(await classic.call(two.name, add, [1, 2])).toBe(3);
    expect(await classic.call(two.name, leave, ["oops"])).toEqual({ badrpc: { EXIT: "oops" } });
    expect(await classic.call(two.name, leave, ["normal"])).toEqual({ badrpc: { EXIT: "normal" } });
    expect(await classic.call(two.name, toss, [])).toBe("oops");
    expect(await classic.call(two.name, fail, [])).toMatchObject({ badrpc: { EXIT: { message: "oops" } } });
    expect(await classic.call(two.name, never, [], 20)).toEqual({ badrpc: "timeout" });
    expect(await classic.call("nobody@host", add, [1, 2])).toEqual({ badrpc: "nodedown" });
  });

  it("T-RPC-02 async_call", async () => {
    const { one, two } = await pair();
    const { classic } = one.rpc;
    const open_ = classic.asyncCall(two.name, never, []);
    expect(await classic.nbYield(open_, 5)).toBe("timeout");
    const key = classic.asyncCall(two.name, add, [20, 22]);
    expect(await classic.yield(key)).toBe(42);
    expect(await classic.nbYield(key)).toEqual({ value: 42 });
  });

  it("T-NODE-17 spawn_request", async () => {
    const { one, two } = await pair();
    const heard = await inProcess(one, async (self) => {
      self.trapExit = true;
      const wishes = { node: two.name, monitor: true, link: true, replyTag: "tg" };
      const ref = self.spawnRequest(wishes, exitsHej);
      return { ref, all: [await self.receive(), await self.receive(), await self.receive()] };
    });
    const { ref } = heard;
    const [reply, ...ends] = heard.all;
    expect(reply).toMatchObject({ type: "tg", ref, result: "ok", pid: { node: two.name } });
    const pid: unknown = typeof reply === "object" && reply !== null ? Reflect.get(reply, "pid") : undefined;
    expect(ends).toContainEqual({ type: "DOWN", ref, object: pid, reason: "hej" });
    expect(ends).toContainEqual({ type: "EXIT", from: pid, reason: "hej" });
  });

  it("T-NODE-21 calls to a stopped node", async () => {
    const { one, two } = await pair();
    await one.rpc.call(two.name, serves, ["g", true], pass);
    await one.rpc.call(two.name, serves, ["name", false], pass);
    const outcome = await inProcess(one, async (self) => {
      const pid = one.global.whereisName("g");
      if (pid === undefined) throw new Error("the global name is not known");
      const targets = [pid, { name: "name", node: two.name }, { global: "g" }] as const;
      const before: unknown[] = [];
      for (const target of targets) before.push(await call(self, target, "where", 60_000));
      await two.stop();
      await until(() => one.list().length === 0);
      const after: unknown[] = [];
      for (const target of targets) after.push(await errorOf(call(self, target, "where", 60_000)));
      return { before, after, stopped: await errorOf(stop(self, pid)) };
    });
    expect(outcome.before).toEqual([two.name, two.name, two.name]);
    expect(outcome.after).toMatchObject([
      { reason: { nodedown: two.name } },
      { reason: { nodedown: two.name } },
      { reason: "noproc" },
    ]);
    expect(outcome.stopped).toMatchObject({ reason: { nodedown: two.name } });
  });

  it("T-NODE-22 multi_call over nodes", async () => {
    const { one, two } = await pair();
    for (const node of [one.name, two.name]) await one.rpc.call(node, serves, ["mcx", false], pass);
    const nodes = [one.name, two.name, "nobody@host"];
    const result = await inProcess(one, (self) => multiCall(self, { name: "mcx", nodes }, "where"));
    expect(result.replies).toEqual([
      [one.name, one.name],
      [two.name, two.name],
    ]);
    expect(result.badNodes).toEqual(["nobody@host"]);
  });
});
