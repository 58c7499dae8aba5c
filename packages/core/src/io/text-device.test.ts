import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { remote } from "../term/remote-function.ts";
import { performText, type TextState, type TextTraits } from "./text-device.ts";

const traits: TextTraits = { geometry: () => undefined, mayCall: () => true, client: "nonode@nohost" };

const stateOf = (input: string, more: Partial<TextState> = {}): TextState => ({
  input,
  isEnded: true,
  output: "",
  encoding: "unicode",
  capturesPrompts: false,
  ...more,
});

const readLine = { type: "get_line", encoding: "unicode", prompt: "" } as const;

describe("a device of text", () => {
  it("agrees with a naive model of characters, whatever is written and read", () => {
    const unit = fc.constantFrom("a", "é", "\n", "\r\n", "😀", "eof", "\r", "\u0000");
    const text = fc.array(unit, { maxLength: 12 }).map((parts) => parts.join(""));
    const command = fc.oneof(
      fc.record({ type: fc.constant("put_chars" as const), data: text }),
      fc.record({ type: fc.constant("get_line" as const), prompt: text }),
      fc.record({ type: fc.constant("get_chars" as const), prompt: text, count: fc.nat({ max: 6 }) }),
    );
    fc.assert(
      fc.property(text, fc.array(command, { maxLength: 20 }), fc.boolean(), (input, commands, capturesPrompts) => {
        let state = stateOf(input, { capturesPrompts });
        let left = Array.from(input);
        let output = "";
        for (const asked of commands) {
          const step = performText(state, { ...asked, encoding: "unicode" }, traits);
          ({ state } = step);
          const reply = "reply" in step ? step.reply : "nothing";
          if (asked.type === "put_chars") {
            output += asked.data;
            expect(reply).toBe("ok");
            continue;
          }
          if (capturesPrompts) output += asked.prompt;
          const newline = left.indexOf("\n");
          const count = asked.type === "get_chars" ? asked.count : newline === -1 ? left.length : newline + 1;
          const chars = left.slice(0, count).join("");
          left = left.slice(count);
          const expected = asked.type === "get_line" && chars.endsWith("\r\n") ? `${chars.slice(0, -2)}\n` : chars;
          if (expected === "" && count > 0) expect(reply).toBe("eof");
          else if (expected === "" && asked.type === "get_line") expect(reply).toBe("eof");
          else expect(reply).toEqual(expected === "eof" ? { data: "eof" } : expected);
        }
        expect(state).toMatchObject({ input: left.join(""), output });
      }),
    );
  });

  it("reads the same from input that comes in pieces as from input that is all there", () => {
    const pieces = fc.array(fc.string({ unit: fc.constantFrom("a", "\n", "😀"), maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        pieces,
        fc.array(fc.option(fc.nat({ max: 4 }), { nil: null }), { maxLength: 8 }),
        (parts, amounts) => {
          const requests = amounts.map((count) =>
            count === null ? readLine : ({ type: "get_chars", encoding: "unicode", prompt: "", count } as const),
          );
          let whole = stateOf(parts.join(""));
          const expected = requests.map((request) => {
            const step = performText(whole, request, traits);
            whole = step.state;
            return "reply" in step ? step.reply : "nothing";
          });
          let state = stateOf("", { isEnded: false });
          const coming = [...parts];
          const seen = requests.map((request) => {
            for (let step = performText(state, request, traits); ; step = performText(state, step.rest, traits)) {
              ({ state } = step);
              if ("reply" in step) return step.reply;
              const next = coming.shift();
              state = { ...state, input: state.input + (next ?? ""), isEnded: next === undefined };
            }
          });
          expect(seen).toEqual(expected);
        },
      ),
    );
  });

  it("refuses everything that it does not know, and never throws", () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.constantFrom("put_chars", "get_line", "get_chars", "requests", "setopts"),
        (junk, type) => {
          const fields = typeof junk === "object" && junk !== null ? junk : {};
          expect(performText(stateOf(""), junk, traits).state.input).toBe("");
          expect(performText(stateOf(""), { ...fields, type }, traits).state.input).toBe("");
        },
      ),
    );
  });

  it("survives lists of requests however deep they are nested", () => {
    let request: object = { type: "put_chars", encoding: "unicode", data: "x" };
    for (let depth = 0; depth < 100_000; depth += 1) request = { type: "requests", requests: [request] };
    expect(performText(stateOf(""), request, traits)).toMatchObject({ reply: "ok", state: { output: "x" } });
  });

  it("takes bytes in their encoding, and refuses what cannot be said in it", () => {
    const put = (encoding: string, data: unknown): unknown =>
      performText(stateOf(""), { type: "put_chars", encoding, data }, traits);
    expect(put("unicode", Buffer.from("é"))).toMatchObject({ reply: "ok", state: { output: "é" } });
    expect(put("latin1", Uint8Array.of(0xe9))).toMatchObject({ reply: "ok", state: { output: "é" } });
    expect(put("unicode", Uint8Array.of(0xe9))).toMatchObject({ reply: { error: "no_translation" } });
    expect(put("latin1", "€")).toMatchObject({ reply: { error: "no_translation" } });
    const read = performText(stateOf("€\n"), { ...readLine, encoding: "latin1" }, traits);
    expect(read).toMatchObject({ reply: { error: "no_translation" }, state: { input: "€\n" } });
  });

  it("calls functions for its clients, within what is allowed, and outlives what they do", () => {
    const shout = remote("text-device-test/shout", (text: string) => text.toUpperCase());
    const put = (fn: unknown, args: unknown[], more: Partial<TextTraits> = {}): unknown =>
      performText(stateOf(""), { type: "put_chars", encoding: "unicode", fn, args }, { ...traits, ...more });
    expect(put(shout, ["a"])).toMatchObject({ reply: "ok", state: { output: "A" } });
    expect(put(shout, ["a"], { mayCall: () => false })).toMatchObject({ reply: { error: "notsup" } });
    expect(put(() => 5, [])).toMatchObject({ reply: { error: "badarg" } });
    expect(put(shout, [5])).toMatchObject({ reply: { error: "badarg" } });
  });

  it("reads until a function has enough, and keeps what it leaves", () => {
    const word = (before: unknown, text: string): object => {
      const so = (Array.isArray(before) ? "" : String(before)) + (text === "eof" ? "" : text);
      const end = so.indexOf(" ");
      if (end === -1) return text === "eof" ? { done: so, rest: "" } : { more: so };
      return { done: so.slice(0, end), rest: so.slice(end + 1) };
    };
    const request = { type: "get_until", encoding: "unicode", prompt: "", fn: word, args: [] } as const;
    const first = performText(stateOf("hello world"), request, traits);
    expect(first).toMatchObject({ reply: "hello", state: { input: "world" } });
    expect(performText(first.state, request, traits)).toMatchObject({ reply: "world", state: { input: "" } });
    const started = performText(stateOf("wo", { isEnded: false }), request, traits);
    const rest = "rest" in started ? started.rest : null;
    expect(performText({ ...started.state, input: "rd up" }, rest, traits)).toMatchObject({
      reply: "word",
      state: { input: "up" },
    });
    expect(performText(stateOf("x"), { ...request, fn: () => ({ more: 1 }) }, traits)).toMatchObject({
      reply: { error: "badarg" },
    });
  });
});
