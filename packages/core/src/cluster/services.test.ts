/** `docs/services.md`: its tables, and its bytes. */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { ErlangSignals } from "../dist/frame.ts";
import { type IoRequest, isIoRequest, readRequest } from "../io/protocol.ts";
import { RemoteLog } from "../io/remote-log.ts";
import { Mesh, netShapes } from "../node/mesh.ts";
import { Node } from "../node/node.ts";
import type { SystemName } from "../node/system-names.ts";
import { ManualRuntime } from "../runtime/manual.ts";
import type { Signal } from "../signal/signal.ts";
import { IdentityTable } from "../term/identity.ts";
import { spawnedNumbers } from "../term/pid.ts";
import { remote, remoteTerm } from "../term/remote-function.ts";
import { globalShapes, isGlobalMessage } from "./global-messages.ts";
import type { Shapes } from "./message-shape.ts";
import { isOverlapMessage, overlapShapes } from "./overlap-messages.ts";
import { isPgMessage, pgShapes } from "./pg-messages.ts";
import { isRpcReply, runOrder } from "./rpc-worker.ts";

const page = readFileSync(new URL("../../../../docs/services.md", import.meta.url), "utf8");
const [, block = ""] = /^```vectors\n([\s\S]*?)^```/mu.exec(page) ?? [];
const vectors = new Map([...block.matchAll(/^(\w+) +([0-9a-f]+)$/gmu)].map(([, name = "", hex = ""]) => [name, hex]));

const identities = new IdentityTable("one@localhost", 1);
const codec = new ErlangSignals({ identities });
const root = identities.own.pid(0);
const one = identities.own.pid(1);
const two = identities.get("two@localhost", 2).pid(7);
const ref = identities.own.ref(5);
const spawned = identities.get("two@localhost", 1).pid(spawnedNumbers + 1);
const add = remote("math/add", (a: number, b: number) => a + b);

const tell = (to: string, message: unknown): Signal => ({ op: "sendName", from: root, to, message });
const send = (message: unknown): Signal => ({ op: "send", from: one, to: two, message });
const answer = (message: unknown): Signal => ({ op: "send", from: two, to: one, message });

const put = { type: "put_chars", encoding: "unicode", data: "hello\n" };
const order = { fn: add, args: [1, 2], passesSelf: false, timeoutMs: 5_000, caller: { pid: one, ref } };
const request = { ref, pid: spawned, from: one, groupLeader: one, fn: runOrder[remoteTerm], args: [order] };

/** The documented vectors, in their order. */
const signals: Readonly<Record<string, Signal>> = {
  netNodes: tell("$net", { type: "nodes", nodes: ["three@localhost"] }),
  netDoubted: tell("$net", { type: "doubted", node: "three@localhost" }),
  globalClaim: tell("$global", { type: "claim", id: 1, name: "printer", pid: one, replace: false }),
  globalAnswer: tell("$global", { type: "answer", id: 1, isYes: true }),
  globalNames: tell("$global", { type: "names", entries: [["printer", one]] }),
  globalGone: tell("$global", { type: "gone", name: "printer", pid: one, id: null }),
  globalVerdict: tell("$global", { type: "verdict", name: "printer", mine: one, yours: two, winner: one }),
  globalLock: tell("$global", { type: "lock", id: 2, resource: "disk", requester: one, holder: one }),
  overlapsLost: tell("$overlaps", {
    type: "lost",
    by: "one@localhost",
    creation: 1,
    serial: 1,
    nodes: [
      ["three@localhost", 3],
      ["four@localhost", null],
    ],
  }),
  overlapsRemove: tell("$overlaps", { type: "remove" }),
  pgSync: tell("$pg", { type: "sync", scope: "pg", groups: [["workers", [one, one]]] }),
  pgJoin: tell("$pg", { type: "join", scope: "pg", group: "workers", pids: [one] }),
  log: tell("$log", { type: "log", line: '{"level":40,"pid":"#PID<0.1.0>","msg":"hot"}', dropped: 2 }),
  ioRequest: send({ type: "io_request", from: one, replyAs: ref, request: put }),
  ioReply: answer({ type: "io_reply", replyAs: ref, reply: "ok" }),
  rpcRequest: { op: "spawnRequest", ...request, wishes: { link: true, monitor: false, reply: "errorOnly" } },
  rpcReply: answer({ type: "rpc_reply", ref, outcome: { type: "ok", value: 3 } }),
  cast: send({ type: "$gen_cast", message: "reset" }),
};

function encode(signal: Signal): string {
  const encoder = codec.createEncoder();
  encoder.append(signal);
  return Buffer.from(encoder.take(0)).toString("hex");
}

function decode(name: string): Signal {
  const heard: Signal[] = [];
  codec.decode(Buffer.from(vectors.get(name) ?? "", "hex"), (signal) => heard.push(signal) > 0);
  const [signal] = heard;
  if (signal === undefined || heard.length > 1) throw new Error(`${name} is ${String(heard.length)} signals`);
  return signal;
}

function messageOf(name: string): unknown {
  const signal = decode(name);
  return "message" in signal ? signal.message : undefined;
}

/** The part of the page under a heading that begins so. */
function section(title: string): string {
  return page.split(/^## /mu).find((part) => part.startsWith(title)) ?? "";
}

/** The messages in the first column of its tables, as a type and the names of the fields. */
function listed(title: string): (readonly [type: string, fields: readonly string[]])[] {
  return [...section(title).matchAll(/^\| `\{ type: "(\w+)"(?:, )?(.*?) \}` \|/gmu)].map(
    ([, type = "", fields = ""]) => [type, fields === "" ? [] : fields.split(", ").toSorted()],
  );
}

function shapesOf(shapes: Shapes): Record<string, string[]> {
  return Object.fromEntries(Object.entries(shapes).map(([type, fields]) => [type, Object.keys(fields).toSorted()]));
}

describe("the description of the services", () => {
  it("has the bytes of signals, which are read as what they are", () => {
    expect([...vectors.keys()]).toEqual(Object.keys(signals));
    for (const [name, signal] of Object.entries(signals)) {
      expect([name, encode(signal)]).toEqual([name, vectors.get(name)]);
      const read = decode(name);
      expect([name, encode(read)]).toEqual([name, vectors.get(name)]);
      // A function is read as one of its own, of the same name.
      expect([name, isDeepStrictEqual(read, signal)]).toEqual([name, name !== "rpcRequest"]);
    }
  });

  it("lists the names that the node answers to", () => {
    const names: Readonly<Record<SystemName, true>> = {
      $net: true,
      $global: true,
      $overlaps: true,
      $pg: true,
      $log: true,
    };
    const rows = [...section("Names that").matchAll(/^\| `(\$\w+)` \|/gmu)].map(([, name]) => name);
    expect(rows).toEqual(Object.keys(names));
  });

  it.each([
    ["`$net`", netShapes],
    ["`$global`", globalShapes],
    ["`$overlaps`", overlapShapes],
    ["`$pg`", pgShapes],
  ])("lists the messages of %s with their fields", (title, shapes) => {
    expect(Object.fromEntries(listed(title))).toEqual(shapesOf(shapes));
    expect(listed(title)).toHaveLength(Object.keys(shapes).length);
  });

  it("has examples that the services take", () => {
    for (const name of Object.keys(signals)) {
      if (name.startsWith("global")) expect([name, isGlobalMessage(messageOf(name))]).toEqual([name, true]);
      if (name.startsWith("overlaps")) expect([name, isOverlapMessage(messageOf(name))]).toEqual([name, true]);
      if (name.startsWith("pg")) expect([name, isPgMessage(messageOf(name))]).toEqual([name, true]);
    }
    expect(isRpcReply(messageOf("rpcReply"))).toBe(true);
    expect(isIoRequest(messageOf("ioRequest"))).toBe(true);
  });
});

describe("$net, as it is described,", () => {
  it("is what nodes send and act on", () => {
    const done: unknown[] = [];
    const mesh = new Mesh({
      root,
      joins: () => true,
      list: () => ["two@localhost", "three@localhost"],
      send: (node, signal) => done.push([node, encode(signal)]),
      lacks: () => true,
      isTrying: () => false,
      attempt: (node) => done.push(["attempt", node]),
      doubt: (node) => done.push(["doubt", node]),
    });
    mesh.greet("two@localhost");
    mesh.doubted("three@localhost");
    mesh.receive(messageOf("netNodes"));
    mesh.receive(messageOf("netDoubted"));
    for (const stranger of [
      null,
      { nodes: ["a@b"] },
      { type: "known", nodes: ["a@b"] },
      { type: "nodes", nodes: "a@b" },
    ]) {
      mesh.receive(stranger);
    }
    mesh.receive({ type: "doubted", node: "nobody" });
    expect(done).toEqual([
      ["two@localhost", vectors.get("netNodes")],
      ["two@localhost", vectors.get("netDoubted")],
      ["attempt", "three@localhost"],
      ["doubt", "three@localhost"],
    ]);
    expect(listed("`$net`")).toEqual([
      ["nodes", ["nodes"]],
      ["doubted", ["node"]],
    ]);
  });
});

describe("$log, as it is described,", () => {
  it("is what a node writes down", () => {
    const lines: string[] = [];
    const logger = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(line) });
    const log = new RemoteLog({ logger, now: () => 0, send: () => undefined });
    log.accept("one@localhost", messageOf("log"));
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: "log_dropped", dropped: 2 }),
      { level: 40, pid: "#PID<one@localhost.1.0>", node: "one@localhost", msg: "hot" },
    ]);
    expect(listed("`$log`")).toEqual([["log", ["line"]]]);
  });
});

describe("the I/O protocol, as it is described,", () => {
  it("has the requests that devices know", () => {
    const types: Readonly<Record<IoRequest["type"], true>> = {
      put_chars: true,
      get_line: true,
      get_chars: true,
      get_until: true,
      getopts: true,
      setopts: true,
      get_geometry: true,
      requests: true,
    };
    const rows = listed("Devices").filter(([type]) => !type.startsWith("io_"));
    expect(new Set(rows.map(([type]) => type))).toEqual(new Set(Object.keys(types)));
    const values = {
      encoding: "latin1",
      data: "x",
      fn: add,
      args: [],
      prompt: "",
      count: 1,
      options: {},
      what: "rows",
    };
    const filled = { ...values, requests: [] };
    for (const [type, fields] of rows) {
      const given = { type, ...Object.fromEntries(fields.map((field) => [field, Reflect.get(filled, field)])) };
      expect(readRequest(given)).toMatchObject(given);
      for (const field of fields) expect([field, readRequest({ ...given, [field]: undefined })]).toEqual([field, null]);
    }
    expect(readRequest(put)).toEqual(put);
  });
});

describe("a call of a function, as it is described,", () => {
  it("is what a node sends", async () => {
    const runtime = new ManualRuntime();
    const node = await Node.start({ runtime, logger: pino({ level: "silent" }) });
    const sent: Signal[] = [];
    Object.assign(Node.kernelOf(node).services, { route: (_: string, signal: Signal) => void sent.push(signal) });
    node.rpc.sendRequest("two@localhost", add, [1, 2]);
    node.rpc.cast("two@localhost", add, [1, 2]);
    await runtime.settle();
    const [called, cast] = sent;
    const documented = decode("rpcRequest");
    if (called?.op !== "spawnRequest" || cast?.op !== "spawnRequest" || documented.op !== "spawnRequest") {
      throw new Error("no spawn request");
    }
    expect(called.fn).toEqual(documented.fn);
    expect(called.wishes).toEqual(documented.wishes);
    expect(cast.wishes).toEqual({ link: false, monitor: false, reply: "no" });
    const keys = (given: Signal & { readonly op: "spawnRequest" }): string[] =>
      Object.keys(Object(given.args[0])).toSorted();
    expect(keys(called)).toEqual(keys(documented));
    expect(keys(cast)).toEqual(keys(documented));
    const [, fields = ""] = /^\| `\{ (fn, .*?) \}` \|/mu.exec(section("Calls of functions")) ?? [];
    expect(fields.split(", ").toSorted()).toEqual(keys(called));
    await node.stop();
  });

  it("ends with one of the outcomes", () => {
    const rows = listed("Calls of functions").filter(([type]) => type !== "rpc_reply");
    expect(rows.map(([type]) => type)).toEqual(["ok", "throw", "exit", "error"]);
    for (const [type, fields] of rows) {
      const values = { value: 3, reason: "over", error: new Error("no") };
      const outcome = { type, ...Object.fromEntries(fields.map((field) => [field, Reflect.get(values, field)])) };
      expect([type, isRpcReply({ type: "rpc_reply", ref, outcome })]).toEqual([type, true]);
      expect([type, isRpcReply({ type: "rpc_reply", ref, outcome: { type } })]).toEqual([type, false]);
    }
  });
});
