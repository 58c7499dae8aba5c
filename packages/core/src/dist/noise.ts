/**
 * The key agreement `Noise_NNpsk0_25519_AESGCM_SHA256`, as the Noise specification (revision 34) has it.
 *
 * ```
 *   -> psk, e        the first message is already authenticated by the cookie
 *   <- e, ee         the second proves the cookie and mixes in a secret that is forgotten with the session
 * ```
 *
 * Chosen because it is published, analysed and has test vectors; nothing in it is our own. Everything is synchronous and
 * without I/O: the ephemeral secret comes from outside, so that a simulation is repeatable.
 */
import { hostSecrecy, type KeyPair, type Lock, type Secrecy } from "../runtime/secrecy.ts";

/** Length of an X25519 key, and of every secret here. */
export const keyBytes = 32;
/** Length of the authentication tag of AES-GCM. */
export const tagBytes = 16;

const protocolName = "Noise_NNpsk0_25519_AESGCM_SHA256";

/** What both sides agree on beforehand. */
export interface NoisePremise {
  /** The stretched cookie. */
  readonly psk: Uint8Array;
  /** What both sides must see alike for the handshake to succeed: version and names. */
  readonly prologue: Uint8Array;
  /** Those of the host unless another one is given. */
  readonly secrecy?: Secrecy;
}

/** What both sides have in the end. */
export interface NoiseKeys {
  /** Identifies this handshake and everything said in it. */
  readonly hash: Uint8Array;
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
}

/** The AES-GCM nonce for a counter: four zero bytes, then the counter, big-endian. */
export function writeNonce(nonce: Buffer, counter: number): void {
  nonce.writeUInt32BE(Math.floor(counter / 2 ** 32), 4);
  nonce.writeUInt32BE(counter >>> 0, 8);
}

/** The initiator's half of one handshake. */
export class NoiseInitiator {
  readonly #symmetric: Symmetric;
  readonly #ephemeral: KeyPair;

  constructor(premise: NoisePremise, secret: Uint8Array) {
    this.#symmetric = Symmetric.begin(premise);
    this.#ephemeral = this.#symmetric.secrecy.keyPair(secret);
  }

  /** The public ephemeral key. */
  get publicKey(): Uint8Array {
    return this.#ephemeral.publicKey;
  }

  /** The first message; to be called once. */
  invite(payload: Uint8Array): Uint8Array {
    this.#symmetric.mixEphemeral(this.#ephemeral.publicKey);
    return Buffer.concat([this.#ephemeral.publicKey, this.#symmetric.seal(payload)]);
  }

  /**
   * Reads the second message; `undefined` unless it is an authentic answer to the first. A forged one changes nothing, so
   * that the true one is still understood.
   */
  accept(message: Uint8Array): { readonly payload: Uint8Array; readonly keys: NoiseKeys } | undefined {
    const theirs = message.subarray(0, keyBytes);
    if (theirs.length < keyBytes) return undefined;
    const trial = this.#symmetric.clone();
    trial.mixEphemeral(theirs);
    if (!trial.mixShared(this.#ephemeral, theirs)) return undefined;
    const payload = trial.open(message.subarray(keyBytes));
    if (payload === undefined) return undefined;
    const [first, second] = trial.split();
    return { payload, keys: { hash: trial.hash, send: first, receive: second } };
  }
}

/** The responder's half of one handshake, after the first message was found to be authentic. */
export class NoiseResponder {
  readonly #symmetric: Symmetric;
  readonly #theirs: Uint8Array;
  /** What the first message carried. */
  readonly payload: Uint8Array;

  private constructor(symmetric: Symmetric, theirs: Uint8Array, payload: Uint8Array) {
    this.#symmetric = symmetric;
    this.#theirs = theirs;
    this.payload = payload;
  }

  /** Checks the first message without any public-key operation; `undefined` unless its sender knows the cookie. */
  static read(premise: NoisePremise, message: Uint8Array): NoiseResponder | undefined {
    const theirs = Uint8Array.from(message.subarray(0, keyBytes));
    if (theirs.length < keyBytes) return undefined;
    const symmetric = Symmetric.begin(premise);
    symmetric.mixEphemeral(theirs);
    const payload = symmetric.open(message.subarray(keyBytes));
    return payload === undefined ? undefined : new NoiseResponder(symmetric, theirs, payload);
  }

  /** The second message and the keys; `undefined` when the initiator's key is one that agrees on nothing. */
  answer(
    secret: Uint8Array,
    payload: Uint8Array,
  ): { readonly message: Uint8Array; readonly keys: NoiseKeys } | undefined {
    const symmetric = this.#symmetric.clone();
    const ephemeral = symmetric.secrecy.keyPair(secret);
    symmetric.mixEphemeral(ephemeral.publicKey);
    if (!symmetric.mixShared(ephemeral, this.#theirs)) return undefined;
    const message = Buffer.concat([ephemeral.publicKey, symmetric.seal(payload)]);
    const [first, second] = symmetric.split();
    return { message, keys: { hash: symmetric.hash, send: second, receive: first } };
  }
}

/** The specification's SymmetricState with its CipherState. */
class Symmetric {
  readonly secrecy: Secrecy;
  hash: Uint8Array;
  #chain: Uint8Array;
  #key: Uint8Array = new Uint8Array(keyBytes);
  #counter = 0;

  private constructor(secrecy: Secrecy, hash: Uint8Array, chain: Uint8Array) {
    this.secrecy = secrecy;
    this.hash = hash;
    this.#chain = chain;
  }

  static begin(premise: NoisePremise): Symmetric {
    const name = Buffer.from(protocolName, "latin1");
    const symmetric = new Symmetric(premise.secrecy ?? hostSecrecy, name, name);
    symmetric.#mixHash(premise.prologue);
    const [chain, temporary, key] = symmetric.#derive(premise.psk);
    symmetric.#chain = chain;
    symmetric.#mixHash(temporary);
    symmetric.#key = key;
    return symmetric;
  }

  clone(): Symmetric {
    const copy = new Symmetric(this.secrecy, this.hash, this.#chain);
    copy.#key = this.#key;
    copy.#counter = this.#counter;
    return copy;
  }

  mixEphemeral(publicKey: Uint8Array): void {
    this.#mixHash(publicKey);
    this.#mixKey(publicKey);
  }

  mixShared(own: KeyPair, theirs: Uint8Array): boolean {
    const shared = own.agree(theirs);
    if (shared === undefined) return false;
    this.#mixKey(shared);
    return true;
  }

  seal(plain: Uint8Array): Uint8Array {
    const sealed = new Uint8Array(plain.length + tagBytes);
    this.secrecy.seal(this.#nextLock(), [plain], sealed);
    this.#mixHash(sealed);
    return sealed;
  }

  open(sealed: Uint8Array): Uint8Array | undefined {
    if (sealed.length < tagBytes) return undefined;
    const plain = this.secrecy.open(this.#nextLock(), sealed);
    if (plain !== undefined) this.#mixHash(sealed);
    return plain;
  }

  split(): readonly [Uint8Array, Uint8Array] {
    const [first, second] = this.#derive(new Uint8Array(0));
    return [first, second];
  }

  #mixHash(data: Uint8Array): void {
    this.hash = this.secrecy.digest(this.hash, data);
  }

  #mixKey(material: Uint8Array): void {
    const [chain, key] = this.#derive(material);
    this.#chain = chain;
    this.#key = key;
    this.#counter = 0;
  }

  #nextLock(): Lock {
    const nonce = Buffer.alloc(12);
    writeNonce(nonce, this.#counter);
    this.#counter += 1;
    return { key: this.#key, nonce, about: this.hash };
  }

  // The specification's HKDF.
  #derive(material: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array] {
    const { secrecy } = this;
    const temporary = secrecy.mac(this.#chain, material);
    const first = secrecy.mac(temporary, Uint8Array.of(1));
    const second = secrecy.mac(temporary, first, Uint8Array.of(2));
    return [first, second, secrecy.mac(temporary, second, Uint8Array.of(3))];
  }
}
