/**
 * Cryptography for simulations: of the right shape, cheap, and with no secret in it.
 *
 * Two sides come to the same keys only if they have the same cookie and the same transcript, and what was changed on its way
 * does not open: all that sessions are built on holds, except against somebody who wants to break it. The real one costs more
 * than everything else in a simulated cluster together.
 */
import type { Secrecy } from "@otp/core/runtime";

const tagBytes = 16;

/** Two running hashes over anything. */
class Mixer {
  #a = 0x81_1c_9d_c5;
  #b = 0x9e_37_79_b9;

  add(bytes: Uint8Array): this {
    let a = this.#a;
    let b = this.#b;
    for (let at = 0; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      a = Math.imul(a ^ byte, 0x01_00_01_93);
      b = Math.imul(b + byte + (b >>> 13), 0x85_eb_ca_6b);
    }
    // What stood in one part must not look like what stood in two.
    this.#a = Math.imul(a ^ bytes.length ^ 0x5b, 0x01_00_01_93);
    this.#b = b ^ (b >>> 16);
    return this;
  }

  /** Writes `length` bytes, a multiple of four, that depend on everything added. */
  write(target: Uint8Array, start: number, length: number): void {
    let a = this.#a;
    let b = this.#b;
    for (let at = 0; at < length; at += 4) {
      a = Math.imul(a ^ (b >>> 15), 0x2c_1b_3c_6d) ^ at;
      b = Math.imul(b ^ (a >>> 12), 0x29_7a_2d_39);
      const word = a ^ (b >>> 7);
      target[start + at] = word;
      target[start + at + 1] = word >>> 8;
      target[start + at + 2] = word >>> 16;
      target[start + at + 3] = word >>> 24;
    }
  }

  get digest(): Uint8Array {
    const bytes = new Uint8Array(32);
    this.write(bytes, 0, 32);
    return bytes;
  }
}

const text = new TextEncoder();

/** Hashes that are no hashes, keys that are no keys; see above. */
export const cheapSecrecy: Secrecy = {
  digest(...parts) {
    const mixer = new Mixer();
    for (const part of parts) mixer.add(part);
    return mixer.digest;
  },

  mac(key, ...parts) {
    return cheapSecrecy.digest(key, ...parts);
  },

  keyPair(secret) {
    const publicKey = cheapSecrecy.digest(secret);
    return {
      publicKey,
      agree(theirs) {
        if (theirs.every((byte) => byte === 0)) return undefined;
        return cheapSecrecy.digest(publicKey.map((byte, at) => byte ^ (theirs[at] ?? 0)));
      },
    };
  },

  stretch(cookie, { salt }) {
    return cheapSecrecy.digest(text.encode(cookie), text.encode(salt));
  },

  seal({ key, nonce, about }, parts, target) {
    const mixer = new Mixer().add(key).add(nonce).add(about);
    let at = 0;
    for (const part of parts) {
      target.set(part, at);
      at += part.length;
    }
    mixer.add(target.subarray(0, at)).write(target, at, tagBytes);
  },

  open({ key, nonce, about }, sealed) {
    const end = sealed.length - tagBytes;
    if (end < 0) return undefined;
    const plain = Uint8Array.from(sealed.subarray(0, end));
    const tag = new Uint8Array(tagBytes);
    new Mixer().add(key).add(nonce).add(about).add(plain).write(tag, 0, tagBytes);
    for (let at = 0; at < tagBytes; at += 1) if (tag[at] !== sealed[end + at]) return undefined;
    return plain;
  },
};
