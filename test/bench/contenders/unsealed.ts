/**
 * Imported first, has the ciphers of this process do nothing, so that it can be measured what sealing costs. There is no such
 * switch in the product, and there shall be none.
 */
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";

const tag = Buffer.alloc(16);
const idle = {
  setAAD: () => idle,
  setAuthTag: () => idle,
  update: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  final: () => Buffer.alloc(0),
  getAuthTag: () => tag,
};

Object.assign(crypto, { createCipheriv: () => idle, createDecipheriv: () => idle });
syncBuiltinESMExports();
