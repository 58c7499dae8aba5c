import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeClaim, encodeClaim, judge, nonceBytes, type ClaimMessage } from "./name-claim.ts";

const nonce = fc.uint8Array({ minLength: nonceBytes, maxLength: nonceBytes });
const message: fc.Arbitrary<ClaimMessage> = fc.record({
  kind: fc.constantFrom("claim", "owned"),
  isSenior: fc.boolean(),
  nonce,
});

describe("a claim", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(message, (said) => {
        expect(decodeClaim(encodeClaim(said))).toEqual(said);
      }),
    );
  });

  it("is nothing else than what was written", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const read = decodeClaim(bytes);
        if (read !== undefined) expect(encodeClaim(read)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("NODE-19: of two that want a name", () => {
  const claimant = fc.record({
    phase: fc.constantFrom("claiming" as const, "reclaiming" as const),
    nonce,
    refused: fc.constant([]),
  });
  const claimOf = (who: { phase: string; nonce: Uint8Array }): ClaimMessage => ({
    kind: "claim",
    isSenior: who.phase === "reclaiming",
    nonce: who.nonce,
  });

  it("exactly one gives up when their claims meet", () => {
    fc.assert(
      fc.property(claimant, claimant, (a, b) => {
        fc.pre(Buffer.compare(a.nonce, b.nonce) !== 0);
        expect([judge(a, claimOf(b)), judge(b, claimOf(a))].toSorted()).toEqual(["answer", "give_up"]);
      }),
    );
  });

  it("the one that had it before wins over the one that starts", () => {
    fc.assert(
      fc.property(nonce, nonce, (old, young) => {
        fc.pre(Buffer.compare(old, young) !== 0);
        const heard = claimOf({ phase: "claiming", nonce: young });
        expect(judge({ phase: "reclaiming", nonce: old, refused: [] }, heard)).toBe("answer");
        expect(judge({ phase: "owner", nonce: old, refused: [] }, heard)).toBe("answer");
      }),
    );
  });

  it("a claim that was refused once stays refused", () => {
    fc.assert(
      fc.property(claimant, claimant, (own, other) => {
        fc.pre(Buffer.compare(own.nonce, other.nonce) !== 0);
        expect(judge({ ...own, refused: [other.nonce] }, claimOf(other))).toBe("answer");
      }),
    );
  });

  it("nobody gives up over its own echo, or over an answer meant for another", () => {
    fc.assert(
      fc.property(claimant, nonce, (own, other) => {
        fc.pre(Buffer.compare(own.nonce, other) !== 0);
        expect(judge(own, claimOf(own))).toBe("ignore");
        expect(judge(own, { kind: "owned", isSenior: false, nonce: other })).toBe("ignore");
        expect(judge({ ...own, phase: "owner" }, { kind: "owned", isSenior: false, nonce: own.nonce })).toBe("ignore");
        expect(judge(own, { kind: "owned", isSenior: false, nonce: own.nonce })).toBe("give_up");
      }),
    );
  });
});
