import { ArgumentError } from "@otp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeToken, encodeToken, Subjects, tokenBytesMax } from "./subjects.ts";

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(".", "*", ">", " ", "\r", "\n", "\t", "=", "a", "4", "0", "@", "é", "\0"),
    maxLength: 30,
  }),
);
const subjects = new Subjects({ prefix: "otp", cluster: "demo", name: "a@host" });

describe("encodeToken", () => {
  it("keeps letters, digits, - and _, and writes every other byte as =XX", () => {
    expect(encodeToken("foo@host.example.com")).toBe("foo=40host=2Eexample=2Ecom");
    expect(encodeToken("a-b_C9")).toBe("a-b_C9");
    expect(encodeToken("é=")).toBe("=C3=A9=3D");
  });

  it("is injective and is read back", () => {
    fc.assert(
      fc.property(nasty, (name) => {
        const token = encodeToken(name);
        fc.pre(token !== undefined);
        expect(decodeToken(token)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never yields a wildcard, white space, a dot or a line break", () => {
    fc.assert(
      fc.property(nasty, (name) => {
        expect(encodeToken(name) ?? "x").toMatch(/^[A-Za-z0-9_=-]{1,255}$/);
      }),
      { numRuns: 2_000 },
    );
  });

  it("refuses what is empty, too long or not text", () => {
    expect(encodeToken("")).toBeUndefined();
    expect(encodeToken("x".repeat(tokenBytesMax))).toHaveLength(tokenBytesMax);
    expect(encodeToken("x".repeat(tokenBytesMax + 1))).toBeUndefined();
    expect(encodeToken("@".repeat(86))).toBeUndefined();
    expect(encodeToken("a\uD800b")).toBeUndefined();
  });
});

describe("decodeToken", () => {
  it("reads the canonical spelling only", () => {
    for (const token of [
      "",
      "=",
      "=4",
      "=4g",
      "=2e",
      "=61",
      "a.b",
      "*",
      ">",
      "a b",
      "=FF",
      "=C3",
      "a\n",
      "x".repeat(256),
    ]) {
      expect(decodeToken(token)).toBeUndefined();
    }
    expect(decodeToken("=EF=BB=BFa")).toBe("\uFEFFa");
  });

  it("has one spelling for each name", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("=", "4", "0", "2", "E", "e", "F", "a", "-"), maxLength: 12 }),
        (token) => {
          const name = decodeToken(token);
          if (name !== undefined) expect(encodeToken(name)).toBe(token);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("Subjects", () => {
  it("names both ends in every subject", () => {
    expect(subjects.inbox).toBe("otp.demo.to.a=40host.from.*");
    expect(subjects.to("b@host")).toBe("otp.demo.to.b=40host.from.a=40host");
    expect(subjects.back("b@host")).toBe("otp.demo.to.a=40host.from.b=40host");
    expect(subjects.greeting).toBe("otp.demo.hello.a=40host");
  });

  it("reads the sender of what comes in, and nothing from a foreign or malformed subject", () => {
    expect(subjects.sender("otp.demo.to.a=40host.from.b=40host")).toEqual({ kind: "node", name: "b@host" });
    expect(subjects.sender(subjects.answer("0f"))).toEqual({ kind: "answer", number: "0f" });
    for (const subject of [
      "",
      "otp.demo.to.c.from.b",
      "otp.demo.to.a=40host.from.b@host",
      "otp.demo.to.a=40host.from.=2e",
    ]) {
      expect(subjects.sender(subject)).toEqual({ kind: "nobody" });
    }
    expect(subjects.greeter("otp.demo.hello.b=40host")).toBe("b@host");
    expect(subjects.greeter("otp.demo.hello.b@host")).toBeUndefined();
  });

  it("has no name on whose subject the server answers", () => {
    fc.assert(
      fc.property(nasty, fc.stringMatching(/^[0-9a-f]+$/), (name, number) => {
        expect(subjects.back(name)).not.toBe(subjects.answer(number));
      }),
    );
  });

  it("has no subject for a name that no node can have", () => {
    expect(subjects.to("")).toBeUndefined();
    expect(subjects.to("x".repeat(256))).toBeUndefined();
  });

  it("forgets names from the network before they fill the memory", () => {
    for (let n = 0; n < 3_000; n += 1) subjects.sender(`otp.demo.to.a=40host.from.n${n}`);
    expect(subjects.sender("otp.demo.to.a=40host.from.n2999")).toEqual({ kind: "node", name: "n2999" });
  });

  it("refuses prefixes, clusters and names that cannot be written", () => {
    const good = { prefix: "otp", cluster: "demo", name: "a" };
    for (const prefix of ["", ".", "a.", "a..b", "a.*", ">", "a b", "a\r\n", "x".repeat(256)]) {
      expect(() => new Subjects({ ...good, prefix })).toThrow(ArgumentError);
    }
    expect(() => new Subjects({ ...good, cluster: "" })).toThrow(/cluster/);
    expect(() => new Subjects({ ...good, name: "" })).toThrow(/node's name/);
    expect(new Subjects({ ...good, prefix: "my.team", cluster: "a.*.>" }).inbox).toBe(
      "my.team.a=2E=2A=2E=3E.to.a.from.*",
    );
  });
});
