/** The initiator's half of the handshake and the seal of frames, as `docs/protocol.md` has them: what an outlaw needs to be heard. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";

export const protocol = "Noise_NNpsk0_25519_AESGCM_SHA256";
const spki = Buffer.from("302a300506032b656e032100", "hex");

interface Wishes {
  readonly name: string;
  readonly target: string;
  readonly version?: number;
  readonly offers?: { readonly features: number; readonly more: Uint8Array };
}

interface Accepted {
  readonly send: Uint8Array;
  readonly receive: Uint8Array;
  readonly hash: Uint8Array;
  readonly features: number;
}

/** The initiator's half of `Noise_NNpsk0_25519_AESGCM_SHA256`. */
export class OutlawHandshake {
  readonly invitation: Uint8Array;
  readonly #secret: KeyObject;
  readonly #own: Uint8Array;
  readonly #hash: Uint8Array;
  readonly #chain: Uint8Array;

  constructor(psk: Uint8Array, { name, target, version = 1, offers }: Wishes) {
    const pair = generateKeyPairSync("x25519");
    this.#secret = pair.privateKey;
    this.#own = pair.publicKey.export({ format: "der", type: "spki" }).subarray(spki.length);
    const named = [name, target].flatMap((one) => [u16(Buffer.byteLength(one)), Buffer.from(one)]);
    const prologue = Buffer.concat([Buffer.from("otp-ts"), Buffer.of(version), ...named]);
    let hash = sha(Buffer.from(protocol), prologue);
    let [chain, mixed] = hkdf(Buffer.from(protocol), psk);
    hash = sha(sha(hash, mixed), this.#own);
    let key: Uint8Array;
    [chain, key] = hkdf(chain, this.#own);
    const own = Buffer.from([0, 0, 0, 77, 1, 0, 0, 0, 0]);
    own.writeUInt32BE(offers?.features ?? 0, 5);
    const introduction = Buffer.concat([own, offers?.more ?? Buffer.alloc(0)]);
    const payload = gcm(key, 0, hash, introduction);
    this.#hash = sha(hash, payload);
    this.#chain = chain;
    this.invitation = Buffer.concat([Buffer.of(0x11, version), this.#own, payload]);
  }

  accept(answer: Buffer): Accepted | undefined {
    if (answer.length < 58 || !answer.subarray(2, 10).equals(this.#own.subarray(0, 8))) return undefined;
    const theirs = answer.subarray(10, 42);
    const publicKey = createPublicKey({ key: Buffer.concat([spki, theirs]), format: "der", type: "spki" });
    const shared = diffieHellman({ privateKey: this.#secret, publicKey });
    let hash = sha(this.#hash, theirs);
    let [chain] = hkdf(this.#chain, theirs);
    let key: Uint8Array;
    [chain, key] = hkdf(chain, shared);
    const payload = answer.subarray(42);
    const said = ungcm(key, 0, hash, payload);
    // Anything but a welcome is as good as no answer.
    if (said?.[0] !== 0) return undefined;
    hash = sha(hash, payload);
    const [send, receive] = hkdf(chain, Buffer.alloc(0));
    return { hash, send, receive, features: said.readUInt32BE(6) };
  }
}

export function gcm(key: Uint8Array, counter: number, associated: Uint8Array, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", key, nonce(counter));
  cipher.setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

export function ungcm(
  key: Uint8Array,
  counter: number,
  associated: Uint8Array,
  sealedBytes: Buffer,
): Buffer | undefined {
  if (sealedBytes.length < 16) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce(counter), { authTagLength: 16 });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealedBytes.subarray(-16));
  const plain = decipher.update(sealedBytes.subarray(0, -16));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain;
}

function nonce(counter: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(BigInt(counter), 4);
  return bytes;
}

function hkdf(chain: Uint8Array, material: Uint8Array): [Uint8Array, Uint8Array, Uint8Array] {
  const mac = (key: Uint8Array, ...parts: Uint8Array[]): Uint8Array => {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  };
  const temporary = mac(chain, material);
  const first = mac(temporary, Buffer.of(1));
  const second = mac(temporary, first, Buffer.of(2));
  return [first, second, mac(temporary, second, Buffer.of(3))];
}

function sha(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function u16(value: number): Uint8Array {
  return Buffer.of(value >> 8, value & 255);
}
