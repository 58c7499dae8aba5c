/**
 * Makes a key of a cookie, at a price: what a listener records can be tried against guessed cookies, so each guess is made
 * to cost memory and time.
 */
import { hostSecrecy, type Secrecy } from "../runtime/secrecy.ts";
import type { StretchCost } from "./contract.ts";

/** About 100 ms and 32 MiB for each guess. */
export const defaultStretch: StretchCost = { N: 2 ** 15, r: 8, p: 1 };

// Fixed, since both sides must come to the same key without having spoken; it separates this use from any other.
const salt = "otp-ts distribution 1 Noise_NNpsk0_25519_AESGCM_SHA256 cookie";
const kept = 32;

/** The keys of the cookies of one node, each made once. */
export class CookieKeys {
  readonly #cost: StretchCost;
  readonly #secrecy: Secrecy;
  readonly #keys = new Map<string, Uint8Array>();

  constructor(cost: StretchCost, secrecy: Secrecy = hostSecrecy) {
    this.#cost = cost;
    this.#secrecy = secrecy;
  }

  /** The key of `cookie`; slow the first time. */
  keyOf(cookie: string): Uint8Array {
    let key = this.#keys.get(cookie);
    if (key === undefined) {
      key = this.#secrecy.stretch(cookie, { salt, ...this.#cost });
      if (this.#keys.size >= kept) this.#keys.clear();
      this.#keys.set(cookie, key);
    }
    return key;
  }
}
