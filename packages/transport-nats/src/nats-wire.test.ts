/** `docs/nats-wire.md`: its subjects, and its bytes. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { type ClaimMessage, decodeClaim, encodeClaim, nonceBytes } from "./name-claim.ts";
import { Subjects } from "./subjects.ts";
import { witnessQuestion, witnessSubject } from "./witness.ts";

const page = readFileSync(new URL("../../../docs/nats-wire.md", import.meta.url), "utf8");
const vectors = new Map([...page.matchAll(/^(\w+) +([0-9a-f]+)$/gmu)].map(([, name = "", hex = ""]) => [name, hex]));
const subjects = new Subjects({ prefix: "otp", cluster: "demo", name: "a@host" });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("the description of the datagrams over NATS", () => {
  it("has the subjects on which nodes speak and listen", () => {
    const rows = [...page.matchAll(/^\| `(otp\.[^`]*)` \|/gmu)].map(([, subject]) => subject);
    expect(rows).toEqual([
      subjects.inbox,
      subjects.to("b@host"),
      subjects.back("b@host"),
      subjects.claim,
      subjects.greetings,
      subjects.greeting,
      subjects.answer("0f"),
    ]);
    expect(page).toContain(`\`${witnessSubject}\``);
  });

  it("has the bytes of claims", () => {
    const nonce = Uint8Array.from({ length: nonceBytes }, (_, at) => at + 1);
    const claims: Readonly<Record<string, ClaimMessage>> = {
      claim: { kind: "claim", isSenior: false, nonce },
      reclaim: { kind: "claim", isSenior: true, nonce },
      owned: { kind: "owned", isSenior: false, nonce },
    };
    expect([...vectors.keys()]).toEqual([...Object.keys(claims), "question"]);
    for (const [name, claim] of Object.entries(claims)) {
      const bytes = Buffer.from(vectors.get(name) ?? "", "hex");
      expect([name, hex(encodeClaim(claim))]).toEqual([name, hex(bytes)]);
      expect([name, decodeClaim(Uint8Array.from(bytes))]).toEqual([name, claim]);
    }
  });

  it("has the bytes of the question to the server", () => {
    expect(hex(witnessQuestion(subjects.claim))).toBe(vectors.get("question"));
  });
});
