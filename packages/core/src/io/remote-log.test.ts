import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { type ForwardedLine, RemoteLog } from "./remote-log.ts";

/** A log in memory, with the clock in hand. */
function world(): {
  readonly log: RemoteLog;
  readonly sent: [string, ForwardedLine][];
  readonly records: () => Record<string, unknown>[];
  readonly tick: (ms: number) => void;
} {
  const lines: string[] = [];
  const sent: [string, ForwardedLine][] = [];
  let now = 0;
  const logger = pino({ level: "debug" }, { write: (line: string) => lines.push(line) });
  const log = new RemoteLog({ logger, now: () => now, send: (node, message) => sent.push([node, message]) });
  const records = (): Record<string, unknown>[] => lines.map((line): Record<string, unknown> => JSON.parse(line));
  return { log, sent, records, tick: (ms) => (now += ms) };
}

const line = (fields: object): ForwardedLine => ({ type: "log", line: JSON.stringify(fields) });

describe("the log shared with other nodes", () => {
  it("hears what a followed logger and its children write, which goes on as before", () => {
    const { log, sent } = world();
    const own: string[] = [];
    const parent = pino({ level: "info" }, { write: (text: string) => own.push(text) });
    const followed = log.follow(parent.child({ pid: "#PID<0.5.0>" }), "two@host");
    followed.info("one");
    followed.child({ more: true }).warn("two");
    followed.debug("not enabled");
    parent.info("not followed");
    expect(sent.map(([node, message]) => [node, message.line])).toEqual(
      own.slice(0, 2).map((text) => ["two@host", text]),
    );
    expect(own).toHaveLength(3);
  });

  it("writes what arrives under the peer's name, with the peer's pids in full", () => {
    const { log, records } = world();
    log.accept(
      "two@host",
      line({ level: 40, time: 1, hostname: "x", node: "liar@host", pid: "#PID<0.5.0>", msg: "of #PID<0.5.0>" }),
    );
    expect(records()).toMatchObject([
      { level: 40, node: "two@host", pid: "#PID<two@host.5.0>", msg: "of #PID<two@host.5.0>" },
    ]);
  });

  it("bounds what it sends, and then tells how much was left out", () => {
    const { log, sent, tick } = world();
    const followed = log.follow(pino({}, { write: () => undefined }).child({}), "two@host");
    for (let i = 0; i < 1_000; i += 1) followed.info("x");
    expect(sent).toHaveLength(100);
    tick(1_000);
    followed.info("x");
    expect(sent.at(-1)?.[1]).toMatchObject({ dropped: 900 });
    expect(sent.at(-2)?.[1]).not.toHaveProperty("dropped");
  });

  it("bounds what it takes from a peer that does not bound itself, one peer apart from another", () => {
    const { log, records, tick } = world();
    for (let i = 0; i < 1_000; i += 1) log.accept("two@host", line({ level: 30, msg: "x" }));
    expect(records()).toHaveLength(200);
    log.accept("three@host", line({ level: 30, msg: "mine" }));
    expect(records()).toHaveLength(201);
    tick(1_000);
    log.accept("two@host", { ...line({ level: 30, msg: "y" }), dropped: 7 });
    expect(records().slice(201)).toMatchObject([{ event: "log_dropped", dropped: 807 }, { msg: "y" }]);
  });

  it("keeps count of so many peers only, for hidden ones come and go under ever new names", () => {
    const { log, records } = world();
    for (let i = 0; i < 201; i += 1) log.accept("two@host", line({ level: 30, msg: "x" }));
    for (let i = 0; i < 1_000; i += 1) log.accept(`shell${String(i)}@host`, line({ level: 30, msg: "y" }));
    expect(records()).toHaveLength(1_200);
    log.accept("two@host", line({ level: 30, msg: "z" }));
    expect(records().slice(1_200)).toMatchObject([{ msg: "z" }]);
  });

  it("ignores what is no record of a log", () => {
    const { log, records } = world();
    const junk = [
      null,
      5,
      "x",
      [],
      {},
      { line: 5 },
      { line: "{" },
      { line: "[]" },
      { line: '{"level":35.5e9}' },
      { line: '{"msg":"x"}' },
    ];
    for (const message of junk) log.accept("two@host", message);
    log.accept("two@host", { line: JSON.stringify({ level: 30, msg: "x".repeat(20_000) }) });
    expect(records()).toEqual([]);
    log.accept("two@host", { line: '{"level":30,"msg":"fine","__proto__":{"a":1}}', dropped: -1 });
    expect(records()).toMatchObject([{ msg: "fine" }]);
  });

  it("shortens what is too long to send, and keeps what it is about", () => {
    const { log, sent } = world();
    const followed = log.follow(pino({}, { write: () => undefined }).child({ pid: "#PID<0.5.0>" }), "two@host");
    followed.error({ event: "process_error", state: "s".repeat(50_000) }, "m".repeat(50_000));
    const text = sent[0]?.[1].line ?? "";
    expect(text.length).toBeLessThan(16_384);
    expect(JSON.parse(text)).toMatchObject({
      level: 50,
      event: "process_error",
      pid: "#PID<0.5.0>",
      isShortened: true,
    });
  });
});
