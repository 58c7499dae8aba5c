/** `docs/protocol.md`, byte by byte. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { wholeOf } from "../codec/held.ts";
import type { Signal } from "../signal/signal.ts";
import { IdentityTable } from "../term/identity.ts";
import { CookieKeys, defaultStretch } from "./cookie.ts";
import { cutFragment } from "./fragments.ts";
import { ErlangSignals } from "./frame.ts";
import { Invitation, Invited, prologueOf, verdict } from "./handshake.ts";
import { Inbox } from "./inbox.ts";
import { type Content, packetKind, readContents, writeContentsHead } from "./packet.ts";
import { Opener, Sealer, sessionIdOf } from "./seal.ts";

const page = readFileSync(new URL("../../../../docs/protocol.md", import.meta.url), "utf8");
const vectors = new Map(
  [...page.matchAll(/^```vectors\n([\s\S]*?)^```/gmu)].flatMap(([, block = ""]) =>
    [...block.matchAll(/^(\w+) +([0-9a-f]+)$/gmu)].map(([, name = "", hex = ""]) => [name, hex] as const),
  ),
);

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");
const secret = (from: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => from + i);
const nothing: Content = { kind: packetKind.nothing, fragment: undefined, body: new Uint8Array() };

describe("the vectors of the protocol's description", () => {
  const psk = new CookieKeys(defaultStretch).keyOf("correct horse battery staple");
  const premise = { psk, prologue: prologueOf({ initiator: "one@localhost", responder: "two@localhost" }) };
  const invitation = new Invitation(premise, secret(1), { creation: 1, hidden: false });
  const welcome = { verdict: verdict.welcome, self: { creation: 2, hidden: true }, text: "" };
  const answered = Invited.read(premise, invitation.message)?.answer(secret(101), welcome);
  const answer = invitation.accept(answered?.message ?? new Uint8Array());

  it("are all there", () => {
    // Those of control messages have a test of their own.
    expect([...vectors.keys()].filter((name) => !/_\d+$/.test(name))).toHaveLength(18);
  });

  it("are what the handshake makes", () => {
    expect(hex(psk)).toBe(vectors.get("psk"));
    expect(hex(premise.prologue)).toBe(vectors.get("prologue"));
    expect(hex(invitation.message)).toBe(vectors.get("invitation"));
    expect(hex(answered?.message)).toBe(vectors.get("answer"));
    expect(answer?.peer).toEqual({ creation: 2, hidden: true });
    expect(hex(answer?.keys.hash)).toBe(vectors.get("hash"));
    expect(hex(answer?.keys.send)).toBe(vectors.get("send"));
    expect(hex(answer?.keys.receive)).toBe(vectors.get("receive"));
    expect(hex(answer && sessionIdOf(answer.keys))).toBe(vectors.get("session"));
  });

  it("are what the session makes", () => {
    if (answer === undefined || answered === undefined) throw new Error("no answer");
    const sealer = new Sealer(sessionIdOf(answer.keys), answer.keys.send);
    const opener = new Opener(answered.keys.receive);
    const first = writeContentsHead(undefined, { sequence: 0, content: nothing, isUrgent: false });
    const frame0 = sealer.seal(first, undefined);
    expect(hex(first)).toBe(vectors.get("contents0"));
    expect(hex(frame0)).toBe(vectors.get("frame0"));
    const identities = new IdentityTable("one@localhost", 1);
    const encoder = new ErlangSignals({ identities }).createEncoder();
    const to = identities.get("two@localhost", 2).pid(7);
    encoder.append({ op: "send", from: identities.own.pid(1), to, message: "hello" });
    const body = encoder.take(0);
    expect(hex(body)).toBe(vectors.get("batch"));
    const ack = { next: 1, frame: 0, delayMs: 2.5, slackMs: 0.5, ranges: [{ start: 3, length: 2 }] };
    const content = { kind: packetKind.batch, fragment: undefined, body };
    const second = writeContentsHead(ack, { sequence: 1, content, isUrgent: true });
    const frame1 = sealer.seal(second, body);
    expect(hex(Buffer.concat([second, body]))).toBe(vectors.get("contents1"));
    expect(hex(frame1)).toBe(vectors.get("frame1"));
    for (const [i, frame] of [frame0, frame1].entries()) {
      const opened = opener.open(frame);
      expect(typeof opened === "string" ? opened : hex(opened.contents)).toBe(vectors.get(`contents${i}`));
    }
  });

  it("are the pieces of a signal with a large binary, and become that signal again", () => {
    const identities = new IdentityTable("one@localhost", 1);
    const codec = new ErlangSignals({ identities });
    const to = identities.get("two@localhost", 2).pid(7);
    const large = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
    const encoder = codec.createEncoder();
    const sent: Signal = { op: "send", from: identities.own.pid(1), to, message: [large, "end"] };
    encoder.append(sent);
    const signal = encoder.take(0);
    expect(hex(signal)).toBe(vectors.get("signal"));
    // A binary as small as this is not held when it is written, so it is taken out here.
    const at = Buffer.from(signal).indexOf(large);
    const skeleton = Buffer.concat([signal.subarray(0, at), signal.subarray(at + large.length)]);
    const whole = wholeOf(skeleton, [{ at, bytes: large, length: large.length }]);
    const pieces: Uint8Array[] = [];
    for (let from = 0; from < whole.length;) {
      const content = cutFragment(5, whole, { at: from, size: from < at ? at : from < at + 4 ? 4 : whole.length });
      const head = writeContentsHead(undefined, { sequence: 2 + pieces.length, content, isUrgent: false });
      pieces.push(Buffer.concat([head, content.body]));
      from += content.body.length;
    }
    const expected = [...vectors].flatMap(([name, bytes]) => (name.startsWith("piece") ? [bytes] : []));
    expect(pieces.map(hex)).toEqual(expected);
    const heard: Signal[] = [];
    const inbox = new Inbox(codec, 1_000, (one) => heard.push(one) > 0);
    for (const piece of pieces) {
      expect(heard).toEqual([]);
      const content = readContents(piece)?.content;
      expect(content === undefined ? "nothing" : inbox.take(content)).toBeUndefined();
    }
    expect(heard).toEqual([sent]);
  });
});
