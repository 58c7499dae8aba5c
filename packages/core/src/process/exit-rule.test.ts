import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type ExitSignal, type ExitVerdict, judgeExit } from "./exit-rule.ts";

const deliver: ExitVerdict = { action: "deliver" };
const ignore: ExitVerdict = { action: "ignore" };
const die = (reason: unknown): ExitVerdict => ({ action: "die", reason });

const fromOther: Omit<ExitSignal, "reason"> = { isFromLink: false, isFromSelf: false };
const fromSelf: Omit<ExitSignal, "reason"> = { isFromLink: false, isFromSelf: true };
const fromLink: Omit<ExitSignal, "reason"> = { isFromLink: true, isFromSelf: false };

/** The whole table of chapter 3: the rule, what comes, and what a plain and a trapping process do. */
const table: readonly [rule: string, signal: ExitSignal, plain: ExitVerdict, trapping: ExitVerdict][] = [
  ["EXIT-5 normal from another", { ...fromOther, reason: "normal" }, ignore, deliver],
  ["EXIT-6 normal from itself", { ...fromSelf, reason: "normal" }, die("normal"), deliver],
  ["LINK-9 normal through a link", { ...fromLink, reason: "normal" }, ignore, deliver],
  ["EXIT-7 a reason from another", { ...fromOther, reason: "x" }, die("x"), deliver],
  ["EXIT-7 a reason from itself", { ...fromSelf, reason: "x" }, die("x"), deliver],
  ["LINK-10 a reason through a link", { ...fromLink, reason: "x" }, die("x"), deliver],
  ["EXIT-9 kill from another", { ...fromOther, reason: "kill" }, die("killed"), die("killed")],
  ["EXIT-9 kill from itself", { ...fromSelf, reason: "kill" }, die("killed"), die("killed")],
  ["EXIT-10 kill through a link", { ...fromLink, reason: "kill" }, die("kill"), deliver],
  ["EXIT-11 killed through a link", { ...fromLink, reason: "killed" }, die("killed"), deliver],
  ["EXIT-11 killed from another", { ...fromOther, reason: "killed" }, die("killed"), deliver],
];

describe("K8 the exit table", () => {
  it.each(table)("%s", (_, signal, plain, trapping) => {
    expect(judgeExit(signal, false)).toEqual(plain);
    expect(judgeExit(signal, true)).toEqual(trapping);
  });

  it("EXIT-14 passes any other reason on unchanged, as the same value", () => {
    fc.assert(
      fc.property(fc.anything(), fc.boolean(), (reason, isFromLink) => {
        fc.pre(reason !== "normal" && reason !== "kill");
        const verdict = judgeExit({ reason, isFromLink, isFromSelf: false }, false);
        expect(verdict.action).toBe("die");
        if (verdict.action === "die") expect(Object.is(verdict.reason, reason)).toBe(true);
      }),
    );
  });
});
