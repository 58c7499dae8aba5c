import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Mailbox, nothing } from "./mailbox.ts";

/** What a mailbox is, without any cleverness: an array, and how much of it a receive has refused. */
class Model {
  messages: number[] = [];
  /** Messages that no receive since `rescan` has refused. */
  fresh: Set<number> = new Set();
  /** Messages that came after the mark. */
  sinceMark: Set<number> = new Set();

  take(wanted: (message: number) => boolean, among: Iterable<number>): number | undefined {
    const looked = [...among];
    const found = looked.find(wanted);
    for (const message of found === undefined ? looked : looked.slice(0, looked.indexOf(found)))
      this.fresh.delete(message);
    if (found !== undefined) this.drop(found);
    return found;
  }

  drop(message: number): void {
    this.messages = this.messages.filter((other) => other !== message);
    this.fresh.delete(message);
    this.sinceMark.delete(message);
  }
}

type Step =
  | { readonly do: "push"; readonly times: number }
  | { readonly do: "shift" }
  | { readonly do: "rescan" }
  | { readonly do: "mark" }
  | { readonly do: "rescanFromMark" }
  | { readonly do: "take" | "takeUnscanned" | "remove"; readonly modulus: number; readonly rest: number };

const choosing = (kind: "take" | "takeUnscanned" | "remove"): fc.Arbitrary<Step> =>
  fc.record({ do: fc.constant(kind), modulus: fc.integer({ min: 1, max: 7 }), rest: fc.integer({ min: 0, max: 6 }) });

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("push" as const), times: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constantFrom("shift" as const, "rescan" as const, "mark" as const, "rescanFromMark" as const) }),
    choosing("take"),
    choosing("takeUnscanned"),
    choosing("remove"),
  ),
  { maxLength: 120 },
);

describe("a mailbox", () => {
  it("RECV-2 behaves like an array, whatever is taken in whatever order", () => {
    fc.assert(
      fc.property(steps, (program) => {
        const mailbox = new Mailbox();
        const model = new Model();
        let made = 0;
        for (const step of program) {
          if (step.do === "push") {
            for (let n = 0; n < step.times; n += 1) {
              made += 1;
              mailbox.push(made);
              model.messages.push(made);
              model.fresh.add(made);
              model.sinceMark.add(made);
            }
          } else if (step.do === "mark") {
            mailbox.mark();
            model.sinceMark.clear();
          } else if (step.do === "rescan") {
            mailbox.rescan();
            model.fresh = new Set(model.messages);
          } else if (step.do === "rescanFromMark") {
            mailbox.rescanFromMark();
            model.fresh = new Set(model.messages.filter((message) => model.sinceMark.has(message)));
          } else if (step.do === "shift") {
            const [oldest] = model.messages;
            expect(mailbox.shift()).toBe(oldest ?? nothing);
            if (oldest !== undefined) model.drop(oldest);
          } else {
            const wanted = (message: unknown): boolean => Number(message) % step.modulus === step.rest % step.modulus;
            if (step.do === "remove") {
              const gone = model.messages.find(wanted);
              expect(mailbox.remove(wanted)).toBe(gone !== undefined);
              if (gone !== undefined) model.drop(gone);
            } else if (step.do === "take") {
              model.fresh = new Set(model.messages);
              expect(mailbox.take(wanted)).toBe(model.take(wanted, model.messages) ?? nothing);
            } else {
              expect(mailbox.takeUnscanned(wanted)).toBe(
                model.take(
                  wanted,
                  [...model.fresh].toSorted((a, b) => a - b),
                ) ?? nothing,
              );
            }
          }
          expect(mailbox.messages()).toEqual(model.messages);
          expect(mailbox.size).toBe(model.messages.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("RECV-7 looks at nothing twice that a receive has refused", () => {
    const mailbox = new Mailbox();
    for (let n = 0; n < 100; n += 1) mailbox.push(n);
    let looks = 0;
    const wanted = (message: unknown): boolean => {
      looks += 1;
      return message === "wanted";
    };
    mailbox.rescan();
    expect(mailbox.takeUnscanned(wanted)).toBe(nothing);
    for (let n = 100; n < 200; n += 1) {
      mailbox.push(n);
      expect(mailbox.takeUnscanned(wanted)).toBe(nothing);
    }
    mailbox.push("wanted");
    expect(mailbox.takeUnscanned(wanted)).toBe("wanted");
    expect(looks).toBe(201);
  });

  it("RECV-7 looks only once at a message that is alone, and refused", () => {
    const mailbox = new Mailbox();
    mailbox.push("unwanted");
    let looks = 0;
    const wanted = (message: unknown): boolean => {
      looks += 1;
      return message === "wanted";
    };
    expect(mailbox.takeUnscanned(wanted)).toBe(nothing);
    expect(mailbox.takeUnscanned(wanted)).toBe(nothing);
    expect(looks).toBe(1);
    mailbox.push("wanted");
    expect(mailbox.takeUnscanned(wanted)).toBe("wanted");
    expect(looks).toBe(2);
    expect(mailbox.messages()).toEqual(["unwanted"]);
  });

  it("is in order when the predicate that is asked of the only message sends or takes", () => {
    const mailbox = new Mailbox();
    mailbox.push("only");
    expect(mailbox.take((message) => mailbox.shift() === message)).toBe(nothing);
    mailbox.push("only");
    const sending = (message: unknown): boolean => {
      if (mailbox.size === 1) mailbox.push("second");
      return message === "second";
    };
    expect(mailbox.take(sending)).toBe("second");
    expect(mailbox.messages()).toEqual(["only"]);
    expect(mailbox.shift()).toBe("only");
    expect(mailbox.size).toBe(0);
  });

  it("RECV-7 keeps what a receive has refused, and the mark, when it closes its holes", () => {
    const mailbox = new Mailbox();
    for (let n = 0; n < 64; n += 1) mailbox.push(n);
    mailbox.mark();
    mailbox.push(64);
    // All holes but the first and the last: the next growth closes them.
    for (let n = 1; n < 63; n += 1) mailbox.take((message) => message === n);
    for (let n = 65; n < 200; n += 1) mailbox.push(n);
    mailbox.rescanFromMark();
    expect(mailbox.takeUnscanned(() => true)).toBe(64);
    expect(mailbox.shift()).toBe(0);
    expect(mailbox.shift()).toBe(63);
  });

  it("is in order when a predicate sends, takes or looks itself", () => {
    const mailbox = new Mailbox();
    for (let n = 0; n < 8; n += 1) mailbox.push(n);
    for (let n = 1; n < 7; n += 1) mailbox.take((message) => message === n);
    let pushed = 8;
    const found = mailbox.take((message) => {
      if (pushed < 40) {
        mailbox.push(pushed);
        pushed += 1;
      }
      return message === 39;
    });
    expect(found).toBe(39);
    expect(mailbox.messages()).toEqual([0, 7, ...Array.from({ length: 31 }, (_, n) => n + 8)]);

    const thieving = (message: unknown): boolean => {
      if (message === 7) while (mailbox.shift() !== nothing);
      return message === 7;
    };
    expect(mailbox.take(thieving)).toBe(nothing);
    expect(mailbox.size).toBe(0);
    mailbox.push("after");
    expect(mailbox.take(() => true)).toBe("after");
  });

  it("RECV-6 loses nothing to a predicate that throws", () => {
    const mailbox = new Mailbox();
    mailbox.push(1);
    mailbox.push(2);
    const throwing = (message: unknown): boolean => {
      if (message === 2) throw new Error("cannot judge");
      return false;
    };
    expect(() => mailbox.take(throwing)).toThrow("cannot judge");
    expect(mailbox.messages()).toEqual([1, 2]);
    for (let n = 3; n < 100; n += 1) mailbox.push(n);
    expect(mailbox.size).toBe(99);
  });

  it("holds any value, undefined and null too", () => {
    const mailbox = new Mailbox();
    for (const message of [undefined, null, 0, "", Number.NaN]) mailbox.push(message);
    expect(mailbox.take((message) => message === undefined)).toBeUndefined();
    expect(mailbox.messages()).toEqual([null, 0, "", Number.NaN]);
    expect(mailbox.shift()).toBeNull();
  });
});
