/** Calls, casts and starts over nodes: the same outcomes, wherever the server is (CALL-6, CALL-12, GS-1). */
import { CallError, isShutdownReason, type Node, type Pid, type Process, remote } from "@otp/core";
import {
  abcast,
  call,
  cast,
  type From,
  GenServer,
  globalName,
  multiCall,
  noreply,
  ok,
  receiveResponse,
  reply,
  replyTo,
  sendRequest,
  start,
  startLink,
  stop,
  stopWith,
  sys,
  whereis,
} from "@otp/genserver";
import { describe, expect, it, vi } from "vitest";

import { cluster, inProcess } from "../support/clusters.ts";
import { callFailure, startFailure } from "./behaviour.ts";

type Request =
  | { type: "echo"; value: unknown }
  | { type: "never" }
  | { type: "raise" }
  | { type: "stop"; reason: unknown }
  | { type: "sleep"; ms: number }
  | { type: "pass"; to: Pid };

/** A server for other nodes: it can be told everything by data. */
class Remote extends GenServer<unknown> {
  static readonly global = globalName<typeof Remote>("remote");
  override init() {
    return ok([]);
  }
  override async handleCall(request: Request, from: From, state: unknown) {
    switch (request.type) {
      case "echo":
        return reply(request.value, state);
      case "never":
        return noreply(state);
      case "raise":
        throw new TypeError("boom");
      case "stop":
        return stopWith(request.reason, state);
      case "sleep":
        await this.self.sleep(request.ms);
        return reply("slept", state);
      case "pass":
        this.self.send(request.to, { from });
        return noreply(state);
    }
  }
  override handleCast(message: unknown, _state: unknown) {
    return noreply(message);
  }
}

async function pair(): Promise<readonly [Node, Node]> {
  const [one, two] = await (await cluster()).mesh("one@localhost", "two@localhost");
  if (one === undefined || two === undefined) throw new Error("two nodes were asked for");
  return [one, two];
}

describe("a server on another node", () => {
  it("answers calls by pid, by name and by global name, from processes and from outside any", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Remote, undefined, { name: "remote" });
    await start(two, Remote, undefined, { name: Remote.global });
    const targets = [pid, { name: "remote", node: two.name }, Remote.global];
    for (const target of targets) {
      const value = { list: [1, 2n, new Date(3)], nothing: undefined };
      expect(await call(one, target, { type: "echo", value })).toEqual(value);
      expect(await inProcess(one, (self) => call(self, target, { type: "echo", value }))).toEqual(value);
    }
    expect(whereis(one, Remote.global)).toMatchObject({ node: two.name });
    expect(await startFailure(start(one, Remote, undefined, { name: Remote.global }))).toMatchObject({
      type: "already_started",
      pid: whereis(one, Remote.global),
    });
  });

  it("CALL-1 leaves no trace on either node", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Remote);
    await inProcess(one, async (self) => {
      await call(self, pid, { type: "echo", value: 1 });
      await callFailure(call(self, pid, { type: "sleep", ms: 30 }, 5));
      await call(self, pid, { type: "echo", value: 1 });
      expect(one.info(self.pid, "monitors")).toEqual([]);
      expect(one.info(self.pid, "messageQueueLen")).toBe(0);
    });
    await vi.waitFor(() => expect(two.info(pid, "monitoredBy")).toEqual([]));
    expect([one.check(), two.check()]).toEqual([[], []]);
  });

  it("CALL-3 ends calls by its own end, with the reason as it was given", async () => {
    const [one, two] = await pair();
    const reasons: unknown[] = [];
    for (const request of [
      { type: "raise" },
      { type: "stop", reason: "normal" },
      { type: "stop", reason: "shutdown" },
      { type: "stop", reason: { shutdown: ["x"] } },
    ]) {
      const pid = await start(two, Remote);
      reasons.push((await callFailure(call(one, pid, request))).reason);
    }
    expect(reasons).toMatchObject([{ name: "TypeError", message: "boom" }, "normal", "shutdown", { shutdown: ["x"] }]);
    expect(reasons[0]).toBeInstanceOf(TypeError);
    const gone = await start(two, Remote);
    await stop(two, gone);
    for (const target of [gone, { name: "none", node: two.name }]) {
      expect((await callFailure(call(one, target, { type: "never" }))).reason).toBe("noproc");
    }
  });

  it("CALL-6 a lost or unreachable node ends calls with nodedown", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Remote);
    const open = callFailure(inProcess(one, (self) => call(self, pid, { type: "never" }, "infinity")));
    const outside = callFailure(call(one, pid, { type: "never" }, "infinity"));
    await call(one, pid, { type: "echo", value: "both are under way" });
    await two.stop();
    expect((await open).reason).toEqual({ nodedown: two.name });
    expect((await outside).reason).toEqual({ nodedown: two.name });
    expect((await callFailure(call(one, pid, { type: "never" }))).reason).toEqual({ nodedown: two.name });
    expect(cast(one, pid, "x")).toBe("ok");
    expect(one.check()).toEqual([]);
  });

  it("CALL-2 a failed call keeps its class over nodes, and what it says about shutdown", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Remote, undefined, { name: "remote" });
    const failing = two.spawn(async (self: Process) => {
      await self.receive();
      await call(self, pid, { type: "stop", reason: "shutdown" });
    });
    const reason = await inProcess(one, async (self) => {
      const ref = self.monitor(failing);
      self.send(failing, "go");
      const down = await self.receive({ type: "DOWN", ref });
      return down["reason"];
    });
    expect(reason).toBeInstanceOf(CallError);
    expect(reason).toMatchObject({ reason: "shutdown", operation: "call", timeoutMs: 5000 });
    expect(isShutdownReason(reason)).toBe(true);
  });

  it("GS-19 a from may be answered on any node", async () => {
    const [one, two] = await pair();
    const pid = await start(one, Remote);
    const remotePid = await start(two, Remote);
    const answers = async (self: Process): Promise<void> => {
      const { from } = (await self.receive()) as { from: From };
      replyTo(from, `answered by ${self.node.name}`);
      replyTo(from, "twice");
    };
    // A local call whose from goes away, a remote call whose from comes home.
    expect(await call(one, pid, { type: "pass", to: two.spawn(answers) })).toBe("answered by two@localhost");
    expect(await call(one, remotePid, { type: "pass", to: one.spawn(answers) })).toBe("answered by one@localhost");
    expect(await call(one, remotePid, { type: "pass", to: two.spawn(answers) })).toBe("answered by two@localhost");
  });

  it("CALL-12 answers multi-calls and multi-casts", async () => {
    const [one, two] = await pair();
    await start(one, Remote, undefined, { name: "n" });
    const pid = await start(two, Remote, undefined, { name: "n" });
    const request = { type: "echo", value: 1 };
    expect(await multiCall(one, { name: "n" }, request)).toEqual({
      replies: [
        [one.name, 1],
        [two.name, 1],
      ],
      badNodes: [],
    });
    expect(
      await multiCall(one, { name: "n", nodes: [two.name, "bad@localhost"] }, { type: "sleep", ms: 500 }, 20),
    ).toEqual({
      replies: [],
      badNodes: [two.name, "bad@localhost"],
    });
    abcast(one, { name: "n" }, "cast");
    await vi.waitFor(async () => expect(await sys.getState(one, pid)).toBe("cast"));
  });

  it("CALL-13 answers requests whose response is fetched later", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Remote);
    await inProcess(one, async (self) => {
      const request = sendRequest(self, pid, { type: "sleep", ms: 5 });
      expect(await receiveResponse(self, request)).toEqual({ type: "reply", reply: "slept" });
      const failing = sendRequest(self, pid, { type: "stop", reason: "boom" });
      expect(await receiveResponse(self, failing)).toEqual({ type: "error", reason: "boom", server: pid });
    });
  });

  it("SYS-1 can be looked into and stopped from elsewhere", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Remote);
    expect(await sys.getState(one, pid)).toEqual([]);
    const doubled = remote("call-remote-test/replace", () => "replaced");
    expect(await sys.replaceState(one, pid, doubled)).toBe("replaced");
    expect(await sys.getStatus(one, pid)).toMatchObject({ module: "Remote", status: "running" });
    expect(await stop(one, pid, { shutdown: 1 })).toBe("ok");
    expect((await callFailure(stop(one, pid))).reason).toBe("noproc");
  });

  it("refuses at the caller what cannot cross", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Remote);
    const closure = { type: "echo", value: () => 1 };
    expect(() => cast(one, pid, closure)).toThrow(/cannot send/);
    await expect(call(one, pid, closure)).rejects.toThrow(/request\.value: it is a function/);
    expect(await call(one, pid, { type: "echo", value: 1 })).toBe(1);
    await vi.waitFor(() => expect(two.info(pid, "monitoredBy")).toEqual([]));
    expect(one.check()).toEqual([]);
  });
});

describe("what cannot cross", () => {
  class Holder extends GenServer<() => void> {
    override init() {
      return ok(() => undefined);
    }
    override handleCall(_request: unknown, _from: From, state: () => void) {
      return reply(state, state);
    }
  }

  it("ends a server that replies with it, and says so to the caller", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Holder);
    expect((await callFailure(call(one, pid, "give"))).reason).toMatchObject({ name: "CodecError" });
    expect(two.isProcessAlive(pid)).toBe(false);
  });

  it("does not end a server whose state it is", async () => {
    const [one, two] = await pair();
    const pid = await start(two, Holder);
    expect((await callFailure(sys.getState(one, pid))).reason).toMatchObject({ name: "CodecError" });
    expect(await sys.getState(two, pid)).toBeTypeOf("function");
  });
});

describe("a global name", () => {
  it("GS-7 is given once in the cluster, and GS-6 is free when the start fails", async () => {
    const [one, two] = await pair();
    class Refusing extends Remote {
      override init(): never {
        throw new Error("no");
      }
    }
    await startFailure(start(one, Refusing, undefined, { name: Remote.global }));
    expect([whereis(one, Remote.global), whereis(two, Remote.global)]).toEqual([undefined, undefined]);
    const outcomes = await Promise.allSettled([
      start(one, Remote, undefined, { name: Remote.global }),
      start(two, Remote, undefined, { name: Remote.global }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const refused = outcomes.find(({ status }) => status === "rejected");
    expect(refused).toMatchObject({ reason: { reason: { type: "already_started" } } });
    expect(one.processes().length + two.processes().length).toBeGreaterThan(0);
  });

  it("is taken over by a standby when its node dies", async () => {
    const [one, two] = await pair();
    const standby = (node: Node): Promise<unknown> =>
      inProcess(node, (self) => startLink(self, Remote, undefined, { name: Remote.global }));
    const held = start(one, Remote, undefined, { name: Remote.global });
    await held;
    expect(await startFailure(standby(two))).toMatchObject({ type: "already_started" });
    await one.stop();
    await vi.waitFor(() => expect(whereis(two, Remote.global)).toBeUndefined());
    await start(two, Remote, undefined, { name: Remote.global });
    expect(await call(two, Remote.global, { type: "echo", value: 1 })).toBe(1);
  });
});
