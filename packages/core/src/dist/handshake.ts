/**
 * The messages of the handshake, to bytes and back.
 *
 * ```
 *   invitation   0 0x11, 1 version, 2.. first Noise message
 *   answer       0 0x12, 1 version, 2..9 attempt, 10.. second Noise message
 *   refusal      0 0x13, 1 version, 2..9 attempt, 10 reason: 1 cookie, 2 version
 *
 *   attempt      the first eight bytes of the initiator's ephemeral key
 *   prologue     "otp-ts", version, length and bytes of the initiator's name, of the responder's
 *   what the invitation carries:  u32 incarnation, u8 flags (1 hidden), u32 features
 *   what the answer carries:      u8 verdict (0 welcome, 1 name clash, 2 refused), u32 incarnation, u8 flags, u32 features, text
 * ```
 *
 * Names, version, incarnations, flags and features are all in the transcript, so both sides have the same keys only if they
 * saw the same. The refusal alone is not authentic, for whoever sends it does not share the cookie: it is taken for a hint.
 */
import { keyBytes, type NoiseKeys, NoiseInitiator, type NoisePremise, NoiseResponder } from "./noise.ts";
import { readText, writeText } from "./packet.ts";

/** First byte of each message. */
export const handshakeKind = { invitation: 0x11, answer: 0x12, refusal: 0x13 } as const;
/** The version of the protocol that is spoken here. */
export const protocolVersion = 1;

/** What an invitation is answered with, authentically. */
export const verdict = { welcome: 0, nameClash: 1, refused: 2 } as const;
/** Why an invitation could not be answered. */
export const refusalReason = { cookie: 1, version: 2 } as const;

/** What each side says of itself. */
export interface Introduction {
  readonly creation: number;
  readonly hidden: boolean;
}

/** The two names of a handshake. */
export interface Names {
  readonly initiator: string;
  readonly responder: string;
}

const attemptBytes = 8;
const introductionBytes = 9;
const hiddenFlag = 1;

/** An invitation that has been sent. */
export class Invitation {
  readonly #noise: NoiseInitiator;
  readonly message: Uint8Array;

  constructor(premise: NoisePremise, secret: Uint8Array, self: Introduction) {
    this.#noise = new NoiseInitiator(premise, secret);
    const head = Uint8Array.of(handshakeKind.invitation, protocolVersion);
    this.message = Buffer.concat([head, this.#noise.invite(writeIntroduction(self))]);
  }

  /** Whether an answer or a refusal is for this invitation. */
  owns(message: Uint8Array): boolean {
    return message.length >= 2 + attemptBytes && attemptOf(this.message).equals(message.subarray(2, 2 + attemptBytes));
  }

  /** Reads an answer; `undefined` unless it is authentic and makes sense. */
  accept(message: Uint8Array): Answer | undefined {
    const accepted = this.#noise.accept(message.subarray(2 + attemptBytes));
    if (accepted === undefined) return undefined;
    const { payload, keys } = accepted;
    const peer = readIntroduction(payload.subarray(1));
    const said = payload[0];
    if (peer === undefined || said === undefined) return undefined;
    return { verdict: said, peer, text: readText(payload.subarray(1 + introductionBytes)), keys };
  }
}

/** An authentic answer. */
export interface Answer {
  readonly verdict: number;
  readonly peer: Introduction;
  readonly text: string;
  readonly keys: NoiseKeys;
}

/** An authentic invitation that has been received. */
export class Invited {
  readonly #noise: NoiseResponder;
  readonly #message: Uint8Array;
  readonly peer: Introduction;

  private constructor(noise: NoiseResponder, message: Uint8Array, peer: Introduction) {
    this.#noise = noise;
    this.#message = message;
    this.peer = peer;
  }

  /** Reads an invitation of this version; `undefined` unless its sender knows the cookie. Costs no public-key operation. */
  static read(premise: NoisePremise, message: Uint8Array): Invited | undefined {
    const noise = NoiseResponder.read(premise, message.subarray(2));
    const peer = noise === undefined ? undefined : readIntroduction(noise.payload);
    if (noise === undefined || peer === undefined) return undefined;
    return new Invited(noise, Uint8Array.from(message.subarray(0, 2 + keyBytes)), peer);
  }

  /** The answer, and the keys of the session it opens. */
  answer(
    secret: Uint8Array,
    said: { readonly verdict: number; readonly self: Introduction; readonly text: string },
  ): { readonly message: Uint8Array; readonly keys: NoiseKeys } | undefined {
    const payload = Buffer.concat([Uint8Array.of(said.verdict), writeIntroduction(said.self), writeText(said.text)]);
    const answered = this.#noise.answer(secret, payload);
    if (answered === undefined) return undefined;
    const head = Uint8Array.of(handshakeKind.answer, protocolVersion);
    return { message: Buffer.concat([head, attemptOf(this.#message), answered.message]), keys: answered.keys };
  }
}

/** What tells one invitation from another: its whole ephemeral key, as text. */
export function invitationKey(message: Uint8Array): string {
  return Buffer.from(message.subarray(2, 2 + keyBytes)).toString("latin1");
}

/** Whether `message` is long enough to be an invitation. */
export function isInvitation(message: Uint8Array): boolean {
  return message.length >= 2 + keyBytes + introductionBytes;
}

/** The refusal of an invitation that is not understood. */
export function writeRefusal(invitation: Uint8Array, reason: number): Uint8Array {
  const head = Uint8Array.of(handshakeKind.refusal, protocolVersion);
  return Buffer.concat([head, attemptOf(invitation), Uint8Array.of(reason)]);
}

/** The reason and the version in a refusal. */
export function readRefusal(message: Uint8Array): { readonly reason: number; readonly version: number } | undefined {
  const reason = message[2 + attemptBytes];
  const version = message[1];
  return reason === undefined || version === undefined ? undefined : { reason, version };
}

/** What both sides mix in before anything else. */
export function prologueOf({ initiator, responder }: Names): Uint8Array {
  const named = (name: string): Buffer => {
    const bytes = Buffer.from(name);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([Buffer.from("otp-ts"), Uint8Array.of(protocolVersion), named(initiator), named(responder)]);
}

function attemptOf(invitation: Uint8Array): Buffer {
  return Buffer.from(invitation.subarray(2, 2 + attemptBytes));
}

function writeIntroduction({ creation, hidden }: Introduction): Uint8Array {
  const bytes = Buffer.alloc(introductionBytes);
  bytes.writeUInt32BE(creation);
  bytes[4] = hidden ? hiddenFlag : 0;
  return bytes;
}

// Longer ones are read, too: a later version may say more about itself. Flags and features that are not known here are ignored.
function readIntroduction(bytes: Uint8Array): Introduction | undefined {
  if (bytes.length < introductionBytes) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const creation = view.readUInt32BE(0);
  if (creation === 0) return undefined;
  return { creation, hidden: ((view[4] ?? 0) & hiddenFlag) !== 0 };
}
