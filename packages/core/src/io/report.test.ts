import fc from "fast-check";
import { pino } from "pino";
import { describe, expect, it } from "vitest";

import { defaultLogger } from "./log.ts";
import { formatRecord } from "./report.ts";

const plain = { colors: false };

function lineOf(write: (logger: ReturnType<typeof pino>) => void): string {
  let line = "";
  write(pino({ base: null }, { write: (text: string) => (line += text) }));
  return line;
}

describe("a log record for people", () => {
  it("says when, how bad, where and what in one line", () => {
    const line = JSON.stringify({
      level: 40,
      time: new Date(2026, 0, 2, 3, 4, 5, 6).getTime(),
      node: "one@host",
      pid: "#PID<0.5.0>",
      msg: "careful",
    });
    expect(formatRecord(line, plain)).toBe("03:04:05.006 [warning] one@host #PID<0.5.0>: careful\n");
  });

  it("shows an error with its stack, and its other fields once", () => {
    const error = Object.assign(new TypeError("broken"), { code: "E1" });
    const line = lineOf((logger) =>
      logger.error({ node: "nonode@nohost", reason: "TypeError: broken", err: error, state: { a: 1 } }, "it ends"),
    );
    const [head, first, ...rest] = formatRecord(line, plain).trimEnd().split("\n");
    expect(head).toMatch(/^\d\d:\d\d:\d\d\.\d{3} \[error\]: it ends$/);
    expect(first).toBe("    ** TypeError: broken");
    expect(rest[0]).toMatch(/^ +at /);
    expect(rest).toContain("    code: E1");
    expect(rest).toContain("    state: { a: 1 }");
    expect(rest.join("\n")).not.toContain("reason");
  });

  it("cuts what is long, and leaves out what is empty", () => {
    const text = formatRecord(
      lineOf((logger) => logger.info({ messages: [], state: "s".repeat(10_000) }, "x")),
      plain,
    );
    expect(text).toContain("… (10000 characters)");
    expect(text).not.toContain("messages");
  });

  it("obeys no control character, whatever it is given", () => {
    const text = fc.array(fc.integer({ min: 0, max: 0x100 })).map((codes) => String.fromCodePoint(...codes));
    fc.assert(
      fc.property(text, fc.dictionary(text, fc.oneof(text, fc.array(text))), (msg, state) => {
        const line = JSON.stringify({ level: 30, state, msg });
        // oxlint-disable-next-line no-control-regex -- they are what must not be there.
        expect(formatRecord(line, plain)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
        // oxlint-disable-next-line no-control-regex -- likewise.
        expect(formatRecord(msg, plain)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it("is coloured by its level where colours are wanted", () => {
    const line = lineOf((logger) => logger.error("red"));
    expect(formatRecord(line, { colors: true })).toContain("\u001B[31m");
    expect(
      formatRecord(
        lineOf((logger) => logger.info("plain")),
        { colors: true },
      ),
    ).not.toContain("\u001B");
  });

  it("does not change what the level lets through", () => {
    const levelOf = (environment: Record<string, string>): string =>
      defaultLogger({ environment, isTerminal: true }).level;
    expect(levelOf({ OTP_LOG: "debug" })).toBe("debug");
    expect(levelOf({ OTP_LOG: "nonsense" })).toBe("info");
    expect(levelOf({ OTP_LOG_FORMAT: "json", OTP_LOG: "silent" })).toBe("silent");
  });
});
