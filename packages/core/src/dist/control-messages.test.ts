/** The control messages of `docs/protocol.md`: the table, and the bytes of one of each kind. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import type { Signal } from "../signal/signal.ts";
import { IdentityTable } from "../term/identity.ts";
import { spawnedNumbers } from "../term/pid.ts";
import { remote, remoteTerm } from "../term/remote-function.ts";
import { ErlangSignals, op } from "./frame.ts";

const page = readFileSync(new URL("../../../../docs/protocol.md", import.meta.url), "utf8");
const vectors = new Map(
  [...page.matchAll(/^(\w+)_(\d+) +([0-9a-f]+)$/gmu)].map(([, name = "", , hex = ""]) => [name, hex] as const),
);

const identities = new IdentityTable("one@localhost", 1);
const codec = new ErlangSignals({ identities });
const one = identities.own.pid(1);
const two = identities.get("two@localhost", 2).pid(7);
const ref = identities.own.ref(5);
const spawned = identities.get("two@localhost", 1).pid(spawnedNumbers + 1);
const add = remote("math/add", (a: number, b: number) => a + b);

const there = { from: one, to: two };
const back = { from: two, to: one };
const request = { ref, pid: spawned, from: one, groupLeader: one, fn: add[remoteTerm], args: [1, 2] };

/** The documented vectors, in their order. */
const signals: Readonly<Record<string, Signal>> = {
  link: { op: "link", ...there },
  sendName: { op: "sendName", from: one, to: "counter", message: "hello" },
  groupLeader: { op: "groupLeader", leader: one, to: two },
  monitor: { op: "monitor", ...there, ref },
  monitorName: { op: "monitor", from: one, to: "counter", ref },
  demonitor: { op: "demonitor", ...there, ref },
  send: { op: "send", ...there, message: "hello" },
  linkExit: { op: "linkExit", ...there, reason: "normal" },
  exit: { op: "exit", ...there, reason: "kill" },
  down: { op: "down", ...back, ref, reason: "noproc" },
  spawnRequest: { op: "spawnRequest", ...request, wishes: { link: true, monitor: true, reply: "errorOnly" } },
  spawnReply: { op: "spawnReply", ref, to: one, link: true, monitor: true, result: spawned },
  spawnRefusal: { op: "spawnReply", ref, to: one, link: false, monitor: false, result: "notsup" },
  sendAlias: { op: "sendAlias", from: two, to: ref, message: "hello" },
  unlink: { op: "unlink", id: 3, ...there },
  unlinkAck: { op: "unlinkAck", id: 3, ...back },
  call: { op: "call", ...there, alias: ref, type: "$gen_call", request: "get" },
  callName: { op: "call", from: one, to: "counter", alias: ref, type: "$gen_call", request: "get" },
};

function encode(signal: Signal): string {
  const encoder = codec.createEncoder();
  encoder.append(signal);
  return Buffer.from(encoder.take(0)).toString("hex");
}

function decode(hex: string): Signal[] {
  const heard: Signal[] = [];
  codec.decode(Buffer.from(hex, "hex"), (signal) => heard.push(signal) > 0);
  return heard;
}

describe("the control messages of the protocol's description", () => {
  it("are those that the codec knows", () => {
    const rows = [...page.matchAll(/^\| (\d+) \| `(\w+)` \| `\{(\d+), (.*?)\}` \| (.*?) \|/gmu)];
    expect(rows.map(([, number, name]) => [name, Number(number)])).toEqual(Object.entries(op).toSorted(byNumber));
    for (const [, number, , inside] of rows) expect(inside).toBe(number);
    expect(new Set(Object.values(signals).map((signal) => signal.op))).toEqual(new Set(Object.keys(op)));
  });

  it("have the number and as many fields as the table says, and a term behind them where it says so", () => {
    for (const [name, signal] of Object.entries(signals)) {
      const row = new RegExp(`^\\| ${String(op[signal.op])} \\| .*?\\{(.*?)\\}\` \\|(.*?)\\|`, "mu").exec(page);
      const bytes = Buffer.from(vectors.get(name) ?? "", "hex");
      expect([name, bytes[0], bytes[1], bytes[2], bytes[3]]).toEqual([
        name,
        104,
        row?.[1]?.split(", ").length,
        97,
        op[signal.op],
      ]);
      const hasTerm = "message" in signal || "reason" in signal || "args" in signal || "request" in signal;
      expect([name, (row?.[2] ?? "").trim() !== ""]).toEqual([name, hasTerm]);
    }
  });

  it("have the bytes that are written there, and are read from them", () => {
    expect([...vectors.keys()]).toEqual(Object.keys(signals));
    for (const [name, signal] of Object.entries(signals)) {
      const hex = vectors.get(name) ?? "";
      expect([name, encode(signal)]).toEqual([name, hex]);
      expect([name, decode(hex)]).toEqual([name, [signal]]);
    }
  });

  it("are nothing else: another number, another arity, another option", () => {
    expect(() => decode("68036102")).toThrow("operation 2 of 3 fields");
    expect(() => decode("68046116")).toThrow("operation 22 of 4 fields");
    const [pid, pin] = ["pid", "pin"].map((option) => `7703${Buffer.from(option).toString("hex")}`);
    const hex = vectors.get("spawnRequest") ?? "";
    expect(hex).toContain(pid);
    expect(() => decode(hex.replace(pid ?? "", pin ?? ""))).toThrow("expected {pid, Pid} or {reply, When}");
  });
});

function byNumber([, a]: readonly [string, number], [, b]: readonly [string, number]): number {
  return a - b;
}
