import { createDecipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";

import { NoiseInitiator, NoiseResponder } from "./noise.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");

// The published vector for Noise_NNpsk0_25519_AESGCM_SHA256 of the implementation "cacophony".
const vector = {
  prologue: bytes("4a6f686e2047616c74"),
  psk: bytes("54686973206973206d7920417573747269616e20706572737065637469766521"),
  initiator: bytes("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
  responder: bytes("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
  payloads: ["4c756477696720766f6e204d69736573", "4d757272617920526f746862617264"],
  messages: [
    "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79447c37a89fc17813788d30df2d59501d6066f5f8aecc3406bbd9829f2d24a531b1",
    "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f1448088432f29d79368ef9de4e1ae7a362fb05bf0ad668e026bf5714554497b3a720461",
  ],
  transport: [
    ["462e20412e20486179656b", "7c01e898a6201f36aecee532e29cd0b7f8ffa29d3366ad0dce39a6"],
    ["4361726c204d656e676572", "a9ff535aace3db6a1da1a7fb00fe2de2622bb373abad9fb42c00e0"],
  ],
} as const;

const premise = { psk: vector.psk, prologue: vector.prologue };

function invite(): { initiator: NoiseInitiator; message: Uint8Array } {
  const initiator = new NoiseInitiator(premise, vector.initiator);
  return { initiator, message: initiator.invite(bytes(vector.payloads[0])) };
}

function answer(message: Uint8Array): { message: Uint8Array; keys: { send: Uint8Array; receive: Uint8Array } } {
  const answered = NoiseResponder.read(premise, message)?.answer(vector.responder, bytes(vector.payloads[1]));
  if (answered === undefined) throw new Error("the invitation was not understood");
  return answered;
}

function openFirst(key: Uint8Array, sealed: Uint8Array): string {
  const decipher = createDecipheriv("aes-256-gcm", key, new Uint8Array(12));
  decipher.setAuthTag(sealed.subarray(-16));
  return hex(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]));
}

describe("the key agreement", () => {
  it("makes the messages and keys of the published vector", () => {
    const { initiator, message } = invite();
    expect(hex(message)).toBe(vector.messages[0]);
    const answered = answer(message);
    expect(hex(answered.message)).toBe(vector.messages[1]);
    const accepted = initiator.accept(answered.message);
    expect(hex(accepted?.payload ?? new Uint8Array())).toBe(vector.payloads[1]);
    const [there, back] = vector.transport;
    expect(openFirst(answered.keys.receive, bytes(there[1]))).toBe(there[0]);
    expect(openFirst(answered.keys.send, bytes(back[1]))).toBe(back[0]);
    expect(accepted?.keys.send).toEqual(answered.keys.receive);
    expect(accepted?.keys.receive).toEqual(answered.keys.send);
  });

  it("understands nothing under another key or prologue", () => {
    const { message } = invite();
    const other = Uint8Array.from(vector.psk, (byte) => byte ^ 1);
    expect(NoiseResponder.read({ ...premise, psk: other }, message)).toBeUndefined();
    expect(NoiseResponder.read({ ...premise, prologue: bytes("00") }, message)).toBeUndefined();
  });

  it("does not understand a message in which any bit was changed, and still the true one afterwards", () => {
    const { initiator, message } = invite();
    const answered = answer(message);
    for (let at = 0; at < message.length * 8; at += 5) {
      expect(NoiseResponder.read(premise, flipped(message, at))).toBeUndefined();
    }
    for (let at = 0; at < answered.message.length * 8; at += 5) {
      // The highest bit of an X25519 key is ignored by the curve, but not by the transcript.
      expect(initiator.accept(flipped(answered.message, at))).toBeUndefined();
    }
    expect(initiator.accept(answered.message)).toBeDefined();
  });

  it("refuses a key of small order, whose secret everybody knows", () => {
    const evil = new NoiseInitiator(premise, vector.initiator);
    const { message } = invite();
    expect(evil.accept(Buffer.concat([new Uint8Array(32), message.subarray(32)]))).toBeUndefined();
  });

  it("refuses messages that are too short", () => {
    const { initiator, message } = invite();
    for (const length of [0, 1, 31, 32, 47]) {
      expect(NoiseResponder.read(premise, message.subarray(0, length))).toBeUndefined();
      expect(initiator.accept(message.subarray(0, length))).toBeUndefined();
    }
  });
});

function flipped(message: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(message);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
