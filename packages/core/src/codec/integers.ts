/** The bytes of integers: big-endian 32-bit words, and digits to the base of 256, least significant first. */
import { Buffer } from "node:buffer";

import { SMALL_BIG, WORD } from "./tags.ts";

/** The signed 32-bit integer at `at`. */
export function int32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
}

/** Puts a signed 32-bit integer at `at`. */
export function putInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}

/** Puts a whole number beyond 32 bits at `at`, with tag, length and sign, and returns how many bytes that took. */
export function putSmallBig(bytes: Uint8Array, at: number, value: number): number {
  const magnitude = Math.abs(value);
  let end = at + 3;
  for (let low = magnitude % WORD; end < at + 7; low = Math.floor(low / 256)) bytes[end++] = low % 256;
  for (let high = Math.floor(magnitude / WORD); high > 0; high = Math.floor(high / 256)) bytes[end++] = high % 256;
  bytes[at] = SMALL_BIG;
  bytes[at + 1] = end - at - 3;
  bytes[at + 2] = value < 0 ? 1 : 0;
  return end - at;
}

/** The digits of a bigint that is not negative; in linear time, as hexadecimal is. */
export function digitsOf(magnitude: bigint): Uint8Array {
  const hex = magnitude.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex").reverse();
}

/** The integer with those digits, a number if one can hold it; in linear time, and it reverses `digits`. */
export function fromDigits(digits: Uint8Array<ArrayBuffer>): number | bigint {
  digits.reverse();
  if (digits.length <= 7) {
    const small = digits.reduce((value, digit) => value * 256 + digit, 0);
    if (small <= Number.MAX_SAFE_INTEGER) return small;
  }
  const magnitude = BigInt(`0x0${Buffer.from(digits.buffer).toString("hex")}`);
  return magnitude <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(magnitude) : magnitude;
}
