import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readWitness, witnessQuestion } from "./witness.ts";

const inbox = "otp.otp.to.a.from.*";
const self = { serverId: "S1", connectionId: 7 };
const answer = (serverId: string, ...connections: readonly object[]): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ server: { id: serverId }, data: { connections } }));

describe("readWitness", () => {
  it("sees another connection with the same inbox, also with the same number at another server", () => {
    const other = { cid: 8, subscriptions_list: ["x", inbox] };
    expect(readWitness(answer("S1", { cid: 7, subscriptions_list: [inbox] }, other), inbox, self)).toBe(true);
    expect(readWitness(answer("S2", { cid: 7, subscriptions_list: [inbox] }), inbox, self)).toBe(true);
  });

  it("does not count itself, nor who listens to more than the inbox", () => {
    const spy = { cid: 8, subscriptions_list: [">", "otp.>", "otp.otp.to.*.from.*"] };
    expect(readWitness(answer("S1", { cid: 7, subscriptions_list: [inbox] }, spy), inbox, self)).toBe(false);
    expect(readWitness(answer("S1"), inbox, self)).toBe(false);
  });

  it("takes nothing else for an answer, and never throws", () => {
    for (const value of [
      "",
      "{",
      "null",
      "[]",
      '{"data":{}}',
      '{"data":{"connections":7}}',
      '{"error":{"code":403}}',
    ]) {
      expect(readWitness(new TextEncoder().encode(value), inbox, self)).toBeUndefined();
    }
    fc.assert(
      fc.property(fc.json(), (json) => {
        readWitness(new TextEncoder().encode(`{"server":${json},"data":{"connections":[${json}]}}`), inbox, self);
      }),
    );
  });

  it("is asked about one subject", () => {
    const question: unknown = JSON.parse(new TextDecoder().decode(witnessQuestion("a.b")));
    expect(question).toMatchObject({ subscriptions: true, filter_subject: "a.b" });
  });
});
