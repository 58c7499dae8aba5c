/**
 * The primitives of cryptography that sessions are made of, with those of the host.
 *
 * They stand beside chance because they are of the same kind: whoever may replace the entropy of a node has its secrets
 * anyway. A simulation puts cheap ones of the same shape in their place, so that everything above runs as it is: handshake,
 * transcript, counters, windows and changes of key.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  scryptSync,
} from "node:crypto";

/** What one message is sealed with: no nonce is used twice under one key. */
export interface Lock {
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** What is not sealed, and authenticated with it. */
  readonly about: Uint8Array;
}

/** Seals the one message that its nonce is for; see `Secrecy.seal`. */
export type Sealing = (parts: readonly Uint8Array[], target: Uint8Array) => void;

/** Opens the one message that its nonce is for; see `Secrecy.open`. */
export type Opening = (sealed: Uint8Array) => Uint8Array | undefined;

/** One side's part of a key agreement. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  /** The secret that both sides come to; `undefined` for a key with which anybody would. */
  agree(theirs: Uint8Array): Uint8Array | undefined;
}

/** What it costs to try a cookie; see `scrypt` of `node:crypto`. */
export interface Stretching {
  readonly salt: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** Hashing, agreeing on keys, sealing. Keys, secrets and digests have 32 bytes, tags 16. */
export interface Secrecy {
  digest(...parts: readonly Uint8Array[]): Uint8Array;
  mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  keyPair(secret: Uint8Array): KeyPair;
  /** Makes a key of a cookie. */
  stretch(cookie: string, how: Stretching): Uint8Array;
  /** Writes `parts`, sealed, and the tag to the start of `target`. */
  seal(lock: Lock, parts: readonly Uint8Array[], target: Uint8Array): void;
  /** What was sealed; `undefined` when it, or what it is about, was changed. */
  open(lock: Lock, sealed: Uint8Array): Uint8Array | undefined;
  /** What `seal` does before it needs the message, which is most of the time that a short one takes; for one message. */
  readyToSeal?(lock: Lock): Sealing;
  /** The same for `open`. */
  readyToOpen?(lock: Lock): Opening;
}

const algorithm = "aes-256-gcm";
const tagBytes = 16;
const options = { authTagLength: tagBytes };
const pkcs8Prefix = Buffer.from("302e020100300506032b656e04220420", "hex");
const spkiPrefix = Buffer.from("302a300506032b656e032100", "hex");

/** SHA-256, X25519, AES-256-GCM and scrypt of the host. */
export const hostSecrecy: Secrecy = {
  digest(...parts) {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  },

  mac(key, ...parts) {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  },

  keyPair(secret) {
    const privateKey = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, secret]), format: "der", type: "pkcs8" });
    const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    return {
      publicKey: Uint8Array.from(spki.subarray(spkiPrefix.length)),
      agree(theirs) {
        const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, theirs]), format: "der", type: "spki" });
        try {
          return diffieHellman({ privateKey, publicKey });
        } catch {
          // OpenSSL refuses points of small order, whose shared secret anybody knows.
          return undefined;
        }
      },
    };
  },

  stretch(cookie, { salt, N, r, p }) {
    return scryptSync(cookie, salt, 32, { N, r, p, maxmem: 256 * r * (N + p) + 65_536 });
  },

  seal(lock, parts, target) {
    readyToSeal(lock)(parts, target);
  },

  open(lock, sealed) {
    return readyToOpen(lock)(sealed);
  },

  readyToSeal,
  readyToOpen,
};

function readyToSeal({ key, nonce, about }: Lock): Sealing {
  const cipher = createCipheriv(algorithm, key, nonce, options);
  cipher.setAAD(about);
  return (parts, target) => {
    let at = 0;
    for (const part of parts) {
      target.set(cipher.update(part), at);
      at += part.length;
    }
    cipher.final();
    target.set(cipher.getAuthTag(), at);
  };
}

function readyToOpen({ key, nonce, about }: Lock): Opening {
  const decipher = createDecipheriv(algorithm, key, nonce, options);
  decipher.setAAD(about);
  return (sealed) => {
    if (sealed.length < tagBytes) return undefined;
    const end = sealed.length - tagBytes;
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    try {
      decipher.final();
    } catch {
      // Not authentic; node:crypto knows no other way to say so.
      return undefined;
    }
    return plain;
  };
}
