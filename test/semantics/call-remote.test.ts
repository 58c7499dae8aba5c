/** Calls, casts and starts over nodes: the same outcomes, wherever the server is (CALL-6, CALL-12, GS-1). */
import { CallError, isShutdownReason, type Process, remote } from "@otp/core";
import {
  abcast,
  call,
  cast,
  type From,
  multiCall,
  receiveResponse,
  replyTo,
  sendRequest,
  start,
  stop,
  sys,
  whereis,
} from "@otp/genserver";
import { describe, expect, it, vi } from "vitest";

import { cluster, inProcess } from "../support/clusters.ts";
import { callFailure, startFailure } from "./behaviour.ts";
import { pair, Remote } from "./remote-server.ts";

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

  it("LOG-1 is reported where it ran, with the client's node", async () => {
    const hub = await cluster();
    const [one, two] = [await hub.start("one@localhost"), await hub.start("two@localhost")];
    await one.node.connect(two.node.name);
    const pid = await start(two.node, Remote);
    const client = await inProcess(one.node, async (self) => {
      await callFailure(call(self, pid, { type: "raise" }));
      return self.pid;
    });
    const reports = two.logs.filter(({ event }) => event === "genserver_terminate");
    expect(reports).toMatchObject([
      {
        reason: "TypeError: boom",
        lastMessage: "{ type: 'raise' }",
        client: String(client).replace("<0.", "<one@localhost."),
        clientStatus: "remote on node one@localhost",
      },
    ]);
    expect(one.logs.filter(({ event }) => event === "genserver_terminate")).toEqual([]);
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
